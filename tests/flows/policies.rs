//! How something is booked is written down, once, with its bounds (MODEL §8, SN20): policies.

use domain::policies::{Approval, Rules};
use harness::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

/// What a booking made now would keep as its rules.
async fn in_force(app: &TestApp, resource: &str) -> Rules {
    let (start_at, end_at) = (app.at(1, "10:00").await, app.at(1, "11:00").await);
    let draft = json!({ "resource_id": resource, "start_at": start_at, "end_at": end_at, "draft": true });
    let draft = app.ask_booking(&app.rider().await, &draft).await.expect(201).text("/id");
    let draft: uuid::Uuid = draft.parse().unwrap();
    let kept: Value = sqlx::query_scalar("select policy_snapshot from bookings where id = $1")
        .bind(draft)
        .fetch_one(&app.owner)
        .await
        .unwrap();
    serde_json::from_value(kept).unwrap()
}

#[tokio::test]
async fn a_policy_holds_what_it_names_and_the_rest_is_as_its_kind_has_it() {
    let app = TestApp::start().await;
    let (keeper, member) = (app.keeper().await, app.rider().await);
    let rules = json!({ "approval": "staff", "max_minutes": 10_080, "late_return": { "fine_per_hour": 500 },
                        "score_weights": { "roles": { "teacher": 30 } }, "periods": { "morning": { "from": "07:30", "to": "12:00" },
                        "day": { "from": "07:30", "to": "18:00" } } });
    let body = json!({ "name": "Cameras", "applies_to": "equipment", "rules": rules });
    let made = app.post(&keeper, "/policies", &body).await.expect(201);
    assert_eq!((made.header("etag"), made.int("/rules/offer_ttl_minutes")), (Some("\"1\""), 10));
    assert_eq!((made.data("/rules/hand_over"), made.int("/rules/min_minutes")), (json!(true), 30));
    assert_eq!(made.data("/rules/score_weights/roles"), json!({ "staff": 24, "teacher": 30 }));
    let path = format!("/policies/{}", made.text("/id"));
    assert_eq!(app.get(&member, &path).await.expect(200).text("/rules/periods/morning/from"), "07:30");
    let patch = json!({ "rules": { "max_minutes": null, "late_return": { "fine_most": 9_000 } } });
    let changed = app.patch(&keeper, &path, &patch).await.expect(200);
    assert_eq!((changed.int("/rules/max_minutes"), changed.int("/rules/late_return/fine_per_hour")), (480, 500));
    assert_eq!((changed.int("/rules/late_return/fine_most"), changed.int("/version")), (9_000, 2));
    let before = app.picture().await;
    assert_eq!(
        app.patch(&keeper, &path, &json!({ "name": "Cameras", "rules": {} })).await.expect(200).int("/version"),
        2
    );
    let stale =
        app.ask(Method::PATCH, &path).by(&keeper).header("if-match", "\"1\"").json(&json!({ "name": "Others" }));
    stale.send().await.refused(412, "version_mismatch");
    app.ask(Method::PATCH, &path).by(&keeper).json(&json!({})).send().await.refused(428, "precondition_required");
    app.post(&keeper, "/policies", &json!({ "name": "CAMERAS" })).await.refused(409, "conflict");
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn the_nearest_policy_is_in_force() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let camera = app.resource(&keeper, &json!({ "kind": "equipment", "name": "Sony FX6" })).await;
    let room = app.resource(&keeper, &json!({ "kind": "room", "name": "Salle 204" })).await;
    // without any policy: the kind's defaults, with what the organization's settings say
    let org = format!("/organizations/{}", app.slug);
    app.patch(&keeper, &org, &json!({ "settings": { "hold_minutes": 7, "reminders": [60] } })).await.expect(200);
    let rules = in_force(&app, &camera).await;
    assert_eq!((rules.hold_minutes, rules.reminders, rules.hand_over, rules.max_minutes), (7, vec![60], true, 480));
    let policy = async |name: &str, kind: &str, standard: bool, units: u32| {
        let body = json!({ "name": name, "applies_to": kind, "standard": standard, "rules": { "max_units": units } });
        app.post(&keeper, "/policies", &body).await.expect(201).text("/id")
    };
    let any = policy("Everything", "any", true, 9).await;
    assert_eq!((in_force(&app, &camera).await.max_units, in_force(&app, &room).await.max_units), (Some(9), Some(9)));
    let standard = policy("Equipment", "equipment", true, 3).await;
    assert_eq!((in_force(&app, &camera).await.max_units, in_force(&app, &room).await.max_units), (Some(3), Some(9)));
    let own = policy("Cameras", "equipment", false, 1).await;
    app.patch(&keeper, &format!("/resources/{camera}"), &json!({ "policy_id": own })).await.expect(200);
    assert_eq!(in_force(&app, &camera).await.max_units, Some(1));
    // one standard for a kind; a policy stays while something is booked under it
    let body = json!({ "name": "More", "applies_to": "equipment", "standard": true });
    app.post(&keeper, "/policies", &body).await.refused(409, "conflict");
    app.delete(&keeper, &format!("/policies/{own}")).await.refused(409, "conflict");
    let wrong = app.patch(&keeper, &format!("/resources/{room}"), &json!({ "policy_id": own })).await;
    assert_eq!(wrong.refused(400, "validation_error").details()["field"], "policy_id");
    app.patch(&keeper, &format!("/resources/{camera}"), &json!({ "policy_id": null })).await.expect(200);
    for id in [&own, &standard, &any] {
        app.delete(&keeper, &format!("/policies/{id}")).await.expect(200);
        app.delete(&keeper, &format!("/policies/{id}")).await.refused(404, "not_found");
    }
    assert_eq!(in_force(&app, &camera).await.max_units, None);
    let gone = app.patch(&keeper, &format!("/resources/{camera}"), &json!({ "policy_id": own })).await;
    gone.refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn a_rule_out_of_bounds_is_refused_by_name() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let made = app.post(&keeper, "/policies", &json!({ "name": "Rooms", "applies_to": "room" })).await.expect(201);
    let path = format!("/policies/{}", made.text("/id"));
    let before = app.picture().await;
    for (rules, field) in [
        (json!({ "moon": "full" }), "rules.moon"),
        (json!({ "no_show": { "money": 5 } }), "rules.no_show.money"),
        (json!({ "grid_minutes": 7 }), "rules.grid_minutes"),
        (json!({ "min_minutes": 60, "max_minutes": 30 }), "rules.max_minutes"),
        (json!({ "buffer_after_minutes": 1_441 }), "rules.buffer_after_minutes"),
        (json!({ "horizon_days": 0 }), "rules.horizon_days"),
        (json!({ "late_return": { "fine_per_hour": -1 } }), "rules.late_return.fine_per_hour"),
        (json!({ "reminders": [0] }), "rules.reminders"),
        (json!({ "reminders": [1, 2, 3, 4, 5, 6] }), "rules.reminders"),
        (json!({ "approval": "nobody" }), "rules"),
        (json!({ "max_units": 61 }), "rules.max_units"),
        (json!({ "max_minutes": "60" }), "rules"),
        (json!({ "periods": { "day": { "from": "10:00", "to": "18:00" } } }), "rules.periods"),
        (json!({ "periods": { "day": { "from": "25:00", "to": "26:00" } } }), "rules"),
        (json!([]), "rules"),
    ] {
        let refused = app.patch(&keeper, &path, &json!({ "rules": rules })).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{rules}");
        let body = json!({ "name": "Others", "applies_to": "room", "rules": rules });
        app.post(&keeper, "/policies", &body).await.refused(400, "validation_error");
    }
    for (field, wrong) in
        [("name", json!("ab")), ("name", Value::Null), ("applies_to", json!("trip")), ("colour", json!(1))]
    {
        let mut body = json!({ "name": "Others", "applies_to": "room" });
        body[field] = wrong;
        app.post(&keeper, "/policies", &body).await.refused(400, "validation_error");
    }
    assert_eq!(in_force(&app, &app_room(&app).await).await.approval, Approval::None);
    assert_ne!(app.picture().await, before, "only the room came");
    app.finish().await;
}

async fn app_room(app: &TestApp) -> String {
    let keeper = app.keeper().await;
    app.resource(&keeper, &json!({ "kind": "room", "name": "Salle 204" })).await
}
