//! How every answer looks, whoever asks what (T2, T10–T14, T20, T25, CX2–CX5, CX14, CX28, CX29).

use harness::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn success_and_error_each_have_one_shape() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 3_000).await, app.rider().await);
    let good = app.get(&rider, &format!("/trips/{}", ride.id)).await.expect(200);
    let names: Vec<&String> = good.body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["data", "meta"]);
    assert_eq!(good.body["meta"]["request_id"], good.header("x-request-id").unwrap());

    let bad = app.get(&rider, &format!("/trips/{}", uuid::Uuid::new_v4())).await.refused(404, "not_found");
    let mut names: Vec<&str> = bad.body["error"].as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!((bad.body.as_object().unwrap().len(), names), (1, vec!["code", "details", "message"]));
    app.finish().await;
}

#[tokio::test]
async fn a_request_keeps_its_id_from_the_door_to_the_books() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 3_000).await, app.rider().await);
    let body = json!({ "trip_id": ride.id, "seats": 1 });
    let ask = app.ask(Method::POST, "/bookings").by(&rider).key("k").header("x-request-id", "from-my-phone.7");
    let booked = ask.json(&body).send().await.expect(201);
    assert_eq!(booked.header("x-request-id"), Some("from-my-phone.7"));
    assert_eq!(booked.body["meta"]["request_id"], "from-my-phone.7");
    let audited = "select count(*) from audit_events where entity_type = 'booking' and request_id = 'from-my-phone.7'";
    assert_eq!(app.count(audited).await, 1);

    let long = "x".repeat(65);
    for unusable in ["two words", "semi;colon", &long, ""] {
        let answer = app.ask(Method::GET, "/me").by(&rider).header("x-request-id", unusable).send().await.expect(200);
        let made = answer.header("x-request-id").unwrap();
        assert!(uuid::Uuid::parse_str(made).is_ok(), "{unusable:?} became {made:?}");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_http_refuses_is_refused_in_the_same_shape() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let before = app.picture().await;
    app.get(&rider, "/nothing/here").await.refused(404, "not_found");
    app.get(&rider, "/api/v2/trips").await.refused(404, "not_found");
    app.ask(Method::PUT, "/auth/login").send().await.refused(405, "method_not_allowed");
    app.ask(Method::DELETE, "/bookings").by(&rider).send().await.refused(405, "method_not_allowed");
    let plain = app.ask(Method::POST, "/me/devices").by(&rider);
    let plain = plain.body("text/plain", r#"{"platform":"android","push_token":"x"}"#);
    plain.send().await.refused(415, "unsupported_media_type");
    let huge = format!(r#"{{"platform":"android","push_token":"{}"}}"#, "x".repeat(64 * 1024));
    let refused = app.ask(Method::POST, "/me/devices").by(&rider).bytes(huge.into_bytes()).send().await;
    assert_eq!(refused.refused(413, "body_too_large").details()["limit_bytes"], 65_536);
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn no_bytes_a_client_may_send_are_our_mistake() {
    let app = TestApp::start().await;
    let driver = app.driver().await;
    let before = app.picture().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_field = format!(r#"{{"full_name":{}1{}}}"#, r#"{"a":"#.repeat(5_000), "}".repeat(5_000));
    for (bytes, what) in [
        (b"".to_vec(), "nothing"),
        (b"{".to_vec(), "half an object"),
        (b"null".to_vec(), "null"),
        (b"[]".to_vec(), "a list"),
        (b"{\"full_name\":\"a\"} x".to_vec(), "more after the end"),
        (b"{\"full_name\":\"a\",\"full_name\":\"b\"}".to_vec(), "a field twice"),
        (b"{\"full_name\":\"\xff\xfe\"}".to_vec(), "not UTF-8"),
        (b"\xff\xfe\x00".to_vec(), "not text at all"),
        (br#"{"full_name":"a\u0000b"}"#.to_vec(), "NUL in a text"),
        (br#"{"full_name":"\ud800"}"#.to_vec(), "half a character"),
        (deep.into_bytes(), "a deep list"),
        (deep_field.into_bytes(), "a deep field"),
    ] {
        let answer = app.ask(Method::PATCH, "/me").by(&driver).bytes(bytes).send().await;
        assert_eq!((answer.status, answer.code()), (400, "validation_error"), "{what}: {}", answer.body);
    }
    for query in ["page=%00", "page=%ff", "%00=1", "a=%u0000", "page=1&page=2"] {
        app.get(&driver, &format!("/trips?{query}")).await.refused(400, "validation_error");
    }
    for path in ["/trips/%00", "/trips/%ff%fe", "/trips/..%2f..", "/bookings/%F0%9F%9A%97", "/organizations/%00"] {
        app.get(&driver, path).await.refused(404, "not_found");
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    for path in ["/me", "/nothing", "/health", "/api/openapi.json"] {
        let answer = app.get(&rider, path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name} of {path}");
        }
        for name in ["strict-transport-security", "content-security-policy"] {
            assert!(answer.header(name).is_some(), "{name} of {path}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn only_the_configured_origin_may_call_from_a_browser() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    for (origin, allowed) in [
        ("https://app.allocar.test", Some("https://app.allocar.test")),
        ("https://evil.test", None),
        ("https://app.allocar.test.evil.test", None),
        ("http://app.allocar.test", None),
        ("null", None),
    ] {
        let preflight = app.ask(Method::OPTIONS, "/bookings").header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "POST");
        let preflight = preflight.header("access-control-request-headers", "idempotency-key").send().await;
        assert_eq!(preflight.header("access-control-allow-origin"), allowed, "{origin}");
        assert_eq!(preflight.header("access-control-allow-credentials"), None);
        let plain = app.ask(Method::GET, "/me").by(&rider).header("origin", origin).send().await.expect(200);
        assert_eq!(plain.header("access-control-allow-origin"), allowed, "{origin}");
    }
    app.finish().await;
}

#[tokio::test]
async fn health_and_figures_are_there_for_machines() {
    let app = TestApp::start().await;
    for path in ["/health", "/health/live", "/health/ready"] {
        app.ask(Method::GET, path).send().await.expect(200);
    }
    let figures = app.ask(Method::GET, "/metrics").send().await.expect(200);
    assert!(matches!(figures.body, Value::String(_)), "{}", figures.body);
    app.finish().await;
}

#[tokio::test]
async fn the_pages_of_the_document_need_nobody_else() {
    let app = TestApp::start().await;
    let page = app.ask(Method::GET, "/api/docs/").send().await.expect(200);
    let html = page.body.as_str().unwrap().to_owned();
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    let parts = html.split(['"', '\'']).collect::<Vec<_>>();
    let named = |pair: &&[&str]| pair[0].ends_with("src=") || pair[0].ends_with("href=");
    let references: Vec<&str> = parts.windows(2).filter(named).map(|pair| pair[1]).collect();
    assert!(references.len() >= 3, "{html}");
    for reference in references {
        assert!(!reference.contains("//"), "{reference} is fetched from outside");
        let file = reference.trim_start_matches("./").trim_start_matches("/api/docs/");
        app.ask(Method::GET, &format!("/api/docs/{file}")).send().await.expect(200);
    }
    let start = app.ask(Method::GET, "/api/docs/swagger-initializer.js").send().await.expect(200);
    let start = start.body.as_str().unwrap().to_owned();
    assert!(start.contains("/api/openapi.json") && !start.contains("https://"), "{start}");
    app.finish().await;
}
