//! A body each route takes: what the document shows as an example, and where it shows none a value of the right type.

use super::kinds;
use crate::document::{example, meant};
use serde_json::{Map, Value, json};

/// A place in a body that takes an id.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The way there; `-` is any item of a list.
    pub way: Vec<String>,
    pub kind: String,
    many: bool,
}

impl Slot {
    /// The place itself in a body, made if it is not there.
    pub fn open<'b>(&self, body: &'b mut Value) -> &'b mut Value {
        let mut place = body;
        for step in &self.way {
            place = match step.as_str() {
                "-" => {
                    if place.as_array().is_none_or(Vec::is_empty) {
                        *place = json!([{}]);
                    }
                    &mut place[0]
                }
                name => {
                    if !place.is_object() {
                        *place = json!({});
                    }
                    &mut place[name]
                }
            };
        }
        place
    }

    /// The place, where the body has it.
    pub fn find<'b>(&self, body: &'b mut Value) -> Option<&'b mut Value> {
        let mut place = body;
        for step in &self.way {
            place = if step == "-" { place.get_mut(0)? } else { place.get_mut(step)? };
        }
        Some(place)
    }

    /// An id as the place takes it.
    pub fn shaped(&self, id: &str) -> Value {
        if self.many { json!([id]) } else { json!(id) }
    }
}

/// The places of a body's schema that take an id, however deep.
pub fn slots(document: &Value, schema: &Value) -> Vec<Slot> {
    let mut found = Vec::new();
    look(document, schema, &mut Vec::new(), &mut found);
    found
}

fn look(document: &Value, schema: &Value, way: &mut Vec<String>, found: &mut Vec<Slot>) {
    if way.len() > 8 {
        return; // a thing that holds things of its own kind
    }
    let schema = meant(document, schema);
    if let Some(items) = schema.get("items") {
        way.push("-".to_owned());
        look(document, items, way, found);
        way.pop();
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        look(document, part, way, found);
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        let meaning = meant(document, schema);
        way.push(name.clone());
        if kinds::is_id(name, meaning) {
            found.push(Slot { way: way.clone(), kind: kinds::of_field(name), many: meaning.get("items").is_some() });
        } else {
            look(document, meaning, way, found);
        }
        way.pop();
    }
}

/// A body for a schema: its examples, and what it insists on beside them.
pub fn body(document: &Value, schema: &Value) -> Value {
    let mut body = example(document, schema).unwrap_or_else(|| json!({}));
    complete(document, schema, &mut body);
    body
}

fn complete(document: &Value, schema: &Value, body: &mut Value) {
    let schema = meant(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        complete(document, part, body);
    }
    if let (Some(items), Some(list)) = (schema.get("items"), body.as_array_mut()) {
        list.iter_mut().for_each(|item| complete(document, items, item));
    }
    let Some(fields) = body.as_object_mut() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let property = &schema["properties"][name];
        if !fields.contains_key(name) {
            fields.insert(name.to_owned(), plain(document, name, property));
        }
        if let Some(inside) = fields.get_mut(name) {
            complete(document, property, inside);
        }
    }
}

/// Something of the right type.
fn plain(document: &Value, name: &str, schema: &Value) -> Value {
    let schema = meant(document, schema);
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default(),
        kind => kind.clone(),
    };
    match (kind.as_str().unwrap_or_default(), schema["format"].as_str().unwrap_or_default()) {
        ("string", "date-time") => json!("2035-05-04T10:00:00Z"),
        ("string", "date") => json!("2035-05-04"),
        ("string", "uuid") => json!("00000000-0000-4000-8000-000000000000"),
        ("string", _) if name.contains("code") => json!("123456"),
        ("string", _) => json!("something"),
        ("integer" | "number", _) => json!(1),
        ("boolean", _) => json!(true),
        ("array", _) => json!([]),
        _ => Value::Object(Map::new()),
    }
}

#[test]
fn every_place_for_an_id_is_found_however_deep() {
    let document = json!({ "components": { "schemas": {
        "Ask": { "type": "object", "required": ["items", "trip_id", "at"], "properties": {
            "trip_id": { "type": "string", "format": "uuid" },
            "at": { "type": "string", "format": "date-time" },
            "tag_ids": { "type": ["array", "null"], "items": { "type": "string", "format": "uuid" } },
            "items": { "type": "array", "items": { "$ref": "#/components/schemas/Item" } },
            "place": { "oneOf": [{ "type": "null" }, { "type": "object", "properties": {
                "site_id": { "type": ["string", "null"], "format": "uuid" } } }] },
            "note": { "type": "string", "example": "hello" } } },
        "Item": { "type": "object", "properties": {
            "unit_id": { "type": ["string", "null"], "format": "uuid" }, "quantity": { "type": "integer" } } } } } });
    let schema = json!({ "$ref": "#/components/schemas/Ask" });
    let mut found: Vec<(String, String)> =
        slots(&document, &schema).into_iter().map(|slot| (slot.way.join("/"), slot.kind)).collect();
    found.sort();
    let expected =
        [("items/-/unit_id", "units"), ("place/site_id", "sites"), ("tag_ids", "tags"), ("trip_id", "trips")];
    assert_eq!(found, expected.map(|(way, kind)| (way.to_owned(), kind.to_owned())));
    let mut body = body(&document, &schema);
    assert_eq!(body["note"], "hello");
    assert!(body["at"].is_string() && body["items"] == json!([{}]));
    for slot in slots(&document, &schema) {
        *slot.open(&mut body) = slot.shaped("x");
    }
    assert_eq!((&body["items"], &body["tag_ids"]), (&json!([{ "unit_id": "x" }]), &json!(["x"])));
}
