//! Somebody is asked to come (SN4, L24): by letter, once, for a while, for one role.

use chrono::TimeDelta;
use harness::{Answer, Options, Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

async fn closed() -> (TestApp, Person, String) {
    let app = TestApp::start_with(Options { registration: "closed", ..Options::default() }).await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    let path = format!("/organizations/{}/invitations", app.slug);
    (app, admin, path)
}

/// The code in the newest letter: 22 letters, digits, hyphens and underscores after `Code`.
fn code_in(text: &str) -> String {
    let after =
        text.split("Code : ").nth(1).or_else(|| text.split("Code: ").nth(1)).unwrap_or_else(|| panic!("{text}"));
    after.split('.').next().unwrap().to_owned()
}

async fn letter_to(app: &TestApp, mailbox: &str) -> String {
    app.drain().await;
    code_in(&app.mails_to(mailbox).last().unwrap_or_else(|| panic!("no letter came to {mailbox}")).text)
}

async fn register(app: &TestApp, body: &Value) -> Answer {
    app.ask(Method::POST, "/auth/register").within(&app.slug).json(body).send().await
}

async fn join(app: &TestApp, by: &Person, code: &str) -> Answer {
    let ask = app.ask(Method::POST, "/auth/join").bearer(&by.token).within(&app.slug);
    ask.json(&json!({ "invitation": code })).send().await
}

#[tokio::test]
async fn a_letter_opens_a_closed_house_once() {
    let (app, admin, path) = closed().await;
    let made = app.post(&admin, &path, &json!({ "email": "Aya@Partner.test", "role": "manager" })).await.expect(201);
    assert_eq!((made.text("/status"), made.text("/contact")), ("open".into(), "aya@partner.test".into()));
    assert!(made.body.to_string().find("token").is_none(), "the code is only in the letter: {}", made.body);
    let code = letter_to(&app, "aya@partner.test").await;
    assert_eq!(app.get(&admin, &path).await.expect(200).text("/0/letter"), "sent");
    let stored = "select count(*) from invitations where length(token_hash) = 32";
    assert_eq!(app.count(stored).await, 1);

    let body = json!({ "invitation": code, "password": PASSWORD, "full_name": "Aya" });
    let somebody_else = json!({ "invitation": code, "email": "eve@x.test", "password": PASSWORD });
    let before = app.picture().await;
    register(&app, &somebody_else).await.refused(400, "validation_error");
    register(&app, &json!({ "invitation": format!("{code}x"), "email": "aya@partner.test" }))
        .await
        .refused(404, "not_found");
    let elsewhere = app.ask(Method::POST, "/auth/register").within("nowhere").json(&body).send().await;
    elsewhere.refused(404, "not_found");
    assert_eq!(app.picture().await, before);

    let user = register(&app, &body).await.expect(201);
    assert_eq!((user.data("/member"), user.data("/roles")), (json!(true), json!(["manager"])));
    assert_eq!(user.data("/code_sent"), json!(false), "the letter proved the mailbox");
    let login = json!({ "identifier": "aya@partner.test", "password": PASSWORD });
    let signed_in = app.ask(Method::POST, "/auth/login").json(&login).send().await.expect(200);
    assert_eq!(signed_in.data("/user/identities/0/verified"), json!(true));
    register(&app, &json!({ "invitation": code, "password": PASSWORD })).await.refused(410, "invitation_gone");
    let listed = app.get(&admin, &format!("{path}?status=in:accepted,open")).await.expect(200);
    assert_eq!((listed.text("/0/status"), listed.text("/0/accepted_by")), ("accepted".into(), user.text("/user_id")));
    app.finish().await;
}

#[tokio::test]
async fn somebody_with_an_account_comes_in_with_the_code_from_a_text_message() {
    let (app, admin, path) = closed().await;
    let other = app.other_organization("autocar").await;
    let (guest, eve) = (app.person_in(other, "Awa", &["member"]).await, app.person_in(other, "Eve", &["member"]).await);
    let ask = json!({ "phone": guest.phone, "role": "driver", "locale": "en", "expires_in_days": 2 });
    app.post(&admin, &path, &ask).await.expect(201);
    app.drain().await;
    let text = app.texts_to(&guest.phone).last().unwrap().text.clone();
    assert!(text.contains("invites you") && text.contains(&app.slug) && text.chars().count() <= 160, "{text}");
    let code = code_in(&text);

    let place = join(&app, &guest, &code).await.expect(200);
    assert_eq!((place.data("/roles"), place.text("/organization_id")), (json!(["driver"]), app.org.to_string()));
    join(&app, &guest, &code).await.refused(410, "invitation_gone");
    join(&app, &eve, &code).await.refused(410, "invitation_gone");
    let wallet = app.ask(Method::GET, "/wallet").bearer(&guest.token).within(&app.slug).send().await;
    wallet.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn an_invitation_ends_by_time_by_hand_and_with_whoever_wrote_it() {
    let (app, admin, path) = closed().await;
    let second = app.person("Fatou", &["admin"]).await;
    let invite = async |email: &str| {
        let made = app.post(&second, &path, &json!({ "email": email })).await.expect(201).text("/id");
        (made, letter_to(&app, email).await)
    };
    let (old, old_code) = invite("old@x.test").await;
    let (taken_back, back_code) = invite("back@x.test").await;
    let (_, orphan_code) = invite("orphan@x.test").await;
    let one = format!("{path}/{taken_back}");
    app.ask(Method::DELETE, &one).by(&admin).send().await.expect(200);
    app.ask(Method::DELETE, &one).by(&admin).send().await.refused(409, "state_conflict");
    // whoever is shown the door leaves no back door behind
    app.ask(Method::PATCH, &format!("/users/{}", second.id))
        .by(&admin)
        .json(&json!({ "status": "suspended" }))
        .send()
        .await
        .expect(200);
    let before = app.picture().await;
    for code in [&back_code, &orphan_code] {
        let body = json!({ "invitation": code, "password": PASSWORD });
        register(&app, &body).await.refused(410, "invitation_gone");
    }
    assert_eq!(app.picture().await, before);
    app.advance(TimeDelta::days(7)).await;
    let before = app.picture().await;
    register(&app, &json!({ "invitation": old_code, "password": PASSWORD })).await.refused(410, "invitation_gone");
    app.ask(Method::DELETE, &format!("{path}/{old}")).by(&admin).send().await.refused(409, "state_conflict");
    assert_eq!(app.picture().await, before);
    let listed = app.get(&admin, &format!("{path}?status=expired")).await.expect(200);
    assert_eq!(listed.data("").as_array().unwrap().len(), 2);
    // and makes room for the next
    app.post(&admin, &path, &json!({ "email": "old@x.test" })).await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn nobody_invites_beyond_what_they_hold_nor_anybody_twice() {
    let (app, admin, path) = closed().await;
    let roles = format!("/organizations/{}/roles", app.slug);
    let hr = json!({ "name": "hr", "permissions": ["member:manage", "user:read", "book"] });
    app.post(&admin, &roles, &hr).await.expect(201);
    let (hr, member) = (app.person("Aya", &["hr"]).await, app.person("Awa", &["member"]).await);
    app.post(&admin, &path, &json!({ "email": "twice@x.test" })).await.expect(201);
    app.drain().await;
    let before = app.picture().await;
    app.post(&member, &path, &json!({ "email": "a@x.test" })).await.refused(403, "forbidden");
    app.get(&member, &path).await.refused(403, "forbidden");
    for role in ["admin", "finance"] {
        app.post(&hr, &path, &json!({ "email": "a@x.test", "role": role })).await.refused(403, "forbidden");
    }
    app.post(&admin, &path, &json!({ "email": "TWICE@x.test" })).await.refused(409, "conflict");
    let here = app.post(&admin, &path, &json!({ "phone": member.phone })).await.refused(409, "conflict");
    assert_eq!(here.details()["reason"], "already_member");
    for (field, wrong) in [
        ("identifier", json!({})),
        ("identifier", json!({ "email": "a@x.test", "phone": "+2250700000001" })),
        ("email", json!({ "email": "a" })),
        ("phone", json!({ "phone": "07" })),
        ("role", json!({ "email": "a@x.test", "role": "nobody" })),
        ("locale", json!({ "email": "a@x.test", "locale": "de" })),
        ("expires_in_days", json!({ "email": "a@x.test", "expires_in_days": 0 })),
        ("expires_in_days", json!({ "email": "a@x.test", "expires_in_days": 366 })),
        ("priority", json!({ "email": "a@x.test", "priority": "high" })),
        ("letter", json!({ "email": "a@x.test", "letter": "no" })),
    ] {
        let refused = app.post(&admin, &path, &wrong).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{wrong}");
    }
    app.get(&admin, &format!("{path}?status=lost")).await.refused(400, "validation_error");
    app.ask(Method::DELETE, &format!("{path}/{}", uuid::Uuid::new_v4()))
        .by(&admin)
        .send()
        .await
        .refused(404, "not_found");
    assert_eq!(app.picture().await, before);
    // the same key is the same letter
    for _ in 0..2 {
        let ask = app.ask(Method::POST, &path).by(&admin).key("invite-once");
        ask.json(&json!({ "email": "once@x.test" })).send().await.expect(201);
    }
    app.drain().await;
    assert_eq!(app.mails_to("once@x.test").len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn whoever_was_removed_comes_back_only_on_a_newer_invitation() {
    let (app, admin, path) = closed().await;
    let (old, gone) = ("old@x.test", app.person("Awa", &["manager"]).await);
    app.post(&admin, &path, &json!({ "email": old, "role": "driver" })).await.expect(201);
    let early = letter_to(&app, old).await;
    app.advance(TimeDelta::seconds(1)).await;
    app.ask(Method::DELETE, &format!("/users/{}", gone.id)).by(&admin).send().await.expect(200);
    join(&app, &gone, &early).await.refused(403, "registration_closed");
    app.ask(Method::POST, "/auth/join")
        .bearer(&gone.token)
        .within(&app.slug)
        .send()
        .await
        .refused(403, "registration_closed");

    app.advance(TimeDelta::seconds(1)).await;
    app.post(&admin, &path, &json!({ "email": gone.email, "role": "member" })).await.expect(201);
    let place = join(&app, &gone, &letter_to(&app, &gone.email).await).await.expect(200);
    assert_eq!(place.data("/roles"), json!(["member"]), "with what they were asked for, not with what they had");
    app.finish().await;
}

#[tokio::test]
async fn a_letter_nobody_can_deliver_is_told() {
    let (app, admin, path) = closed().await;
    app.post(&admin, &path, &json!({ "phone": "+2250799999999" })).await.expect(201);
    // a worker died between the call and the record: nobody knows whether the text left, so it does not leave again
    sqlx::query("update invitations set letter = 'sending'").execute(&app.owner).await.unwrap();
    app.drain().await;
    assert_eq!(app.texts_to("+2250799999999").len(), 0);
    assert_eq!(app.get(&admin, &path).await.expect(200).text("/0/letter"), "failed");
    app.finish().await;
}
