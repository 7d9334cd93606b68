//! Passwords: forgotten, changed, brought along from elsewhere (C28, CX7, SN3).

use chrono::TimeDelta;
use harness::{Answer, TestApp, process::binary};
use reqwest::Method;
use serde_json::{Value, json};
use std::{io::Write, process::Command};

const PASSWORD: &str = "correct horse battery";
const NEW: &str = "correct horse battery staple";

async fn post(app: &TestApp, path: &str, body: Value) -> Answer {
    app.ask(Method::POST, path).within(&app.slug).json(&body).send().await
}

async fn sign_in(app: &TestApp, identifier: &str, password: &str) -> Answer {
    post(app, "/auth/login", json!({ "identifier": identifier, "password": password })).await
}

async fn me(app: &TestApp, token: &str) -> Answer {
    app.ask(Method::GET, "/me").bearer(token).send().await
}

/// Somebody with a password and three sessions; the tokens of the last two.
async fn awa(app: &TestApp) -> (String, String) {
    post(app, "/auth/register", json!({ "email": "awa@x.test", "password": PASSWORD })).await.expect(201);
    sign_in(app, "awa@x.test", PASSWORD).await.expect(200);
    let tokens = (sign_in(app, "awa@x.test", PASSWORD).await, sign_in(app, "awa@x.test", PASSWORD).await);
    (tokens.0.expect(200).text("/access_token"), tokens.1.expect(200).text("/access_token"))
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session() {
    let app = TestApp::start().await;
    let (mine, other) = awa(&app).await;
    let change = async |current: &str, new: &str| {
        let ask = app.ask(Method::POST, "/auth/password/change").bearer(&mine);
        ask.json(&json!({ "current_password": current, "new_password": new })).send().await
    };
    let before = app.picture().await;
    change("wrong horse battery", NEW).await.refused(401, "bad_credentials");
    change(PASSWORD, "1234567").await.refused(400, "validation_error");
    change(PASSWORD, &"x".repeat(201)).await.refused(400, "validation_error");
    app.ask(Method::POST, "/auth/password/change").json(&json!({})).send().await.refused(401, "auth_required");
    assert_eq!(app.picture().await, before);

    assert_eq!(change(PASSWORD, NEW).await.expect(200).int("/sessions_ended"), 2);
    me(&app, &mine).await.expect(200);
    me(&app, &other).await.refused(401, "token_invalid");
    sign_in(&app, "awa@x.test", PASSWORD).await.refused(401, "bad_credentials");
    sign_in(&app, "awa@x.test", NEW).await.expect(200);
    let told = "select count(*) from audit_events where entity_type = 'user' and after ->> 'password' = 'changed'";
    assert_eq!(app.count(told).await, 1);
    let rider = app.rider().await; // codes are their only way in
    let ask = app.ask(Method::POST, "/auth/password/change").by(&rider);
    let refused = ask.json(&json!({ "current_password": "", "new_password": NEW })).send().await;
    assert_eq!(refused.refused(409, "conflict").details()["reason"], "no_password");
    app.finish().await;
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_again_with_a_code_that_is_good_once() {
    let app = TestApp::start().await;
    let (mine, other) = awa(&app).await;
    post(&app, "/auth/password/forgot", json!({ "email": "awa@x.test" })).await.expect(200);
    let code = app.code_in("awa@x.test").await;
    let reset = |code: &str, password: &str| json!({ "email": "awa@x.test", "code": code, "password": password });
    let stored = "select count(*) from one_time_codes where purpose = 'reset_password'";
    assert_eq!(app.count(stored).await, 1);
    // a code for one thing opens no other
    let sign = json!({ "email": "awa@x.test", "purpose": "sign_in", "code": code });
    post(&app, "/auth/otp/verify", sign).await.refused(410, "otp_expired");
    post(&app, "/auth/password/reset", reset(&code, "short")).await.refused(400, "validation_error");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = post(&app, "/auth/password/reset", reset(wrong, NEW)).await.refused(400, "otp_invalid");
    assert_eq!(refused.details()["attempts_left"], 2);
    me(&app, &mine).await.expect(200);

    post(&app, "/auth/password/reset", reset(&code, NEW)).await.expect(200);
    for token in [&mine, &other] {
        me(&app, token).await.refused(401, "token_invalid");
    }
    sign_in(&app, "awa@x.test", PASSWORD).await.refused(401, "bad_credentials");
    sign_in(&app, "awa@x.test", NEW).await.expect(200);
    post(&app, "/auth/password/reset", reset(&code, PASSWORD)).await.refused(410, "otp_expired");
    app.finish().await;
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_there_is_such_an_account() {
    let app = TestApp::start().await;
    awa(&app).await;
    let known = post(&app, "/auth/password/forgot", json!({ "email": "awa@x.test" })).await.expect(200);
    let unknown = post(&app, "/auth/password/forgot", json!({ "email": "nobody@x.test" })).await.expect(200);
    assert_eq!(known.data(""), unknown.data(""));
    // nor does the work the request leaves behind
    assert_eq!(app.count("select count(*) from queue.jobs where kind = 'otp.send'").await, 2);
    assert_eq!(app.count("select count(distinct purpose) from one_time_codes").await, 1);
    app.drain().await;
    assert_eq!((app.mails_to("awa@x.test").len(), app.mails_to("nobody@x.test").len()), (1, 0));
    let reset = |email: &str| json!({ "email": email, "code": "no", "password": NEW });
    let wrong = post(&app, "/auth/password/reset", reset("awa@x.test")).await.refused(400, "otp_invalid");
    let nobody = post(&app, "/auth/password/reset", reset("nobody@x.test")).await.refused(400, "otp_invalid");
    assert_eq!(wrong.details(), nobody.details());
    for _ in 0..2 {
        post(&app, "/auth/password/forgot", json!({ "email": "nobody@x.test" })).await.expect(200);
    }
    let fourth =
        post(&app, "/auth/password/forgot", json!({ "email": "nobody@x.test" })).await.refused(429, "otp_limit");
    assert!(fourth.header("retry-after").is_some());
    for wrong in [json!({}), json!({ "email": "a" }), json!({ "email": "a@x.test", "phone": "+2250700000001" })] {
        post(&app, "/auth/password/forgot", wrong).await.refused(400, "validation_error");
    }
    app.advance(TimeDelta::seconds(601)).await;
    post(&app, "/auth/password/forgot", json!({ "email": "nobody@x.test" })).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn who_proves_a_mailbox_somebody_else_took_is_alone_in_it() {
    let app = TestApp::start().await;
    // eve signs up with a mailbox that is not hers, and leaves a device and a session there
    let (eves, _) = awa(&app).await;
    let device = json!({ "platform": "android", "push_token": "eves-phone" });
    app.ask(Method::POST, "/me/devices").bearer(&eves).json(&device).send().await.expect(201);
    post(&app, "/auth/password/forgot", json!({ "email": "awa@x.test" })).await.expect(200);
    let code = app.code_in("awa@x.test").await;
    let reset = json!({ "email": "awa@x.test", "code": code, "password": NEW });
    post(&app, "/auth/password/reset", reset).await.expect(200);
    me(&app, &eves).await.refused(401, "token_invalid");
    assert_eq!(app.count("select count(*) from devices").await, 0, "messages do not follow the old phone");
    app.finish().await;
}

#[tokio::test]
async fn all_other_sessions_end_at_a_word() {
    let app = TestApp::start().await;
    let (mine, other) = awa(&app).await;
    let ended = app.ask(Method::DELETE, "/auth/sessions").bearer(&mine).send().await.expect(200);
    assert_eq!(ended.int("/ended"), 2);
    me(&app, &mine).await.expect(200);
    me(&app, &other).await.refused(401, "token_invalid");
    let again = app.ask(Method::DELETE, "/auth/sessions").bearer(&mine).send().await.expect(200);
    assert_eq!(again.int("/ended"), 0);
    app.finish().await;
}

/// Runs `teranga-api import-members` as an operator would; what it said and whether it was content.
fn import(app: &TestApp, name: &str, text: &str, more: &[&str]) -> (String, bool) {
    let file = std::env::temp_dir().join(format!("{}-{name}", app.database.name));
    std::fs::File::create(&file).unwrap().write_all(text.as_bytes()).unwrap();
    let done = Command::new(binary("teranga-api"))
        .env_clear()
        .envs([("DATABASE_URL", app.database.service_url())])
        .args(["import-members", "--slug", &app.slug, "--file", file.to_str().unwrap()])
        .args(more)
        .output()
        .expect("teranga-api runs");
    std::fs::remove_file(file).unwrap();
    (String::from_utf8(done.stdout).unwrap(), done.status.success())
}

/// As the fifth paper's system keeps `motdepasse`: shorter than ours may be, and good there.
const OLD: &str = "00112233445566778899aabbccddeeff$ca893060b19d72293c4ac9c2e74d1ca4900a14b422f8dccbb749fd0dda9425c3";

#[tokio::test]
async fn passwords_brought_along_open_the_door_and_are_renewed_by_it() {
    let app = TestApp::start().await;
    let csv = format!(
        "email,username,full_name,role,priority,service,extra_permissions,password_hash\r\n\
         jdoe@example.test,jdoe,John Doe,manager,high,\"Ventes, Sud\",audit:read;kyc:review,{OLD}\r\n\
         mdoe@example.test,mdoe,Mary Doe,,,,,{OLD}\r\n"
    );
    let (said, content) = import(&app, "members.csv", &csv, &[]);
    assert_eq!((said.lines().last().unwrap(), content), ("created=2 joined=0 known=0 listed=0 failed=0", true));
    let (said, _) = import(&app, "members.csv", &csv, &[]);
    assert_eq!(said.lines().last().unwrap(), "created=0 joined=0 known=2 listed=0 failed=0");
    let kept = "select count(*) from credentials where algorithm = 'pbkdf2-sha256'";
    assert_eq!(app.count(kept).await, 2);

    sign_in(&app, "jdoe", "motdepassf").await.refused(401, "bad_credentials");
    sign_in(&app, "nobody", "motdepasse").await.refused(401, "bad_credentials");
    assert_eq!(app.count(kept).await, 2, "a wrong password renews nothing");
    let signed_in = sign_in(&app, "jdoe", "motdepasse").await.expect(200);
    let stored = "select count(*) from credentials where algorithm = 'argon2id' and secret_hash like '$argon2id$%'";
    assert_eq!((app.count(kept).await, app.count(stored).await), (1, 1));
    sign_in(&app, "jdoe@example.test", "motdepasse").await.expect(200);
    let place = me(&app, &signed_in.text("/access_token")).await.expect(200);
    assert_eq!(place.data("/membership/roles"), json!(["manager"]));
    assert_eq!(
        (place.text("/membership/priority"), place.text("/membership/service")),
        ("high".into(), "Ventes, Sud".into())
    );
    let permissions = place.data("/membership/permissions");
    assert!(permissions.as_array().unwrap().contains(&json!("kyc:review")), "{permissions}");
    app.finish().await;
}

#[tokio::test]
async fn two_who_sign_in_at_once_with_an_old_password_both_come_in() {
    let app = TestApp::start().await;
    import(&app, "members.csv", &format!("email,password_hash\njdoe@example.test,{OLD}\n"), &[]);
    let both = tokio::join!(
        sign_in(&app, "jdoe@example.test", "motdepasse"),
        sign_in(&app, "jdoe@example.test", "motdepasse")
    );
    both.0.expect(200);
    both.1.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn a_list_brings_nobody_whose_line_makes_no_sense_and_overwrites_nobody() {
    let app = TestApp::start().await;
    let known = app.person_in(app.other_organization("autocar").await, "Awa", &["member"]).await;
    post(&app, "/auth/register", json!({ "email": "eve@x.test", "password": PASSWORD })).await.expect(201);
    let lines = [
        json!({ "email": known.email, "role": "driver", "password_hash": OLD }),
        json!({ "email": "eve@x.test", "password_hash": OLD }),
        json!({ "email": "good@x.test" }),
        json!({ "email": "bad@x.test", "password_hash": "clear text" }),
        json!({ "email": "bad@x.test", "role": "nobody" }),
        json!({ "email": "bad@x.test", "priority": "golden" }),
        json!({ "email": "bad@x.test", "extra_permissions": "fly" }),
        json!({ "email": "bad@x.test", "wage": 1 }),
        json!({ "username": "only_a_name" }),
        json!({ "email": "bad" }),
        json!({ "email": known.email, "phone": app.rider().await.phone }),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).chain(["{\n".to_owned()]).collect();
    let (said, content) = import(&app, "members.jsonl", &text, &[]);
    assert_eq!(
        (said.lines().last().unwrap(), content),
        ("created=1 joined=1 known=1 listed=0 failed=9", false),
        "{said}"
    );
    assert!(said.contains("line 5: validation_error") && !said.contains("bad@x.test"), "no personal data: {said}");
    // an address in a file proves nothing: whoever had an account keeps their password, or none
    sign_in(&app, "eve@x.test", "motdepasse").await.refused(401, "bad_credentials");
    sign_in(&app, "eve@x.test", PASSWORD).await.expect(200);
    sign_in(&app, &known.email, "motdepasse").await.refused(401, "bad_credentials");
    app.finish().await;
}

#[tokio::test]
async fn a_list_of_those_who_may_come_is_read_in_too() {
    let app = TestApp::start_with(harness::Options { registration: "closed", ..harness::Options::default() }).await;
    let csv = "email,role\nawa@flexpark.test,manager\n";
    let (said, content) = import(&app, "employees.csv", csv, &["--list"]);
    assert_eq!((said.as_str(), content), ("created=0 joined=0 known=0 listed=1 failed=0\n", true));
    assert_eq!(app.count("select count(*) from users").await, 0);
    let made = post(&app, "/auth/register", json!({ "email": "awa@flexpark.test" })).await.expect(201);
    assert_eq!(made.data("/code_sent"), json!(true));
    post(&app, "/auth/register", json!({ "email": "eve@flexpark.test" })).await.refused(403, "registration_closed");
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn the_owner_of_a_suspended_account_is_told_only_after_the_proof() {
    let app = TestApp::start().await;
    let (mine, _) = awa(&app).await;
    sqlx::query("update users set status = 'suspended'").execute(&app.owner).await.unwrap();
    me(&app, &mine).await.refused(401, "account_inactive");
    sign_in(&app, "awa@x.test", PASSWORD).await.refused(401, "account_inactive");
    sign_in(&app, "awa@x.test", "wrong horse battery").await.refused(401, "bad_credentials");
    app.finish().await;
}
