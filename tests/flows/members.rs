//! Who looks after people, and what they may not do (C30–C34, D2, D5, D6, D8, D16, V1, CX9).

use harness::{Answer, Person, TestApp, story::uuid};
use reqwest::Method;
use serde_json::{Value, json};

async fn patch(app: &TestApp, by: &Person, whom: &Person, body: &Value) -> Answer {
    app.ask(Method::PATCH, &format!("/users/{}", whom.id)).by(by).json(body).send().await
}

async fn remove(app: &TestApp, by: &Person, whom: &Person) -> Answer {
    app.ask(Method::DELETE, &format!("/users/{}", whom.id)).by(by).send().await
}

async fn restore(app: &TestApp, by: &Person, whom: &Person) -> Answer {
    app.ask(Method::POST, &format!("/users/{}/restore", whom.id)).by(by).send().await
}

/// A role for people who look after people and hold little else.
async fn hr(app: &TestApp, admin: &Person) -> Person {
    let path = format!("/organizations/{}/roles", app.slug);
    let role = json!({ "name": "hr", "permissions": ["member:manage", "user:edit", "user:read", "book"] });
    app.post(admin, &path, &role).await.expect(201);
    app.person("Aya", &["hr"]).await
}

fn names(answer: &Answer) -> Vec<String> {
    answer.data("").as_array().unwrap().iter().map(|one| one["full_name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn people_are_found_sorted_and_filtered() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    let (zoe, awa) = (app.person("Zoe", &["member"]).await, app.person("Awa", &["driver"]).await);
    for (somebody, name) in [(&zoe, "Zoé"), (&awa, "Awa 100%")] {
        let renamed = app.ask(Method::PATCH, "/me").by(somebody).json(&json!({ "full_name": name }));
        renamed.send().await.expect(200);
    }
    let list = async |query: &str| app.get(&admin, &format!("/users?{query}")).await;
    assert_eq!(names(&list("").await.expect(200)), ["Awa 100%", "Ibrahim", "Zoé"]);
    assert_eq!(names(&list("sort=-full_name").await.expect(200)), ["Zoé", "Ibrahim", "Awa 100%"]);
    assert_eq!(names(&list("sort=created_at&page_size=1").await.expect(200)), ["Ibrahim"]);
    assert_eq!(names(&list("q=zo%C3%A9").await.expect(200)), ["Zoé"]);
    assert_eq!(names(&list("q=100%25").await.expect(200)), ["Awa 100%"]);
    assert_eq!(names(&list("q=%25").await.expect(200)), ["Awa 100%"], "a percent sign means itself");
    assert_eq!(names(&list("q=_").await.expect(200)), [""; 0]);
    assert_eq!(names(&list(&format!("query={}", zoe.email)).await.expect(200)), ["Zoé"]);
    assert_eq!(names(&list(&format!("q={}", &awa.phone[1..])).await.expect(200)), ["Awa 100%"]);
    assert_eq!(names(&list("role=driver").await.expect(200)), ["Awa 100%"]);
    assert_eq!(names(&list("priority=high").await.expect(200)), [""; 0]);
    let tomorrow = app.now().await.date_naive().succ_opt().unwrap();
    assert_eq!(names(&list(&format!("created_from={tomorrow}")).await.expect(200)), [""; 0]);
    assert_eq!(list(&format!("created_to={tomorrow}")).await.expect(200).data("").as_array().unwrap().len(), 3);
    // the organization's own list is the same list
    let path = format!("/organizations/{}/members?role=driver", app.slug);
    assert_eq!(app.get(&admin, &path).await.expect(200).data(""), list("role=driver").await.expect(200).data(""));

    for (query, field) in [
        ("q=a&query=b", "query"),
        ("status=lost", "status"),
        ("deleted=maybe", "deleted"),
        ("deleted=true&status=active", "deleted"),
        ("priority=golden", "priority"),
        ("sort=email", "sort"),
        ("sort=full_name,created_at", "sort"),
        ("created_from=soon", "created_from"),
        ("created_from=2026-01-02&created_to=2026-01-01", "created_to"),
        ("page=1&limit=2", "page"),
        ("name=a", "name"),
    ] {
        let refused = list(query).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{query}");
    }
    list(&format!("q={}", "a".repeat(101))).await.refused(400, "validation_error");
    app.get(&zoe, "/users").await.refused(403, "forbidden");
    app.get(&zoe, &format!("/users/{}", awa.id)).await.refused(403, "forbidden");
    app.get(&zoe, &format!("/users/{}", zoe.id)).await.expect(200);
    app.get(&admin, &format!("/users/{}", uuid())).await.refused(404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn suspended_removed_and_back_each_at_once() {
    let app = TestApp::start().await;
    let (admin, ops, awa) =
        (app.person("Ibrahim", &["admin"]).await, app.person("Fatou", &["manager"]).await, app.rider().await);
    // D8: ops edit, and do not delete
    patch(&app, &ops, &awa, &json!({ "status": "suspended" })).await.expect(200);
    app.get(&awa, "/wallet").await.refused(404, "not_found");
    let me = app.get(&awa, "/me").await.expect(200);
    assert_eq!((me.text("/organizations/0/status"), me.data("/membership")), ("suspended".into(), Value::Null));
    remove(&app, &ops, &awa).await.refused(403, "forbidden");
    patch(&app, &ops, &awa, &json!({ "status": "active", "service": " Flotte " })).await.expect(200);
    assert_eq!(app.get(&awa, "/me").await.expect(200).text("/membership/service"), "Flotte");
    for given in [json!({ "priority": "high" }), json!({ "roles": ["member"] }), json!({ "extra_permissions": [] })] {
        patch(&app, &ops, &awa, &given).await.refused(403, "forbidden");
    }

    remove(&app, &admin, &awa).await.expect(200);
    remove(&app, &admin, &awa).await.refused(409, "state_conflict");
    patch(&app, &admin, &awa, &json!({ "status": "active" })).await.refused(409, "state_conflict");
    app.get(&awa, "/wallet").await.refused(404, "not_found");
    assert_eq!(app.get(&awa, "/me").await.expect(200).data("/organizations"), json!([]));
    // C34: they are listed among the deleted, and come back as they were
    let deleted = app.get(&admin, "/users?deleted=true").await.expect(200);
    assert_eq!((names(&deleted), deleted.data("/0/roles")), (vec!["Awa".to_owned()], json!(["member"])));
    assert_eq!(names(&app.get(&admin, "/users").await.expect(200)), ["Fatou", "Ibrahim"]);
    restore(&app, &ops, &awa).await.refused(403, "forbidden");
    restore(&app, &admin, &awa).await.expect(200);
    restore(&app, &admin, &awa).await.refused(409, "state_conflict");
    app.get(&awa, "/wallet").await.expect(200);
    let told = "select string_agg(action, ' ' order by id) from audit_events
                where entity_type = 'membership' and entity_id = $1";
    let told: String = sqlx::query_scalar(told).bind(awa.id.0).fetch_one(&app.owner).await.unwrap();
    assert_eq!(told, "CREATE STATUS_CHANGE STATUS_CHANGE SOFT_DELETE RESTORE");
    // everybody may leave
    remove(&app, &awa, &ops).await.refused(403, "forbidden");
    remove(&app, &awa, &awa).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn an_admin_always_remains() {
    let app = TestApp::start().await;
    let (one, two) = (app.person("Ibrahim", &["admin"]).await, app.person("Fatou", &["admin"]).await);
    let before = app.picture().await;
    patch(&app, &one, &one, &json!({ "roles": ["member", "admin"] })).await.refused(409, "conflict");
    assert_eq!(app.picture().await, before);
    patch(&app, &one, &two, &json!({ "roles": ["member"] })).await.expect(200);
    let before = app.picture().await;
    for body in [json!({ "roles": [] }), json!({ "status": "suspended" })] {
        let refused = patch(&app, &one, &one, &body).await.refused(409, "conflict");
        assert_eq!(refused.details()["reason"], "last_admin");
    }
    let roles = format!("/organizations/{}/members/{}/roles", app.slug, one.id);
    let asked = app.ask(Method::PUT, &roles).by(&one).json(&json!({ "roles": ["member"] })).send().await;
    asked.refused(409, "conflict"); // own_role comes first: member is new
    assert_eq!(remove(&app, &one, &one).await.refused(409, "conflict").details()["reason"], "last_admin");
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_hold_nor_raises_themselves() {
    let app = TestApp::start().await;
    let (admin, awa) = (app.person("Ibrahim", &["admin"]).await, app.rider().await);
    let hr = hr(&app, &admin).await;
    let finance = app.person("Kofi", &["finance"]).await;
    let before = app.picture().await;
    for gift in [
        json!({ "roles": ["admin"] }),
        json!({ "roles": ["member", "finance"] }),
        json!({ "extra_permissions": ["payout:run"] }),
        json!({ "extra_permissions": ["book", "org:settings"] }),
    ] {
        patch(&app, &hr, &awa, &gift).await.refused(403, "forbidden");
    }
    for (raise, reason) in [
        (json!({ "roles": ["hr", "member"] }), "own_role"),
        (json!({ "extra_permissions": ["book"] }), "own_role"),
        (json!({ "priority": "high" }), "own_priority"),
    ] {
        assert_eq!(patch(&app, &hr, &hr, &raise).await.refused(409, "conflict").details()["reason"], reason);
    }
    for (field, wrong) in [
        ("roles", json!({ "roles": ["nobody"] })),
        ("roles", json!({ "roles": vec!["member"; 21] })),
        ("extra_permissions", json!({ "extra_permissions": ["fly"] })),
        ("priority", json!({ "priority": "golden" })),
        ("status", json!({ "status": "removed" })),
        ("service", json!({ "service": "s".repeat(101) })),
        ("penalty_points", json!({ "penalty_points": 0 })),
    ] {
        let refused = patch(&app, &admin, &awa, &wrong).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{wrong}");
    }
    assert_eq!(app.picture().await, before);

    // D6: a permission on top of the role works at once, and is taken away at once
    app.get(&awa, "/audit").await.refused(403, "forbidden");
    patch(&app, &admin, &awa, &json!({ "extra_permissions": ["audit:read"], "priority": "high" })).await.expect(200);
    app.get(&awa, "/audit").await.expect(200);
    let me = app.get(&awa, "/me").await.expect(200);
    assert_eq!(me.data("/membership/permissions"), json!(["audit:read", "book"]));
    assert_eq!(me.text("/membership/priority"), "high");
    patch(&app, &admin, &awa, &json!({ "extra_permissions": [] })).await.expect(200);
    app.get(&awa, "/audit").await.refused(403, "forbidden");
    // HR may suspend a colleague from finance; letting them in again would give what HR does not hold
    patch(&app, &hr, &finance, &json!({ "status": "suspended" })).await.expect(200);
    patch(&app, &hr, &finance, &json!({ "status": "active" })).await.refused(403, "forbidden");
    remove(&app, &hr, &finance).await.expect(200);
    restore(&app, &hr, &finance).await.refused(403, "forbidden");
    // and nobody saws off the branch above them
    for body in [json!({ "status": "suspended" }), json!({ "roles": [] })] {
        patch(&app, &hr, &admin, &body).await.refused(403, "forbidden");
    }
    remove(&app, &hr, &admin).await.refused(403, "forbidden");
    app.finish().await;
}

#[tokio::test]
async fn a_change_may_insist_on_what_was_read() {
    let app = TestApp::start().await;
    let (admin, awa) = (app.person("Ibrahim", &["admin"]).await, app.rider().await);
    let path = format!("/users/{}", awa.id);
    let seen = app.get(&admin, &path).await.expect(200).header("etag").unwrap().to_owned();
    let change = async |tag: &str, priority: &str| {
        let ask = app.ask(Method::PUT, &path).by(&admin).header("if-match", tag);
        ask.json(&json!({ "priority": priority })).send().await
    };
    change(&seen, "high").await.expect(200);
    let before = app.picture().await;
    change(&seen, "standard").await.refused(412, "version_mismatch");
    change("W/\"1\"", "standard").await.refused(400, "validation_error");
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn members_look_one_another_up_only_where_they_may() {
    let app = TestApp::start().await;
    let (admin, awa, zoe) =
        (app.person("Ibrahim", &["admin"]).await, app.rider().await, app.person("Awax", &["member"]).await);
    let profile = format!("/users/{}/profile", zoe.id);
    app.get(&awa, "/users/search?q=awa").await.refused(403, "forbidden");
    app.get(&awa, &profile).await.refused(404, "not_found");
    app.get(&awa, &format!("/users/{}/profile", awa.id)).await.expect(200);

    let path = format!("/organizations/{}", app.slug);
    let ask = app.ask(Method::PATCH, &path).by(&admin).header("if-match", "\"1\"");
    ask.json(&json!({ "settings": { "people_search": true } })).send().await.expect(200);
    let found = app.get(&awa, "/users/search?q=AWA").await.expect(200);
    assert_eq!(names(&found), ["Awax"], "without the one who asks");
    let shown = app.get(&awa, &profile).await.expect(200);
    assert_eq!((shown.text("/full_name"), shown.int("/rating_count")), ("Awax".into(), 0));
    assert!(!shown.body.to_string().contains(&zoe.email), "no address: {}", shown.body);
    for wrong in ["", "q=", "q=a", "q=aw&sort=x", &format!("q={}", "a".repeat(101))] {
        app.get(&awa, &format!("/users/search?{wrong}")).await.refused(400, "validation_error");
    }
    remove(&app, &admin, &zoe).await.expect(200);
    app.get(&awa, &profile).await.refused(404, "not_found");
    assert_eq!(names(&app.get(&awa, "/users/search?q=awa").await.expect(200)), [""; 0]);
    app.finish().await;
}
