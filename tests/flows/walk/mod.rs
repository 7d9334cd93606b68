//! Walking every route of the OpenAPI document with ids of this or another house put where the route takes one: in its
//! path, its query, and its body however deep. A route that is added later is walked without a word here; a kind of id
//! that nobody can come by is told loudly (★16).

pub mod house;
pub mod kinds;
pub mod sample;

use crate::document;
use harness::{Answer, Person, TestApp, story::uuid};
use house::House;
use reqwest::Method;
use sample::Slot;
use serde_json::Value;

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Route {
    pub method: String,
    /// As described, with `{…}` where ids go.
    pub path: String,
    /// Whether it is said to be open to everybody.
    pub open: bool,
    /// Whether it is an older path of another route.
    pub older: bool,
    /// Whether something new comes of it.
    pub creates: bool,
    /// Names of the path's parameters.
    pub in_path: Vec<String>,
    /// Query parameters that take an id, and of which kind.
    pub in_query: Vec<(String, String)>,
    /// Places in the body that take one.
    pub in_body: Vec<Slot>,
    body: Option<Value>,
}

impl Route {
    /// Whether it may change something.
    pub fn writes(&self) -> bool {
        self.method != "get"
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with this house's ids in it.
    pub fn address(&self, house: &House) -> String {
        self.in_path.iter().fold(self.path.clone(), |path, name| {
            path.replace(&format!("{{{name}}}"), house.id(&kinds::of_path(&self.path, name), &self.name()))
        })
    }

    /// A body the route takes, with this house's ids in it.
    pub fn body(&self, document: &Value, house: &House) -> Option<Value> {
        let schema = self.body.as_ref()?;
        let mut body = sample::body(document, schema);
        for slot in &self.in_body {
            // where the example names a thing, it is a thing of this house
            if let Some(place) = slot.find(&mut body)
                && !place.is_null()
            {
                *place = slot.shaped(house.id(&slot.kind, &self.name()));
            }
        }
        Some(body)
    }

    /// Asks for it.
    pub async fn ask(&self, app: &TestApp, by: &Person, address: &str, body: Option<&Value>, request: &str) -> Answer {
        let verb: Method = self.method.to_uppercase().parse().unwrap();
        let ask = app.ask(verb, address).by(by).key(uuid()).header("x-request-id", request).header("prefer", "wait=0");
        let ask = if self.writes() { ask.header("if-match", version(app, by, address).await) } else { ask };
        match body {
            Some(body) => ask.json(body).send().await,
            None => ask.send().await,
        }
    }
}

/// The version a change is about, where the thing has one.
async fn version(app: &TestApp, by: &Person, address: &str) -> String {
    let seen = app.ask(Method::GET, address).by(by).send().await;
    seen.header("etag").unwrap_or("\"1\"").to_owned()
}

/// Every described operation, and the document.
pub async fn routes(app: &TestApp) -> (Vec<Route>, Value) {
    let document = document::document(app).await;
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(_, one)| one["responses"].is_object()) {
            routes.push(route(&document, method, path, operation));
        }
    }
    (routes, document)
}

fn route(document: &Value, method: &str, path: &str, operation: &Value) -> Route {
    let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
    let named = |place: &str| parameters.iter().filter(|one| one["in"] == place).copied().collect::<Vec<_>>();
    let name = |one: &Value| one["name"].as_str().unwrap().to_owned();
    let in_query = named("query")
        .into_iter()
        .filter(|one| kinds::is_id(&name(one), document::meant(document, &one["schema"])))
        .map(|one| (name(one), kinds::of_field(&name(one))))
        .collect();
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let body = body.is_object().then(|| body.clone());
    let in_path = path.split('{').skip(1).filter_map(|part| part.split('}').next()).map(str::to_owned).collect();
    Route {
        method: method.to_owned(),
        path: path.to_owned(),
        open: operation["security"].as_array().is_some_and(|ways| ways.contains(&serde_json::json!({}))),
        older: operation["deprecated"] == true,
        creates: operation["responses"]["201"].is_object(),
        in_path,
        in_query,
        in_body: body.as_ref().map(|schema| sample::slots(document, schema)).unwrap_or_default(),
        body,
    }
}
