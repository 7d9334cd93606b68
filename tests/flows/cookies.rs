//! A session in a browser's cookie, or shown by one token for a day (C18, C19, CX6, CX42).

use chrono::TimeDelta;
use harness::{Answer, TestApp, http::Ask};
use reqwest::Method;
use serde_json::json;

async fn sign_in(app: &TestApp) -> (Answer, String) {
    let account = json!({ "email": "awa@a.test", "password": "correct horse battery", "full_name": "Awa" });
    app.ask(Method::POST, "/auth/register").within(&app.slug).json(&account).send().await.expect(201);
    let ask = json!({ "identifier": "awa@a.test", "password": "correct horse battery", "session_token": true });
    let answer = app.ask(Method::POST, "/auth/login").json(&ask).send().await.expect(200);
    let token = answer.text("/session_token");
    (answer, token)
}

fn with(app: &TestApp, token: &str, method: Method, path: &str) -> Ask {
    app.ask(method, path).header("cookie", format!("theme=dark; session_token={token}"))
}

#[tokio::test]
async fn a_cookie_carries_the_session_until_it_ends() {
    let app = TestApp::start().await;
    let (answer, token) = sign_in(&app).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert_eq!(cookie, format!("session_token={token}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure"));
    assert_eq!(app.count("select count(*) from sessions where token_hash is not null").await, 1);
    with(&app, &token, Method::GET, "/me").send().await.expect(200);
    app.ask(Method::GET, "/me").bearer(&token).send().await.expect(200);
    // a token in the header goes first, and a wrong one is not made good by the cookie
    let both = with(&app, &token, Method::GET, "/me").bearer("forged").send().await;
    both.refused(401, "token_invalid");
    for wrong in [token.to_uppercase(), "x".repeat(43), String::new()] {
        let refused = with(&app, &wrong, Method::GET, "/me").send().await;
        assert_eq!(refused.status, 401, "{wrong}");
    }
    let out = with(&app, &token, Method::POST, "/auth/logout").send().await.expect(200);
    assert!(out.header("set-cookie").unwrap().starts_with("session_token=; Path=/; Max-Age=0;"));
    with(&app, &token, Method::GET, "/me").send().await.refused(401, "token_invalid");
    app.ask(Method::GET, "/me").bearer(&answer.text("/access_token")).send().await.refused(401, "token_invalid");
    // a browser goes on sending it; whoever registers is a stranger then, and not refused
    let other = json!({ "email": "b@a.test", "password": "correct horse battery", "full_name": "Awa" });
    with(&app, &token, Method::POST, "/auth/register").within(&app.slug).json(&other).send().await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn it_is_good_for_a_day_and_nobody_gets_one_unasked() {
    let app = TestApp::start().await;
    let (_, token) = sign_in(&app).await;
    app.advance(TimeDelta::hours(23)).await;
    with(&app, &token, Method::GET, "/me").send().await.expect(200);
    app.advance(TimeDelta::hours(1)).await;
    with(&app, &token, Method::GET, "/me").send().await.refused(401, "token_expired");
    let ask = json!({ "identifier": "awa@a.test", "password": "correct horse battery" });
    let plain = app.ask(Method::POST, "/auth/login").json(&ask).send().await.expect(200);
    assert_eq!((plain.header("set-cookie"), plain.data("/session_token")), (None, json!(null)));
    app.finish().await;
}

#[tokio::test]
async fn another_sites_page_cannot_use_it() {
    let app = TestApp::start().await;
    let (_, token) = sign_in(&app).await;
    let before = app.picture().await;
    let patch = json!({ "full_name": "Mallory" });
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.test"),
        ("origin", "https://app.allocar.test"),
        ("origin", "null"),
    ] {
        let asked = with(&app, &token, Method::PATCH, "/me").header(name, value).json(&patch).send().await;
        asked.refused(403, "cross_site");
    }
    assert_eq!(app.picture().await, before);
    // reading is harmless: the answer is not shown to the other page
    with(&app, &token, Method::GET, "/me").header("sec-fetch-site", "cross-site").send().await.expect(200);
    let own = with(&app, &token, Method::PATCH, "/me").header("sec-fetch-site", "same-origin").json(&patch);
    own.send().await.expect(200);
    // and a bearer is nobody's ambient authority
    let bearer = app.ask(Method::PATCH, "/me").bearer(&token).header("origin", "https://evil.test");
    bearer.json(&json!({ "full_name": "Awa" })).send().await.expect(200);
    app.finish().await;
}
