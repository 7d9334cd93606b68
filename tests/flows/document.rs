//! The OpenAPI document as a reader of it sees it: references followed, examples put together.

use harness::TestApp;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// The document this product serves.
pub async fn document(app: &TestApp) -> Value {
    app.ask(Method::GET, "/api/openapi.json").send().await.expect(200).body
}

/// Follows a reference, if this is one.
pub fn resolve<'d>(document: &'d Value, node: &'d Value) -> &'d Value {
    match node["$ref"].as_str() {
        Some(reference) => {
            resolve(document, document.pointer(reference.trim_start_matches('#')).expect("leads somewhere"))
        }
        None => node,
    }
}

/// The schema behind references and "or null".
pub fn meant<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let schema = resolve(document, schema);
    let variants = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    match variants.and_then(|variants| variants.iter().find(|variant| variant["type"] != "null")) {
        Some(variant) => meant(document, variant),
        None => schema,
    }
}

/// What a reader of the document would send.
pub fn example(document: &Value, schema: &Value) -> Option<Value> {
    let schema = meant(document, schema);
    if let Some(example) = schema.get("example").or(schema["examples"].get(0)).or(schema["enum"].get(0)) {
        return Some(example.clone());
    }
    if let Some(items) = schema.get("items") {
        return Some(json!([example(document, items)?]));
    }
    let properties = schema["properties"].as_object()?;
    let shown = |(name, schema): (&String, &Value)| Some((name.clone(), example(document, schema)?));
    Some(Value::Object(properties.iter().filter_map(shown).collect::<Map<_, _>>()))
}
