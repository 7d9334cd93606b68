//! Every route is in the document, and every operation says what it does.

use crate::{code::Code, expect_complaint, expect_tidy, files, files::File};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Paths that only lead to the document or show it.
const PAGES: [&str; 3] = ["/docs", "/redoc", "/openapi.json"];

/// Paths written as `.route("…")`, beside those the document is made from.
fn routed(house: &[File]) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for file in house.iter().filter(|file| file.is_in(&["api/src"]) || file.path == "runtime/src/health.rs") {
        let code = Code::of(file);
        for at in code.find(".route(").filter(|at| !code.is_test_at(*at)) {
            let path = code.strings.iter().find(|(start, _)| *start == at + ".route(\"".len());
            paths.extend(path.map(|(_, path)| path.clone()));
        }
    }
    paths
}

fn undocumented(routed: &BTreeSet<String>, document: &Value) -> Vec<String> {
    let known = |path: &String| document["paths"].get(path).is_some() || PAGES.contains(&path.as_str());
    routed
        .iter()
        .filter(|path| !known(path))
        .map(|path| format!("{path} is answered and not in the document"))
        .collect()
}

fn silent_operations(document: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in
            item.as_object().unwrap().iter().filter(|(_, operation)| operation["responses"].is_object())
        {
            let mut complain = |what: &str| complaints.push(format!("{method} {path} {what}"));
            if operation["summary"].as_str().is_none_or(str::is_empty) {
                complain("has no summary");
            }
            if operation["tags"].as_array().is_none_or(Vec::is_empty) {
                complain("has no tag");
            }
            if operation["responses"]["default"].is_null() {
                complain("does not say how it fails");
            }
            if !ids.insert(operation["operationId"].as_str().map(str::to_owned)) {
                complain("shares its operationId");
            }
        }
    }
    complaints
}

#[test]
fn every_route_is_in_the_document() {
    let (_, document) = api::openapi::collect();
    let document = serde_json::to_value(&document).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"].as_object().unwrap().len() > 30);
    expect_tidy(&undocumented(&routed(&files::rust()), &document));
    expect_tidy(&silent_operations(&document));
}

#[test]
fn a_hidden_route_is_seen() {
    let house =
        [File::new("api/src/a.rs", "fn a() { Router::new().route(\"/secret\", get(b)).route(\"/docs\", get(c)) }")];
    let document = json!({ "paths": { "/a": { "get": { "operationId": "x", "responses": {} }, "parameters": [] } } });
    assert_eq!(undocumented(&routed(&house), &document), ["/secret is answered and not in the document"]);
    let complaints = silent_operations(&document);
    for about in ["no summary", "no tag", "how it fails"] {
        expect_complaint(&complaints, about);
    }
}
