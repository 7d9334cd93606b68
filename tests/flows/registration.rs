//! Who comes in, and as what (C4–C9, C26, CX9, CX23, CX26, L24).

use harness::{Answer, Options, Person, TestApp, story::uuid};
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

async fn knock(app: &TestApp, body: &Value) -> Answer {
    app.ask(Method::POST, "/auth/register").within(&app.slug).json(body).send().await
}

async fn bring(app: &TestApp, by: &Person, body: &Value) -> Answer {
    app.ask(Method::POST, "/auth/register").by(by).json(body).send().await
}

async fn sign_in(app: &TestApp, identifier: &str) -> Answer {
    let ask = json!({ "identifier": identifier, "password": PASSWORD });
    app.ask(Method::POST, "/auth/login").json(&ask).send().await
}

async fn prove_mail(app: &TestApp, by: Option<&str>, email: &str) -> Answer {
    let code = app.code_in(email).await;
    let proof = json!({ "email": email, "purpose": "verify_email", "code": code });
    let ask = app.ask(Method::POST, "/auth/otp/verify").within(&app.slug);
    let ask = if let Some(token) = by { ask.bearer(token) } else { ask };
    ask.json(&proof).send().await
}

async fn closed(registration: &'static str) -> TestApp {
    TestApp::start_with(Options { registration, ..Options::default() }).await
}

#[tokio::test]
async fn a_company_takes_in_its_own_addresses_once_they_are_proved() {
    let app = closed("domain").await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    let path = format!("/organizations/{}", app.slug);
    let seen = app.get(&admin, &path).await.expect(200);
    let patch = json!({ "email_domains": ["FlexPark.test"] });
    let ask = app.ask(Method::PATCH, &path).by(&admin).header("if-match", seen.header("etag").unwrap());
    ask.json(&patch).send().await.expect(200);

    // C1, C6, C11: names in two parts, no password, and nobody from elsewhere
    knock(&app, &json!({ "email": "eve@elsewhere.test" })).await.refused(403, "registration_closed");
    let body = json!({ "email": "awa@flexpark.test", "first_name": "Awa", "last_name": "Koné" });
    let made = knock(&app, &body).await.expect(201);
    assert_eq!((made.data("/member"), made.data("/roles")), (json!(false), json!([])));
    prove_mail(&app, None, "awa@flexpark.test").await.expect(200);

    // CX23: the password comes with the proof of the mailbox
    let forgot = json!({ "email": "awa@flexpark.test" });
    app.ask(Method::POST, "/auth/password/forgot").json(&forgot).send().await.expect(200);
    let code = app.code_in("awa@flexpark.test").await;
    let reset = json!({ "email": "awa@flexpark.test", "code": code, "password": PASSWORD });
    app.ask(Method::POST, "/auth/password/reset").json(&reset).send().await.expect(200);
    let signed_in = sign_in(&app, "awa@flexpark.test").await.expect(200);
    let token = signed_in.text("/access_token");
    let me = app.ask(Method::GET, "/me").bearer(&token).send().await.expect(200);
    assert_eq!((me.text("/full_name"), me.data("/membership/roles")), ("Awa Koné".into(), json!(["member"])));
    app.finish().await;
}

#[tokio::test]
async fn whoever_is_on_the_list_comes_in_with_a_code_in_every_mode() {
    for registration in ["domain", "invite", "closed"] {
        let app = closed(registration).await;
        let admin = app.person("Ibrahim", &["admin"]).await;
        let invitations = format!("/organizations/{}/invitations", app.slug);
        let listed = json!({ "email": "aya@partner.test", "role": "manager", "letter": false });
        let entry = app.post(&admin, &invitations, &listed).await.expect(201);
        assert_eq!((entry.text("/letter"), entry.text("/status")), ("none".into(), "open".into()));
        app.drain().await;
        assert_eq!(app.mails_to("aya@partner.test").len(), 0, "nobody writes to who is only listed");

        let body = json!({ "email": "aya@partner.test", "password": PASSWORD, "full_name": "Aya" });
        let made = knock(&app, &body).await.expect(201);
        assert_eq!(made.data("/member"), json!(false), "{registration}");
        let token = sign_in(&app, "aya@partner.test").await.expect(200).text("/access_token");
        app.ask(Method::GET, "/wallet").bearer(&token).within(&app.slug).send().await.refused(404, "not_found");
        prove_mail(&app, Some(&token), "aya@partner.test").await.expect(200);
        let me = app.ask(Method::GET, "/me").bearer(&token).send().await.expect(200);
        assert_eq!(me.data("/membership/roles"), json!(["manager"]), "{registration}");
        let list = app.get(&admin, &format!("{invitations}?status=accepted")).await.expect(200);
        assert_eq!(list.text("/0/accepted_by"), made.text("/user_id"));
        app.finish().await;
    }
}

#[tokio::test]
async fn in_a_closed_house_who_manages_members_signs_people_up() {
    // C7: the paper's admin registers students and staff with a role each
    let app = closed("closed").await;
    let (admin, manager) = (app.person("Ibrahim", &["admin"]).await, app.person("Fatou", &["manager"]).await);
    let student = json!({ "email": "s1@univ.test", "password": PASSWORD, "full_name": "Awa", "role": "member",
                          "priority": "high", "service": "Cinéma" });
    let before = app.picture().await;
    knock(&app, &student).await.refused(403, "registration_closed");
    bring(&app, &manager, &student).await.refused(403, "registration_closed");
    let stranger = Person { org: app.other_organization("autocar").await, ..admin.clone() };
    assert_eq!(stranger.id, admin.id);
    let after_other = app.picture().await;
    assert_ne!(before, after_other, "only the other organization is new");
    for (field, value) in
        [("role", json!("nobody")), ("priority", json!("golden")), ("service", json!("s".repeat(101)))]
    {
        let mut wrong = student.clone();
        wrong[field] = value;
        bring(&app, &admin, &wrong).await.refused(400, "validation_error");
    }
    assert_eq!(app.picture().await, after_other);

    let made = bring(&app, &admin, &student).await.expect(201);
    assert_eq!((made.data("/member"), made.data("/roles")), (json!(true), json!(["member"])));
    let user = app.get(&admin, &format!("/users/{}", made.text("/user_id"))).await.expect(200);
    assert_eq!((user.text("/priority"), user.text("/service")), ("high".into(), "Cinéma".into()));
    sign_in(&app, "s1@univ.test").await.expect(200);
    bring(&app, &admin, &student).await.refused(409, "identity_taken");

    // an HR officer hands out no more than they hold
    let roles = format!("/organizations/{}/roles", app.slug);
    app.post(&admin, &roles, &json!({ "name": "hr", "permissions": ["member:manage", "user:read", "book"] }))
        .await
        .expect(201);
    let hr = app.person("Aya", &["hr"]).await;
    let before = app.picture().await;
    for role in ["admin", "finance", "manager"] {
        let boss = json!({ "email": "boss@univ.test", "role": role });
        bring(&app, &hr, &boss).await.refused(403, "forbidden");
    }
    assert_eq!(app.picture().await, before);
    bring(&app, &hr, &json!({ "email": "s2@univ.test", "role": "member" })).await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn a_username_is_a_name_to_sign_in_with_and_nobody_elses() {
    let app = TestApp::start().await;
    let body = |email: &str, name: &str| json!({ "email": email, "password": PASSWORD, "username": name });
    knock(&app, &body("j@doe.test", "J.Doe")).await.expect(201);
    let before = app.picture().await;
    knock(&app, &body("k@doe.test", "j.doe")).await.refused(409, "identity_taken");
    for bad in ["jd", "0doe", "j doe", "j@doe", "é", &"j".repeat(41)] {
        let refused = knock(&app, &body("k@doe.test", bad)).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], "username", "{bad}");
    }
    assert_eq!(app.picture().await, before);
    let token = sign_in(&app, "J.DOE").await.expect(200).text("/access_token");
    let patch = async |body: Value| app.ask(Method::PATCH, "/me").bearer(&token).json(&body).send().await;
    patch(json!({ "username": "jd_2", "gender": "f", "birthdate": "1994-05-17" })).await.expect(200);
    sign_in(&app, "j.doe").await.refused(401, "bad_credentials");
    let me = app.ask(Method::GET, "/me").bearer(&token).send().await.expect(200);
    assert_eq!((me.text("/gender"), me.text("/birthdate")), ("f".into(), "1994-05-17".into()));
    let names: Vec<Value> = me.data("/identities").as_array().unwrap().iter().map(|one| one["value"].clone()).collect();
    assert_eq!(names, [json!("j@doe.test"), json!("jd_2")]);

    knock(&app, &body("k@doe.test", "j.doe")).await.expect(201); // free again
    let before = app.picture().await;
    patch(json!({ "username": "j.doe" })).await.refused(409, "identity_taken");
    for (field, value) in [
        ("birthdate", json!("1899-12-31")),
        ("birthdate", json!("9999-01-01")),
        ("birthdate", json!("yesterday")),
        ("gender", json!("g".repeat(41))),
        ("priority", json!("high")),
        ("service", json!("board")),
    ] {
        let refused = patch(json!({ field: value })).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field);
    }
    assert_eq!(app.picture().await, before);
    // nothing can be sent to a username
    let send = json!({ "email": "jd_2", "purpose": "sign_in" });
    app.ask(Method::POST, "/auth/otp/send").json(&send).send().await.refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn somebody_known_elsewhere_comes_in_where_everybody_may() {
    let app = TestApp::start().await;
    let other = app.other_organization("autocar").await;
    let rider = app.rider().await;
    let join = async |org: &str| app.ask(Method::POST, "/auth/join").bearer(&rider.token).within(org).send().await;
    join("nowhere").await.refused(404, "not_found");
    app.ask(Method::POST, "/auth/join").bearer(&rider.token).send().await.refused(400, "org_required");
    app.ask(Method::POST, "/auth/join").within("autocar").send().await.refused(401, "auth_required");
    let place = join("autocar").await.expect(200);
    assert_eq!((place.text("/organization_id"), place.data("/roles")), (other.to_string(), json!(["member"])));
    let again = join("autocar").await.expect(200);
    assert_eq!(again.data(""), place.data(""));
    assert_eq!(
        app.count("select count(*) from audit_events where entity_type = 'membership' and actor_type = 'user'").await,
        1
    );

    sqlx::query("update organizations set registration = 'invite'").execute(&app.owner).await.unwrap();
    let stranger = app.rider().await;
    let before = app.picture().await;
    let ask = app.ask(Method::POST, "/auth/join").bearer(&stranger.token).within("autocar");
    ask.json(&json!({})).send().await.refused(403, "registration_closed");
    let ask = app.ask(Method::POST, "/auth/join").bearer(&stranger.token).within("autocar");
    ask.json(&json!({ "invitation": uuid() })).send().await.refused(404, "not_found");
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn newcomers_are_never_made_managers_by_the_settings() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    let roles = format!("/organizations/{}/roles", app.slug);
    for (name, permissions) in [("desk", json!(["org:settings", "user:read"])), ("hr", json!(["member:manage"]))] {
        app.post(&admin, &roles, &json!({ "name": name, "permissions": permissions })).await.expect(201);
    }
    let desk = app.person("Aya", &["desk"]).await;
    let path = format!("/organizations/{}", app.slug);
    let patch = async |by: &Person, role: &str| {
        let seen = app.get(by, &path).await.expect(200);
        let ask = app.ask(Method::PATCH, &path).by(by).header("if-match", seen.header("etag").unwrap());
        ask.json(&json!({ "default_role": role })).send().await
    };
    let before = app.picture().await;
    patch(&desk, "finance").await.refused(403, "forbidden");
    for role in ["admin", "hr", "nobody"] {
        let refused = patch(&admin, role).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], "default_role", "{role}");
    }
    assert_eq!(app.picture().await, before);
    patch(&admin, "driver").await.expect(200);
    // nor does the newcomers' role become one
    let body = json!({ "permissions": ["member:manage"] });
    app.ask(Method::PATCH, &format!("{roles}/driver"))
        .by(&admin)
        .json(&body)
        .send()
        .await
        .refused(400, "validation_error");
    app.finish().await;
}
