//! Roles of an organization's own (D1–D5, D8, CX8): bundles of permissions, one of them built in.

use harness::{Answer, Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

async fn send(app: &TestApp, by: &Person, method: Method, name: &str, body: &Value) -> Answer {
    let path = format!("/organizations/{}/roles/{name}", app.slug);
    app.ask(method, &path).by(by).json(body).send().await
}

async fn make(app: &TestApp, by: &Person, body: &Value) -> Answer {
    app.post(by, &format!("/organizations/{}/roles", app.slug), body).await
}

#[tokio::test]
async fn a_role_is_made_changed_and_removed_for_everybody_who_has_it() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    let made =
        make(&app, &admin, &json!({ "name": "auditor", "description": "Sees", "permissions": ["audit:read"] })).await;
    assert_eq!(made.expect(201).data("/permissions"), json!(["audit:read"]));
    let awa = app.person("Awa", &["auditor"]).await;
    app.get(&awa, "/audit").await.expect(200);
    app.get(&awa, "/users").await.refused(403, "forbidden");
    let wider = json!({ "permissions": ["audit:read", "user:read", "user:read"] });
    let changed = send(&app, &admin, Method::PATCH, "auditor", &wider).await.expect(200);
    assert_eq!((changed.data("/permissions"), changed.int("/members")), (json!(["audit:read", "user:read"]), 1));
    app.get(&awa, "/users").await.expect(200);
    send(&app, &admin, Method::PUT, "auditor", &json!({ "permissions": [] })).await.expect(200);
    app.get(&awa, "/audit").await.refused(403, "forbidden");

    let before = app.picture().await;
    let in_use = send(&app, &admin, Method::DELETE, "auditor", &json!({})).await.refused(409, "conflict");
    assert_eq!(in_use.details()["reason"], "role_in_use");
    let default = send(&app, &admin, Method::DELETE, "member", &json!({})).await.refused(409, "conflict");
    assert_eq!(default.details()["reason"], "default_role");
    assert_eq!(app.picture().await, before);
    app.ask(Method::PATCH, &format!("/users/{}", awa.id))
        .by(&admin)
        .json(&json!({ "roles": ["member"] }))
        .send()
        .await
        .expect(200);
    send(&app, &admin, Method::DELETE, "auditor", &json!({})).await.expect(200);
    send(&app, &admin, Method::DELETE, "auditor", &json!({})).await.refused(404, "not_found");
    let told: Vec<String> =
        sqlx::query_scalar("select action from audit_events where entity_type = 'role' order by id")
            .fetch_all(&app.owner)
            .await
            .unwrap();
    assert_eq!(told, ["CREATE", "UPDATE", "UPDATE", "SOFT_DELETE"]);
    app.finish().await;
}

#[tokio::test]
async fn the_admin_is_built_in() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    let before = app.picture().await;
    for (method, body) in [(Method::PATCH, json!({ "permissions": ["book"] })), (Method::DELETE, json!({}))] {
        let refused = send(&app, &admin, method, "admin", &body).await.refused(409, "conflict");
        assert_eq!(refused.details()["reason"], "built_in");
    }
    let exists = make(&app, &admin, &json!({ "name": "admin", "permissions": [] })).await.refused(409, "conflict");
    assert_eq!(exists.details()["reason"], "role_exists");
    assert_eq!(app.picture().await, before);
    // it holds what a later version knows and its row does not
    sqlx::query("update roles set permissions = '{book,fly}' where name = 'admin'").execute(&app.owner).await.unwrap();
    app.get(&admin, "/audit").await.expect(200);
    let roles = app.get(&admin, &format!("/organizations/{}/roles", app.slug)).await.expect(200).data("");
    let built_in = roles.as_array().unwrap().iter().find(|role| role["name"] == "admin").unwrap().clone();
    let all = domain::permissions::Permission::ALL.len();
    assert_eq!(built_in["permissions"].as_array().unwrap().len(), all);
    app.forgive_unaudited();
    app.finish().await;
}

#[tokio::test]
async fn nobody_makes_a_role_that_gives_more_than_they_hold() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    make(&app, &admin, &json!({ "name": "hr", "permissions": ["member:manage", "user:read", "book"] }))
        .await
        .expect(201);
    make(&app, &admin, &json!({ "name": "boss", "permissions": ["member:manage", "payout:run"] })).await.expect(201);
    let (hr, member) = (app.person("Aya", &["hr"]).await, app.person("Awa", &["member"]).await);
    let roles = format!("/organizations/{}/roles", app.slug);
    let before = app.picture().await;
    make(&app, &hr, &json!({ "name": "thief", "permissions": ["payout:run"] })).await.refused(403, "forbidden");
    make(&app, &hr, &json!({ "name": "thief", "template": "finance" })).await.refused(403, "forbidden");
    let wider = json!({ "permissions": ["member:manage", "user:read", "book", "payout:run"] });
    send(&app, &hr, Method::PATCH, "hr", &wider).await.refused(403, "forbidden");
    let narrower = json!({ "permissions": ["payout:run"] });
    send(&app, &hr, Method::PATCH, "boss", &narrower).await.refused(403, "forbidden");
    make(&app, &member, &json!({ "name": "mine", "permissions": [] })).await.refused(403, "forbidden");
    app.get(&member, &roles).await.refused(403, "forbidden");
    for (field, wrong) in [
        ("name", json!({ "name": "A", "permissions": [] })),
        ("name", json!({ "name": "chef d'équipe", "permissions": [] })),
        ("name", json!({ "permissions": [] })),
        ("permissions", json!({ "name": "new_one", "permissions": ["fly"] })),
        ("permissions", json!({ "name": "new_one" })),
        ("permissions", json!({ "name": "new_one", "permissions": [], "template": "member" })),
        ("template", json!({ "name": "new_one", "template": "pilot" })),
        ("description", json!({ "name": "new_one", "permissions": [], "description": "d".repeat(201) })),
        ("org_id", json!({ "name": "new_one", "permissions": [], "org_id": app.org })),
    ] {
        let refused = make(&app, &admin, &wrong).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{wrong}");
    }
    send(&app, &admin, Method::PATCH, "pilot", &json!({ "permissions": [] })).await.refused(404, "not_found");
    let stale = app.ask(Method::PATCH, &format!("{roles}/hr")).by(&admin).header("if-match", "\"9\"");
    stale.json(&json!({ "description": "x" })).send().await.refused(412, "version_mismatch");
    assert_eq!(app.picture().await, before);
    make(&app, &admin, &json!({ "name": "tresorerie", "template": "finance" })).await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn each_trade_begins_with_its_own_words() {
    let app = TestApp::start().await;
    for (profile, expected, newcomer) in [
        ("parking", vec!["admin", "employee"], "employee"),
        ("lending", vec!["admin", "staff", "student"], "student"),
        ("rides", vec!["admin", "compliance", "driver", "finance", "ops", "support", "user"], "user"),
        ("rooms", vec!["admin", "employe", "manager"], "employe"),
        ("arcade", vec!["admin", "user"], "user"),
    ] {
        let org = app.other_organization(profile).await;
        let mut tx = app.db.begin(domain::db::Scope::system(org)).await.unwrap();
        domain::organizations::roles::adopt(&mut tx, profile).await.unwrap();
        tx.commit().await.unwrap();
        let admin = app.person_in(org, "Ibrahim", &["admin"]).await;
        let roles = app.get(&admin, &format!("/organizations/{profile}/roles")).await.expect(200).data("");
        let names: Vec<&str> = roles.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{profile}");
        let made = app.ask(Method::POST, "/auth/register").within(profile);
        let made = made.json(&json!({ "email": format!("a@{profile}.test") })).send().await.expect(201);
        assert_eq!(made.data("/roles"), json!([newcomer]), "{profile}");
    }
    app.finish().await;
}
