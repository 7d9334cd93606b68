//! The document says what the door does.

use crate::house::House;
use serde_json::Value;

#[tokio::test]
async fn the_document_is_openapi_3_1_and_complete() {
    let house = House::build().await;
    let document = house.get("/api/openapi.json", &[]).await;
    assert_eq!(document.body["openapi"], "3.1.0");
    let paths = document.body["paths"].as_object().unwrap();
    for path in ["/api/v1/auth/login", "/api/v1/webhooks/{provider}/{account_id}", "/health/ready", "/metrics"] {
        assert!(paths.contains_key(path), "{path}");
    }
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let responses = &operation["responses"];
            assert_eq!(responses["default"]["$ref"], "#/components/responses/Error", "{method} {path}");
            assert!(operation["summary"].is_string() && operation["tags"].is_array(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn everything_the_document_points_at_is_in_it() {
    let house = House::build().await;
    let document = house.get("/api/openapi.json", &[]).await.body;
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[tokio::test]
async fn the_pages_are_served_from_here_with_a_policy_of_their_own() {
    let house = House::build().await;
    let pages = house.get("/api/docs/", &[]).await;
    assert_eq!(pages.status, 200);
    assert!(pages.header("content-security-policy").contains("script-src 'self'"));
    assert_eq!(house.get("/api/docs/swagger-ui-bundle.js", &[]).await.status, 200);
    for (older, target) in [("/docs", "/api/docs/"), ("/redoc", "/api/docs/"), ("/openapi.json", "/api/openapi.json")] {
        let answer = house.get(older, &[]).await;
        assert!(answer.status.is_redirection() && answer.header("location") == target, "{older}");
    }
}
