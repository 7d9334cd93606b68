//! What a sign-in opens and what ends it (C15–C19, CX6, CX42).

use chrono::TimeDelta;
use harness::{Answer, Person, TestApp, app::JWT_SECRET};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};

async fn me(app: &TestApp, token: &str) -> Answer {
    app.ask(Method::GET, "/me").bearer(token).send().await
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.ask(Method::POST, "/auth/refresh").json(&json!({ "refresh_token": token })).send().await
}

fn claims(of: &Person) -> Value {
    let now = jsonwebtoken::get_current_timestamp();
    json!({ "sub": of.id, "sid": of.session, "iat": now, "exp": now + 900, "iss": "teranga" })
}

fn signed(claims: &Value, secret: &str, algorithm: Algorithm) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_second_use_ends_the_family() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let second = refresh(&app, &rider.refresh_token).await.expect(200);
    let third = refresh(&app, &second.text("/refresh_token")).await.expect(200);
    me(&app, &third.text("/access_token")).await.expect(200);

    refresh(&app, &rider.refresh_token).await.refused(401, "refresh_token_reused");
    // the refusal itself was committed: everything of this sign-in is dead, the thief's and the owner's
    assert_eq!(app.count("select count(*) from sessions where revoked_at is not null").await, 1);
    refresh(&app, &third.text("/refresh_token")).await.refused(401, "token_invalid");
    for token in [&rider.token, &second.text("/access_token"), &third.text("/access_token")] {
        me(&app, token).await.refused(401, "token_invalid");
    }
    app.finish().await;
}

#[tokio::test]
async fn another_sign_in_survives_the_end_of_the_first() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let mut tx = app.db.begin(domain::db::Scope::nowhere()).await.unwrap();
    let other = domain::identity::open_session(&mut tx, rider.id, &["pwd"], Some("tablet")).await.unwrap();
    tx.commit().await.unwrap();
    refresh(&app, &rider.refresh_token).await.expect(200);
    refresh(&app, &rider.refresh_token).await.refused(401, "refresh_token_reused");
    refresh(&app, &other.refresh_token).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn signing_out_ends_both_tokens_at_once() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    app.ask(Method::POST, "/auth/logout").by(&rider).send().await.expect(200);
    me(&app, &rider.token).await.refused(401, "token_invalid");
    refresh(&app, &rider.refresh_token).await.refused(401, "token_invalid");
    app.finish().await;
}

#[tokio::test]
async fn a_session_is_listed_and_ended_by_its_owner_alone() {
    let app = TestApp::start().await;
    let (rider, eve) = (app.rider().await, app.rider().await);
    let mut tx = app.db.begin(domain::db::Scope::nowhere()).await.unwrap();
    let tablet = domain::identity::open_session(&mut tx, rider.id, &["pwd"], Some("tablet")).await.unwrap();
    tx.commit().await.unwrap();
    let listed = app.get(&rider, "/auth/sessions").await.expect(200).data("");
    let tablets: Vec<_> = listed.as_array().unwrap().iter().filter(|s| s["device_label"] == "tablet").collect();
    assert_eq!((listed.as_array().unwrap().len(), tablets.len()), (2, 1));
    assert_eq!((&tablets[0]["current"], &tablets[0]["amr"]), (&json!(false), &json!(["pwd"])));

    let path = format!("/auth/sessions/{}", tablet.session);
    app.ask(Method::DELETE, &path).by(&eve).send().await.refused(404, "not_found");
    refresh(&app, &tablet.refresh_token).await.expect(200);
    app.ask(Method::DELETE, &path).by(&rider).send().await.expect(200);
    let token = app.api.tokens.issue(rider.id, tablet.session).unwrap();
    me(&app, &token).await.refused(401, "token_invalid");
    me(&app, &rider.token).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn an_old_token_is_expired_and_a_forged_one_is_invalid() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let good = claims(&rider);
    me(&app, &signed(&good, JWT_SECRET, Algorithm::HS256)).await.expect(200);

    let mut old = good.clone();
    old["exp"] = json!(jsonwebtoken::get_current_timestamp() - 60);
    let expired = me(&app, &signed(&old, JWT_SECRET, Algorithm::HS256)).await.refused(401, "token_expired");
    assert!(expired.header("www-authenticate").unwrap().contains("invalid_token"));

    let (mut elsewhere, mut immortal, mut somebody) = (good.clone(), good.clone(), good.clone());
    elsewhere["iss"] = json!("somebody-else");
    immortal.as_object_mut().unwrap().remove("exp");
    somebody["sub"] = json!(uuid::Uuid::new_v4());
    let unsigned = signed(&good, JWT_SECRET, Algorithm::HS256);
    let payload = unsigned.split('.').nth(1).unwrap();
    let none = |signature: &str| format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.{signature}");
    for (forged, how) in [
        (signed(&good, "another secret, also more than long enough", Algorithm::HS256), "another secret"),
        (signed(&good, JWT_SECRET, Algorithm::HS512), "another algorithm"),
        (signed(&elsewhere, JWT_SECRET, Algorithm::HS256), "another issuer"),
        (signed(&immortal, JWT_SECRET, Algorithm::HS256), "no end"),
        (signed(&somebody, JWT_SECRET, Algorithm::HS256), "the session of somebody else"),
        (none(""), "no signature"),
        (none(unsigned.split('.').nth(2).unwrap()), "alg none, signature kept"),
        ("garbage".into(), "garbage"),
        ("a.b.c".into(), "three letters"),
        (rider.refresh_token.clone(), "a refresh token"),
    ] {
        let refused = me(&app, &forged).await;
        assert_eq!((refused.status, refused.code()), (401, "token_invalid"), "{how}");
    }
    app.ask(Method::GET, "/me").send().await.refused(401, "auth_required");
    refresh(&app, "garbage").await.refused(401, "token_invalid");
    app.finish().await;
}

#[tokio::test]
async fn a_session_ends_by_itself_after_thirty_days() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    app.advance(TimeDelta::hours(721)).await;
    me(&app, &rider.token).await.refused(401, "token_expired");
    refresh(&app, &rider.refresh_token).await.refused(401, "token_invalid");
    app.finish().await;
}

#[tokio::test]
async fn a_suspended_person_is_out_at_once() {
    let app = TestApp::start().await;
    let (rider, colleague) = (app.rider().await, app.rider().await);
    sqlx::query("update users set status = 'suspended' where id = $1")
        .bind(rider.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
    me(&app, &rider.token).await.refused(401, "account_inactive");
    refresh(&app, &rider.refresh_token).await.refused(401, "account_inactive");
    let send = json!({ "phone": rider.phone, "purpose": "sign_in" });
    app.ask(Method::POST, "/auth/otp/send").json(&send).send().await.expect(200);
    let code = app.code_on(&rider.phone).await;
    let verify = json!({ "phone": rider.phone, "purpose": "sign_in", "code": code });
    app.ask(Method::POST, "/auth/otp/verify").json(&verify).send().await.refused(401, "account_inactive");

    // suspended in one organization: there is no such place for them any more
    sqlx::query("update memberships set status = 'suspended' where user_id = $1")
        .bind(colleague.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
    app.get(&colleague, "/wallet").await.refused(404, "not_found");
    app.get(&colleague, "/me").await.expect(200);
    app.forgive_unaudited();
    app.finish().await;
}
