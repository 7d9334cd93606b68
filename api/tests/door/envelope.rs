//! Every way a request can be wrong before a rule sees it has its code, in the envelope.

use crate::house::House;
use http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn what_http_itself_refuses_is_in_the_envelope() {
    let house = House::build().await;
    assert_eq!(house.get("/api/v1/nothing", &[]).await.no(), (404, "not_found"));
    assert_eq!(house.get("/nothing", &[]).await.no(), (404, "not_found"));
    assert_eq!(house.call("DELETE", "/api/v1/auth/login", &[], "").await.no(), (405, "method_not_allowed"));

    let login = "/api/v1/auth/login";
    let json = [("content-type", "application/json")];
    assert_eq!(house.call("POST", login, &json, "{").await.no(), (400, "validation_error"));
    assert_eq!(house.call("POST", login, &json, "").await.no(), (400, "validation_error"));
    let plain = house.call("POST", login, &[("content-type", "text/plain")], "{}").await;
    assert_eq!(plain.no(), (415, "unsupported_media_type"));
    assert_eq!(house.call("POST", login, &json, vec![b' '; 70_000]).await.no(), (413, "body_too_large"));
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let house = House::build().await;
    let login = "/api/v1/auth/login";
    let wrong_type = house.post(login, &[], json!({ "identifier": 5, "password": "x" })).await;
    assert_eq!(
        (wrong_type.no(), &wrong_type.body["error"]["details"]["field"]),
        ((400, "validation_error"), &json!("identifier"))
    );
    let unknown = house.post(login, &[], json!({ "identifier": "a@b.ci", "password": "x", "admin": true })).await;
    assert_eq!(
        (unknown.no(), &unknown.body["error"]["details"]["field"]),
        ((400, "validation_error"), &json!("admin"))
    );
    let nul = house.post(login, &[], json!({ "identifier": "a@b.ci", "password": "\u{0}" })).await;
    assert_eq!(nul.no(), (400, "validation_error"));
    let number = house.post(login, &[], json!({ "identifier": "07 00", "password": "x" })).await;
    assert_eq!(number.no(), (400, "validation_error"));
}

#[tokio::test]
async fn every_answer_carries_its_id_and_its_headers() {
    let house = House::build().await;
    let named = house.get("/api/v1/me", &[("x-request-id", "my-request-1")]).await;
    assert_eq!(named.header("x-request-id"), "my-request-1");
    let odd = house.get("/api/v1/me", &[("x-request-id", "two words")]).await;
    assert_ne!(odd.header("x-request-id"), "two words");
    assert!(!odd.header("x-request-id").is_empty());
    for name in ["x-content-type-options", "x-frame-options", "referrer-policy", "strict-transport-security"] {
        assert!(!named.header(name).is_empty(), "{name}");
    }
    assert_eq!(named.header("cache-control"), "no-store");
    assert!(named.header("content-security-policy").contains("default-src 'none'"));
    assert!(named.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn only_our_own_pages_may_call_from_a_browser() {
    let house = House::build().await;
    let ask = |origin| [("origin", origin), ("access-control-request-method", "POST")];
    let ours = house.call("OPTIONS", "/api/v1/auth/login", &ask("https://app.test"), "").await;
    assert_eq!(ours.status, StatusCode::OK);
    assert_eq!(ours.header("access-control-allow-origin"), "https://app.test");
    assert!(ours.header("access-control-allow-headers").contains("idempotency-key"));
    let theirs = house.call("OPTIONS", "/api/v1/auth/login", &ask("https://evil.test"), "").await;
    assert_eq!(theirs.header("access-control-allow-origin"), "");
}
