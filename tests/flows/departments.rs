//! Parts of an organization, each on a site and led by somebody who may (B13–B17).

use harness::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_department_stands_on_a_site_and_is_led_by_a_manager() {
    let app = TestApp::start().await;
    let (admin, manager, member) = (app.keeper().await, app.person("Ibrahim", &["manager"]).await, app.rider().await);
    let site = app.post(&admin, "/sites", &json!({ "name": "Plateau" })).await.expect(201).text("/id");
    let body = |name: &str, by: &harness::Person| json!({ "name": name, "site_id": site, "manager_user_id": by.id, "annual_budget": 5_000_000 });
    app.post(&member, "/departments", &body("Research", &manager)).await.refused(403, "forbidden");
    let refused = app.post(&admin, "/departments", &body("Research", &member)).await.refused(400, "validation_error");
    assert_eq!(refused.details()["field"], "manager_user_id");
    app.post(&admin, "/departments", &body("ab", &manager)).await.refused(400, "validation_error");
    for (field, value) in
        [("annual_budget", json!(-1)), ("site_id", json!(harness::uuid())), ("manager_user_id", json!(harness::uuid()))]
    {
        let mut wrong = body("Research", &manager);
        wrong[field] = value;
        let refused = app.post(&admin, "/departments", &wrong).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field);
    }
    let made = app.post(&admin, "/departments", &body(" Research ", &manager)).await.expect(201);
    assert_eq!((made.text("/name"), made.int("/member_count")), ("Research".into(), 0));
    assert_eq!(made.data("/annual_budget"), json!({ "amount": 5_000_000, "currency": "XOF" }));
    app.post(&manager, "/departments", &body("research", &manager)).await.refused(409, "conflict");
    let path = format!("/departments/{}", made.text("/id"));
    // which version is meant may be said, and is held to then
    app.ask(Method::PATCH, &path).by(&manager).json(&json!({ "annual_budget": null })).send().await.expect(200);
    let stale = app.ask(Method::PUT, &path).by(&manager).header("if-match", "\"1\"").json(&json!({ "name": "Other" }));
    stale.send().await.refused(412, "version_mismatch");
    assert_eq!(app.get(&member, &path).await.expect(200).data("/annual_budget"), Value::Null);
    let listed = app.get(&member, &format!("/departments?site_id={site}&q=sear")).await.expect(200);
    assert_eq!(listed.text("/0/id"), made.text("/id"));
    app.finish().await;
}

#[tokio::test]
async fn people_belong_to_a_site_and_a_department_and_its_leader_stays_one() {
    let app = TestApp::start().await;
    let (admin, manager, member) = (app.keeper().await, app.person("Ibrahim", &["manager"]).await, app.rider().await);
    let site = app.post(&admin, "/sites", &json!({ "name": "Plateau" })).await.expect(201).text("/id");
    let body = json!({ "name": "Research", "site_id": site, "manager_user_id": manager.id });
    let department = app.post(&admin, "/departments", &body).await.expect(201).text("/id");
    let path = format!("/departments/{department}");

    let place = json!({ "site_id": site, "department_id": department });
    let user = format!("/users/{}", member.id);
    app.ask(Method::PATCH, &user).by(&member).json(&place).send().await.refused(403, "forbidden");
    let placed = app.ask(Method::PATCH, &user).by(&manager).json(&place).send().await.expect(200);
    assert_eq!((placed.text("/site_id"), placed.text("/department_id")), (site.clone(), department.clone()));
    let unknown = json!({ "department_id": harness::uuid() });
    app.ask(Method::PATCH, &user).by(&manager).json(&unknown).send().await.refused(400, "validation_error");
    let mine = app.get(&member, "/me").await.expect(200);
    assert_eq!(mine.text("/membership/department_id"), department);
    for query in [format!("department_id={department}"), format!("site_id={site}")] {
        let found = app.get(&manager, &format!("/users?{query}")).await.expect(200).data("");
        assert_eq!(found.as_array().unwrap().len(), 1, "{query}");
    }
    app.delete(&admin, &path).await.refused(409, "conflict");

    // who leads it keeps what it takes
    let leader = format!("/users/{}", manager.id);
    let less = json!({ "roles": ["member"] });
    let refused = app.ask(Method::PATCH, &leader).by(&admin).json(&less).send().await.refused(409, "conflict");
    assert_eq!(refused.details()["reason"], "leads_department");
    app.delete(&admin, &leader).await.refused(409, "conflict");
    app.ask(Method::PATCH, &path).by(&admin).json(&json!({ "manager_user_id": admin.id })).send().await.expect(200);
    app.ask(Method::PATCH, &leader).by(&admin).json(&less).send().await.expect(200);

    let out = json!({ "department_id": null });
    app.ask(Method::PATCH, &user).by(&admin).json(&out).send().await.expect(200);
    app.delete(&admin, &path).await.expect(200);
    app.get(&member, &path).await.refused(404, "not_found");
    app.ask(Method::PATCH, &user).by(&admin).json(&place).send().await.refused(400, "validation_error");
    app.post(&admin, &format!("{path}/restore"), &json!({})).await.expect(200);
    app.finish().await;
}
