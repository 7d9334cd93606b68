//! Who asks too often is slowed down and told so (T9, CX30).

use harness::{Answer, Options, TestApp};
use reqwest::Method;
use serde_json::json;

fn figure(answer: &Answer, name: &str) -> u64 {
    answer.header(name).unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
}

#[tokio::test]
async fn after_its_share_an_address_waits() {
    let app = TestApp::start_with(Options { rate_limit: 5, ..Options::default() }).await;
    let rider = app.rider().await;
    for left in (0..5).rev() {
        let answer = app.get(&rider, "/me").await.expect(200);
        let told = (figure(&answer, "ratelimit-limit"), figure(&answer, "ratelimit-remaining"));
        assert_eq!(told, (5, left));
        assert_eq!(answer.header("ratelimit-policy"), Some("5;w=60"));
    }
    let refused = app.get(&rider, "/me").await.refused(429, "rate_limited");
    let wait = figure(&refused, "retry-after");
    assert!((1..=13).contains(&wait), "a fifth of a minute: {wait}");
    assert_eq!(refused.details()["retry_after_seconds"], wait);
    assert_eq!(figure(&refused, "ratelimit-remaining"), 0);
    assert!(figure(&refused, "ratelimit-reset") > 0);
    // an invented origin of the request changes nothing where no proxy is trusted
    let elsewhere = app.ask(Method::GET, "/me").by(&rider).header("x-forwarded-for", "10.1.1.1").send().await;
    elsewhere.refused(429, "rate_limited");
    // machines and providers are not slowed down
    for _ in 0..10 {
        app.ask(Method::GET, "/health").send().await.expect(200);
        app.signed_webhook(br#"{"id":"EV_often","type":"test.test_event","data":{}}"#).await.expect(200);
    }
    app.finish().await;
}

#[tokio::test]
async fn attempts_to_sign_in_are_fewer() {
    let app = TestApp::start_with(Options { rate_limit: 100, auth_rate_limit: 3, ..Options::default() }).await;
    let rider = app.rider().await;
    let guess = json!({ "identifier": rider.email, "password": "a guess of eight" });
    let attempt = async || app.ask(Method::POST, "/auth/login").json(&guess).send().await;
    for _ in 0..3 {
        attempt().await.refused(401, "bad_credentials");
    }
    let refused = attempt().await.refused(429, "rate_limited");
    assert!(figure(&refused, "retry-after") > 0);
    assert_eq!(figure(&refused, "ratelimit-limit"), 3);
    let send = json!({ "phone": rider.phone, "purpose": "sign_in" });
    app.ask(Method::POST, "/auth/otp/send").json(&send).send().await.refused(429, "rate_limited");
    app.get(&rider, "/me").await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn forged_webhooks_are_slowed_down_and_true_ones_are_not() {
    let app = TestApp::start_with(Options { rate_limit: 1_000, ..Options::default() }).await;
    let body = br#"{"id":"EV_true","type":"test.test_event","data":{}}"#;
    let mut slowed = 0;
    for _ in 0..65 {
        let answer = app.webhook_signed_with("wave_ci_WHS_somebody_else", body).await;
        match answer.status {
            401 => {}
            429 => slowed += 1,
            other => panic!("{other} {}", answer.body),
        }
    }
    assert!(slowed >= 4, "{slowed}");
    app.signed_webhook(body).await.expect(200);
    app.finish().await;
}
