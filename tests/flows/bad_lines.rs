//! What may not be asked of bookings and lines, and changes nothing (issue 4's list of bad input): the cases no other
//! flow meets.

use chrono::TimeDelta;
use harness::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn many_items_foreign_units_and_retired_ones_are_refused_as_a_whole() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2"], json!({})).await;
    let other = app.other_organization("autocar").await;
    let (awa, stranger) = (app.rider().await, app.person_in(other, "Ama", &["member"]).await);
    let keeper = app.person_in(other, "Mia", &["admin"]).await;
    let foreign = app.car_park(&keeper, "Autocar", &["A-1"]).await;
    let foreign = app.unit(&keeper, &foreign, "A-1").await;
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "10:00").await);
    let with = |items: Value| json!({ "items": items, "start_at": start_at, "end_at": end_at });
    let many = |count: usize| with(vec![json!({ "unit_id": park.units[0] }); count].into());
    app.refused_for_nothing(&awa, &many(1_000), 400, "validation_error").await;
    app.refused_for_nothing(&awa, &many(10_000), 413, "body_too_large").await;
    let mixed = with(json!([{ "unit_id": park.units[0] }, { "unit_id": foreign }]));
    app.refused_for_nothing(&awa, &mixed, 404, "not_found").await;
    app.refused_for_nothing(&stranger, &mixed, 404, "not_found").await;
    sqlx::query("update units set status = 'retired' where label = 'B-2'").execute(&app.owner).await.unwrap();
    let retired = with(json!([{ "unit_id": park.units[0] }, { "unit_id": park.units[1] }]));
    app.refused_for_nothing(&awa, &retired, 409, "state_conflict").await;
    for (start, end) in [(start_at, start_at), (end_at, start_at)] {
        let body = json!({ "resource_id": park.id, "start_at": start, "end_at": end });
        let refused = app.refused_for_nothing(&awa, &body, 422, "policy_violation").await;
        assert_eq!(refused.details()["rule"], "min_minutes");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_line_is_listed_as_any_list_is() {
    let app = TestApp::start().await;
    let (staff, who) = (app.person("Aya", &["staff"]).await, app.rider().await);
    let (bays, _) = app.full(1, "score").await;
    app.wait(&who, &bays).await;
    for wrong in [
        "page=1&offset=0",
        "page_size=5&limit=5",
        "page=0",
        "page_size=101",
        "limit=201",
        "offset=-1",
        "page=two",
        "sort=colour",
        "resource_id=7",
        "role=everybody",
    ] {
        app.get(&staff, &format!("/waitlist?{wrong}")).await.refused(400, "validation_error");
    }
    let beyond = app.get(&staff, "/waitlist?page=9").await.expect(200);
    assert_eq!((beyond.data(""), &beyond.body["meta"]["pagination"]["total"]), (json!([]), &json!(1)));
    app.finish().await;
}

#[tokio::test]
async fn what_is_there_is_not_restored_and_a_stale_step_takes_nothing() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let park = app.car_park(&keeper, "Plateau", &["B-1"]).await;
    let unit = app.unit(&keeper, &park, "B-1").await;
    for path in [format!("/resources/{park}/restore"), format!("/units/{unit}/restore")] {
        app.post(&keeper, &path, &json!({})).await.refused(409, "state_conflict");
    }
    let (bays, stands) = app.full(1, "score").await;
    let who = app.rider().await;
    let joined = app.try_wait(&who, &bays.wish()).await.expect(201);
    let (entry, seen) = (joined.text("/id"), joined.header("etag").unwrap().to_owned());
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    let accept = |seen: &str| {
        let ask = app.ask(Method::POST, &format!("/waitlist/{entry}/accept")).by(&who);
        ask.header("if-match", seen).json(&json!({})).send()
    };
    let stale = accept(&seen).await.refused(412, "version_mismatch");
    assert_eq!(stale.details()["current"], 2);
    let leave = app.ask(Method::DELETE, &format!("/waitlist/{entry}")).by(&who).header("if-match", seen.clone());
    leave.send().await.refused(412, "version_mismatch");
    accept("soon").await.refused(400, "validation_error");
    let fresh = app.get(&who, &format!("/waitlist/{entry}")).await.expect(200).header("etag").unwrap().to_owned();
    assert_eq!(fresh, "\"2\"");
    accept(&fresh).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn each_rule_refuses_a_wish_by_its_name() {
    let app = TestApp::start().await;
    let rules = json!({ "max_units": 2, "lead_minutes": 60, "horizon_days": 10, "max_minutes": 120, "min_minutes": 30,
                        "max_minutes_per_week": 90 });
    let park = app.thing("parking", "Plateau", &["B-1", "B-2", "B-3"], rules).await;
    app.say("update resources set capacity = 4 where kind = 'parking'").await;
    let awa = app.rider().await;
    let nine = app.at(2, "09:00").await;
    let wish = |minutes: i64| json!({ "resource_id": park.id, "start_at": nine, "end_at": nine + TimeDelta::minutes(minutes) });
    let with = |field: &str, value: Value| {
        let mut wish = wish(60);
        wish[field] = value;
        wish
    };
    let far = app.at(12, "09:00").await;
    let soon = app.now().await + TimeDelta::minutes(5);
    let before = app.picture().await;
    for (body, rule) in [
        (wish(15), "min_minutes"),
        (wish(135), "max_minutes"),
        (wish(0), "min_minutes"),
        (wish(-60), "min_minutes"),
        (wish(50), "grid_minutes"),
        (wish(105), "max_minutes_per_week"),
        (with("quantity", json!(3)), "max_units"),
        (with("participants", json!(5)), "capacity"),
        (with("features", json!(["charger"])), "units"),
        (json!({ "resource_id": park.id, "start_at": far, "end_at": far + TimeDelta::hours(1) }), "horizon_days"),
    ] {
        let refused = app.try_wait(&awa, &body).await.refused(422, "policy_violation");
        assert_eq!(refused.details()["rule"], rule, "{body}");
        assert!(refused.details()["limit"].is_i64() && refused.details()["value"].is_i64(), "{body}");
    }
    let hasty = json!({ "resource_id": park.id, "start_at": soon, "end_at": soon + TimeDelta::hours(1) });
    app.try_wait(&awa, &hasty).await.refused(422, "policy_violation");
    assert_eq!(app.picture().await, before);
    app.finish().await;
}
