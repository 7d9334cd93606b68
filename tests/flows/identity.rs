//! Signing up, in and out: by phone, by mail, by code (C8, C12, C20, CX9, CX26, L22).

use chrono::TimeDelta;
use harness::{Answer, Options, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const PHONE: &str = "+2250101020304";

/// What a stranger posts; nobody is signed in.
async fn post(app: &TestApp, path: &str, body: Value) -> Answer {
    app.ask(Method::POST, path).within(&app.slug).json(&body).send().await
}

async fn me(app: &TestApp, token: &str) -> Answer {
    app.ask(Method::GET, "/me").bearer(token).send().await
}

#[tokio::test]
async fn a_phone_is_enough_to_join_and_to_come_back() {
    let app = TestApp::start().await;
    let made = post(&app, "/auth/register", json!({ "phone": PHONE, "full_name": "Awa Koné" })).await.expect(201);
    assert_eq!((made.data("/code_sent"), made.data("/member")), (json!(true), json!(true)));

    let code = app.code_on(PHONE).await;
    let proof = json!({ "phone": PHONE, "purpose": "verify_phone", "code": code });
    let proved = post(&app, "/auth/otp/verify", proof.clone()).await.expect(200);
    assert_eq!((proved.data("/verified"), proved.data("/session")), (json!(true), Value::Null));
    post(&app, "/auth/otp/verify", proof).await.refused(410, "otp_expired"); // good once

    post(&app, "/auth/otp/send", json!({ "phone": PHONE, "purpose": "sign_in" })).await.expect(200);
    let code = app.code_on(PHONE).await;
    let sign_in = json!({ "phone": PHONE, "purpose": "sign_in", "code": code });
    let signed_in = post(&app, "/auth/otp/verify", sign_in).await.expect(200);
    let me = me(&app, &signed_in.text("/session/access_token")).await.expect(200);
    assert_eq!(me.data("/identities"), json!([{ "kind": "phone", "value": PHONE, "verified": true }]));
    assert_eq!(me.text("/organizations/0/slug"), app.slug);
    app.finish().await;
}

#[tokio::test]
async fn a_mail_address_and_a_password_are_enough_too() {
    let app = TestApp::start().await;
    let ask = json!({ "email": "Awa@Allocar.test", "password": "correct horse battery" });
    post(&app, "/auth/register", ask.clone()).await.expect(201);
    post(&app, "/auth/register", ask).await.refused(409, "identity_taken");
    let login = |password: &str| json!({ "identifier": "awa@allocar.test", "password": password });
    post(&app, "/auth/login", login("wrong horse battery")).await.refused(401, "bad_credentials");
    let signed_in = post(&app, "/auth/login", login("correct horse battery")).await.expect(200);
    assert_eq!((signed_in.text("/token_type"), signed_in.int("/expires_in")), ("Bearer".into(), 900));
    me(&app, &signed_in.text("/access_token")).await.expect(200);
    let stored = "select count(*) from credentials where secret_hash like '$argon2id$%'";
    assert_eq!(app.count(stored).await, 1, "no password is kept in clear");
    app.finish().await;
}

#[tokio::test]
async fn a_name_nobody_has_gets_no_code_and_the_answer_does_not_tell() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let known = post(&app, "/auth/otp/send", json!({ "phone": rider.phone, "purpose": "sign_in" })).await.expect(200);
    let unknown = post(&app, "/auth/otp/send", json!({ "phone": PHONE, "purpose": "sign_in" })).await.expect(200);
    assert_eq!(known.data(""), unknown.data(""));
    app.drain().await;
    assert_eq!((app.texts_to(&rider.phone).len(), app.texts_to(PHONE).len()), (1, 0));
    app.finish().await;
}

#[tokio::test]
async fn after_three_wrong_codes_even_the_right_one_waits_ten_minutes() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let send = json!({ "phone": rider.phone, "purpose": "sign_in" });
    post(&app, "/auth/otp/send", send.clone()).await.expect(200);
    let right = app.code_on(&rider.phone).await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let attempt = |code: &str| json!({ "phone": rider.phone, "purpose": "sign_in", "code": code });
    for left in [2, 1, 0] {
        let refused = post(&app, "/auth/otp/verify", attempt(wrong)).await.refused(400, "otp_invalid");
        assert_eq!(refused.details()["attempts_left"], left);
    }
    let fourth = post(&app, "/auth/otp/verify", attempt(&right)).await.refused(429, "otp_limit");
    let wait: i64 = fourth.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=600).contains(&wait), "{wait}");
    // a fresh code does not open the door earlier
    post(&app, "/auth/otp/send", send.clone()).await.expect(200);
    let second = app.code_on(&rider.phone).await;
    post(&app, "/auth/otp/verify", attempt(&second)).await.refused(429, "otp_limit");

    app.advance(TimeDelta::seconds(601)).await;
    post(&app, "/auth/otp/send", send).await.expect(200);
    let code = app.code_on(&rider.phone).await;
    post(&app, "/auth/otp/verify", attempt(&code)).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn three_codes_in_ten_minutes_and_no_fourth() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let send = json!({ "phone": rider.phone, "purpose": "sign_in" });
    for _ in 0..3 {
        post(&app, "/auth/otp/send", send.clone()).await.expect(200);
    }
    let fourth = post(&app, "/auth/otp/send", send.clone()).await.refused(429, "otp_limit");
    assert!(fourth.header("retry-after").is_some());
    app.drain().await;
    assert_eq!(app.texts_to(&rider.phone).len(), 3);
    app.advance(TimeDelta::seconds(601)).await;
    post(&app, "/auth/otp/send", send).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn a_code_dies_after_ten_minutes_and_opens_nothing_else() {
    let app = TestApp::start().await;
    let (rider, other) = (app.rider().await, app.rider().await);
    post(&app, "/auth/otp/send", json!({ "phone": rider.phone, "purpose": "sign_in" })).await.expect(200);
    let code = app.code_on(&rider.phone).await;
    let theirs = json!({ "phone": other.phone, "purpose": "sign_in", "code": code });
    post(&app, "/auth/otp/verify", theirs).await.refused(410, "otp_expired");
    let another_purpose = json!({ "phone": rider.phone, "purpose": "verify_phone", "code": code });
    post(&app, "/auth/otp/verify", another_purpose).await.refused(410, "otp_expired");
    app.advance(TimeDelta::seconds(601)).await;
    let late = json!({ "phone": rider.phone, "purpose": "sign_in", "code": code });
    post(&app, "/auth/otp/verify", late).await.refused(410, "otp_expired");
    app.finish().await;
}

#[tokio::test]
async fn a_closed_organization_takes_nobody_in() {
    for registration in ["closed", "invite", "domain"] {
        let app = TestApp::start_with(Options { registration, ..Options::default() }).await;
        let before = app.picture().await;
        let ask = json!({ "email": "awa@elsewhere.test", "password": "correct horse battery" });
        post(&app, "/auth/register", ask).await.refused(403, "registration_closed");
        assert_eq!(app.picture().await, before, "{registration}");
        app.finish().await;
    }
}

#[tokio::test]
async fn nobody_chooses_their_own_role() {
    let app = TestApp::start().await;
    // a client of the fifth paper says what it wants to be; it is told what it is (CX9)
    let ask = json!({ "email": "eve@allocar.test", "password": "correct horse battery", "role": "admin",
                      "priority": "high", "service": "board" });
    for (field, value) in [("roles", json!(["admin"])), ("extra_permissions", json!(["org:settings"]))] {
        let mut greedy = ask.clone();
        greedy[field] = value;
        let refused = post(&app, "/auth/register", greedy).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field);
    }
    let made = post(&app, "/auth/register", ask).await.expect(201);
    assert_eq!(made.data("/roles"), json!(["member"]));
    let place: (Vec<String>, String, Option<String>, Vec<String>) = sqlx::query_as(
        "select array(select r.role from membership_roles r where r.user_id = m.user_id), m.priority, m.service,
                m.extra_permissions
         from memberships m where m.user_id = $1",
    )
    .bind(uuid::Uuid::parse_str(&made.text("/user_id")).unwrap())
    .fetch_one(&app.owner)
    .await
    .unwrap();
    assert_eq!(place, (vec!["member".to_owned()], "standard".to_owned(), None, Vec::new()));

    let (rider, compliance) = (app.rider().await, app.person("Ibrahim", &["member", "compliance"]).await);
    for somebody in [&rider, &compliance] {
        let path = format!("/organizations/{}/members/{}/roles", app.slug, somebody.id);
        let answer = app.ask(Method::PUT, &path).by(somebody).json(&json!({ "roles": ["admin"] })).send().await;
        answer.refused(403, "forbidden");
    }
    app.finish().await;
}

#[tokio::test]
async fn who_belongs_to_several_organizations_says_which() {
    let app = TestApp::start().await;
    let other = app.other_organization("autocar").await;
    let rider = app.rider().await;
    let whoami = |org: Option<String>| {
        let ask = app.ask(Method::GET, "/wallet").bearer(&rider.token);
        let ask = if let Some(org) = org { ask.within(&org) } else { ask };
        async { ask.send().await }
    };
    whoami(None).await.expect(200); // only one: no need to say
    whoami(Some(other.to_string())).await.refused(404, "not_found");
    whoami(Some("autocar".into())).await.refused(404, "not_found");

    let mut tx = app.db.begin(domain::db::Scope::system(other)).await.unwrap();
    domain::organizations::members::grant(&mut tx, rider.id, "member").await.unwrap();
    tx.commit().await.unwrap();
    whoami(None).await.refused(400, "org_required");
    whoami(Some(app.slug.clone())).await.expect(200);
    whoami(Some(app.org.to_string())).await.expect(200);
    whoami(Some("autocar".into())).await.expect(200);
    whoami(Some("nowhere".into())).await.refused(404, "not_found");
    whoami(Some(String::new())).await.refused(404, "not_found");
    app.ask(Method::POST, "/auth/register").json(&json!({ "phone": PHONE })).send().await.refused(400, "org_required");
    app.finish().await;
}
