//! Signing up, in and out.

use crate::house::{House, PASSWORD};
use serde_json::json;

#[tokio::test]
async fn from_signing_up_to_signing_out() {
    let house = House::build().await;
    house.organization("rides").await;
    let org = [("x-org-id", "rides"), ("idempotency-key", "register-1")];
    let ask = json!({ "email": "awa@example.ci", "password": PASSWORD, "full_name": "Awa" });
    let first = house.post("/api/v1/auth/register", &org, ask.clone()).await;
    assert_eq!((first.status.as_u16(), &first.body["data"]["member"]), (201, &json!(true)), "{:?}", first.body);
    let again = house.post("/api/v1/auth/register", &org, ask.clone()).await;
    assert_eq!((again.status, &again.body["data"]), (first.status, &first.body["data"]));
    assert_eq!(house.post("/api/v1/auth/register", &org[..1], ask).await.no(), (409, "identity_taken"));
    let other = json!({ "email": "other@example.ci", "password": PASSWORD });
    assert_eq!(house.post("/api/v1/auth/register", &org, other).await.no(), (422, "idempotency_key_reused"));

    let (token, _) = house.sign_in("awa@example.ci").await;
    let signed_in = [("authorization", token.as_str())];
    let me = house.get("/api/v1/me", &signed_in).await;
    assert_eq!(me.body["data"]["organizations"][0]["slug"], "rides", "{:?}", me.body);
    assert_eq!(me.header("etag"), "\"1\"");
    assert!(me.body["meta"]["request_id"].is_string());
    let renamed = house.send("PATCH", "/api/v1/me", &signed_in, json!({ "full_name": "Awa K." })).await;
    assert_eq!(renamed.body["data"]["full_name"], "Awa K.");

    assert_eq!(house.call("POST", "/api/v1/auth/logout", &signed_in, "").await.status, 200);
    assert_eq!(house.get("/api/v1/me", &signed_in).await.no(), (401, "token_invalid"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_alike() {
    let house = House::build().await;
    house.organization("rides").await;
    for name in ["admin@rides.ci", "nobody@rides.ci"] {
        let ask = json!({ "identifier": name, "password": "wrong wrong wrong" });
        let answer = house.post("/api/v1/auth/login", &[], ask).await;
        assert_eq!(answer.no(), (401, "bad_credentials"));
        assert_eq!(answer.body["error"]["details"], json!({}));
    }
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_the_session() {
    let house = House::build().await;
    house.organization("rides").await;
    let (token, refresh) = house.sign_in("admin@rides.ci").await;
    let ask = json!({ "refresh_token": refresh });
    let next = house.post("/api/v1/auth/refresh", &[], ask.clone()).await;
    assert_eq!(next.status, 200);
    assert_eq!(house.post("/api/v1/auth/refresh", &[], ask).await.no(), (401, "refresh_token_reused"));
    let stolen = json!({ "refresh_token": next.body["data"]["refresh_token"] });
    assert_eq!(house.post("/api/v1/auth/refresh", &[], stolen).await.no(), (401, "token_invalid"));
    assert_eq!(house.get("/api/v1/me", &[("authorization", &token)]).await.no(), (401, "token_invalid"));
}

#[tokio::test]
async fn tokens_that_are_not_ours_are_told_apart_from_none() {
    let house = House::build().await;
    assert_eq!(house.get("/api/v1/me", &[]).await.no(), (401, "auth_required"));
    assert_eq!(house.get("/api/v1/me", &[("authorization", "Basic YTpi")]).await.no(), (401, "auth_required"));
    assert_eq!(house.get("/api/v1/me", &[("authorization", "Bearer a.b.c")]).await.no(), (401, "token_invalid"));
}

#[tokio::test]
async fn sessions_and_devices_are_listed_and_ended() {
    let house = House::build().await;
    house.organization("rides").await;
    let (one, _) = house.sign_in("admin@rides.ci").await;
    let (two, _) = house.sign_in("admin@rides.ci").await;
    let signed_in = [("authorization", one.as_str())];
    let sessions = house.get("/api/v1/auth/sessions", &signed_in).await;
    let sessions = sessions.body["data"].as_array().unwrap().clone();
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/api/v1/auth/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(house.call("DELETE", &path, &signed_in, "").await.status, 200);
    assert_eq!(house.get("/api/v1/me", &[("authorization", &two)]).await.no(), (401, "token_invalid"));

    let new = json!({ "platform": "android", "push_token": "token-1" });
    let device = house.post("/api/v1/me/devices", &signed_in, new).await;
    assert_eq!(device.status, 201);
    let path = format!("/api/v1/me/devices/{}", device.body["data"]["id"].as_str().unwrap());
    assert_eq!(house.call("DELETE", &path, &signed_in, "").await.status, 200);
    assert_eq!(house.call("DELETE", &path, &signed_in, "").await.no(), (404, "not_found"));
    assert_eq!(house.call("DELETE", "/api/v1/me/devices/7", &signed_in, "").await.no(), (404, "not_found"));
}

#[tokio::test]
async fn the_fourth_wrong_code_has_to_wait() {
    let house = House::build().await;
    house.organization("rides").await;
    let ask = json!({ "email": "admin@rides.ci", "purpose": "sign_in" });
    assert_eq!(house.post("/api/v1/auth/otp/send", &[], ask).await.status, 200);
    let wrong = json!({ "email": "admin@rides.ci", "purpose": "sign_in", "code": "no" });
    for left in [2, 1, 0] {
        let answer = house.post("/api/v1/auth/otp/verify", &[], wrong.clone()).await;
        assert_eq!(
            (answer.no(), &answer.body["error"]["details"]["attempts_left"]),
            ((400, "otp_invalid"), &json!(left))
        );
    }
    let fourth = house.post("/api/v1/auth/otp/verify", &[], wrong).await;
    assert_eq!(fourth.no(), (429, "otp_limit"));
    assert!(fourth.header("retry-after").parse::<u64>().unwrap() > 0);
}
