//! H2, H3, T20: who may wait for what; every other wish is a clear refusal that changes nothing.

use chrono::TimeDelta;
use harness::{TestApp, uuid};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_bad_wish_changes_nothing() {
    let app = TestApp::start().await;
    let (bays, _) = app.full(1, "score").await;
    let (who, stranger) = (app.rider().await, app.rider().await);
    let wish = bays.wish();
    let with = |field: &str, value: Value| {
        let mut wish = wish.clone();
        wish[field] = value;
        wish
    };
    let past = app.now().await - TimeDelta::hours(1);
    let before = app.picture().await;
    for (body, status, code) in [
        (with("quantity", json!(0)), 400, "validation_error"),
        (with("quantity", json!(61)), 400, "validation_error"),
        (with("quantity", json!(2)), 422, "policy_violation"),
        (with("features", json!(["charging"])), 422, "policy_violation"),
        (with("features", json!(vec!["f"; 41])), 400, "validation_error"),
        (with("features", json!(["f".repeat(61)])), 400, "validation_error"),
        (with("features", json!([""])), 400, "validation_error"),
        (with("participants", json!(0)), 400, "validation_error"),
        (with("purpose", json!("p".repeat(1_001))), 400, "validation_error"),
        (with("note", json!("a\u{0}b")), 400, "validation_error"),
        (with("end_at", wish["start_at"].clone()), 422, "policy_violation"),
        (with("end_at", json!(past)), 422, "policy_violation"),
        (with("start_at", json!(past)), 422, "policy_violation"),
        (with("start_at", json!(bays.start_at + TimeDelta::minutes(7))), 422, "policy_violation"),
        (with("end_at", json!(bays.start_at + TimeDelta::hours(30))), 422, "policy_violation"),
        (with("useful_until", json!(past)), 400, "validation_error"),
        (with("useful_until", json!(bays.end_at + TimeDelta::hours(1))), 400, "validation_error"),
        (with("resource_id", json!(uuid())), 404, "not_found"),
        (with("resource_id", json!("bay")), 400, "validation_error"),
        (with("score", json!(99)), 400, "validation_error"),
        (with("beneficiary_id", json!(stranger.id)), 403, "forbidden"),
        (json!({ "resource_id": bays.id }), 400, "validation_error"),
    ] {
        app.try_wait(&who, &body).await.refused(status, code);
    }
    app.ask(Method::POST, "/waitlist").by(&who).json(&wish).send().await.refused(400, "idempotency_key_required");
    assert_eq!(app.picture().await, before, "nothing changed");
    app.finish().await;
}

#[tokio::test]
async fn nobody_waits_for_what_is_free_nor_twice_nor_where_nobody_waits() {
    let app = TestApp::start().await;
    let free = app.bays(1, "score").await;
    let who = app.rider().await;
    let refused = app.try_wait(&who, &free.wish()).await.refused(409, "units_free");
    assert_eq!(refused.details()["available"], 1);
    let (none, _) = app.full(1, "none").await;
    app.try_wait(&who, &none.wish()).await.refused(409, "conflict");
    let ride = app.ride(1, 6_000).await;
    let mut trip = free.wish();
    trip["resource_id"] = json!(ride.id);
    app.try_wait(&who, &trip).await.refused(400, "validation_error");
    let (bays, _) = app.full(1, "score").await;
    app.wait(&who, &bays).await;
    let again = app.try_wait(&who, &bays.later(1).wish()).await.refused(409, "conflict");
    assert_eq!(again.details()["reason"], "already_waiting");
    app.say("update resources set deleted_at = app_now()").await;
    app.try_wait(&app.rider().await, &bays.wish()).await.refused(404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn the_same_key_waits_once_and_staff_wait_for_others() {
    let app = TestApp::start().await;
    let (bays, _) = app.full(1, "score").await;
    let (who, staff, stranger) = (app.rider().await, app.person("Aya", &["staff"]).await, app.rider().await);
    let mut wish = bays.wish();
    wish["beneficiary_id"] = json!(who.id);
    let ask = || app.ask(Method::POST, "/waitlist").by(&staff).key("pressed-twice").json(&wish).send();
    let (first, second) = (ask().await.expect(201), ask().await.expect(201));
    let entry = first.text("/id");
    assert_eq!(second.text("/id"), entry);
    assert_eq!(first.text("/user_id"), who.id.to_string());
    app.drain().await;
    assert_eq!((app.notices(&who, "waitlist_joined").await, app.notices(&staff, "waitlist_joined").await), (1, 1));
    app.get(&stranger, &format!("/waitlist/{entry}")).await.refused(404, "not_found");
    app.leave(&stranger, &entry).await.refused(404, "not_found");
    app.answer(&stranger, &entry, "decline", &json!({})).await.refused(404, "not_found");
    app.get(&stranger, "/waitlist?role=all").await.refused(403, "forbidden");
    assert_eq!(app.get(&stranger, "/waitlist").await.expect(200).data(""), json!([]));
    assert_eq!(app.get(&who, "/waitlist").await.expect(200).text("/0/id"), entry);
    app.get(&who, "/waitlist?statsu=waiting").await.refused(400, "validation_error");
    app.get(&who, "/waitlist?status=lost").await.refused(400, "validation_error");
    app.finish().await;
}
