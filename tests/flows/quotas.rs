//! What one person may still book (SN7, SN28, SN31): a refusal says the rule, how much is booked and what is left.

use chrono::{Datelike, Days, TimeDelta};
use harness::TestApp;
use serde_json::json;

#[tokio::test]
async fn open_bookings_are_counted() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2", "B-3"], json!({ "max_active_bookings": 2 })).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let first = app.reserve(&awa, &park, "09:00", "10:00").await;
    app.reserve(&awa, &park, "10:00", "11:00").await;
    let refused = app.try_reserve(&awa, &park, "11:00", "12:00").await.refused(422, "policy_violation");
    let details = json!({ "rule": "max_active_bookings", "limit": 2, "value": 2, "requested": 1, "remaining": 0 });
    assert_eq!(refused.details(), &details);
    app.reserve(&koffi, &park, "11:00", "12:00").await;
    app.step(&awa, &first, "cancel").await.expect(200);
    app.reserve(&awa, &park, "11:00", "12:00").await;
    app.finish().await;
}

#[tokio::test]
async fn the_hours_of_a_week_are_counted_from_monday_to_monday() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1"], json!({ "max_minutes_per_week": 300 })).await;
    let awa = app.rider().await;
    let today = app.now().await.date_naive();
    let monday = today + Days::new(7 + 7 - u64::from(today.weekday().num_days_from_monday()));
    let ask = |day: u64, from: &str, to: &str| {
        let date = monday + Days::new(day);
        json!({ "resource_id": park.id, "start_at": format!("{date}T{from}:00Z"), "end_at": format!("{date}T{to}:00Z") })
    };
    let id = app.ask_booking(&awa, &ask(0, "09:00", "12:00")).await.expect(201).text("/id");
    let refused = app.refused_for_nothing(&awa, &ask(6, "09:00", "12:00"), 422, "policy_violation").await;
    assert_eq!((&refused.details()["value"], &refused.details()["remaining"]), (&json!(180), &json!(120)));
    app.ask_booking(&awa, &ask(7, "09:00", "12:00")).await.expect(201);
    app.ask_booking(&awa, &ask(6, "09:00", "11:00")).await.expect(201);
    let longer = json!({ "end_at": format!("{monday}T12:15:00Z") });
    app.change(&awa, &id, &longer).await.refused(422, "policy_violation");
    app.finish().await;
}

#[tokio::test]
async fn one_person_is_in_one_place_where_the_policy_says_so() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2"], json!({ "allow_own_overlap": false })).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    app.reserve(&awa, &park, "09:00", "10:00").await;
    let refused = app.try_reserve(&awa, &park, "09:30", "10:30").await.refused(422, "policy_violation");
    assert_eq!(refused.details()["rule"], "allow_own_overlap");
    let next = app.reserve(&awa, &park, "10:00", "11:00").await;
    let onto = json!({ "start_at": app.at(2, "09:45").await });
    app.change(&awa, &next, &onto).await.refused(422, "policy_violation");
    app.reserve(&koffi, &park, "09:30", "10:30").await;
    app.finish().await;
}

#[tokio::test]
async fn too_many_points_and_too_many_people_are_refused() {
    let app = TestApp::start().await;
    let room = app.thing("room", "Baobab", &["Baobab"], json!({ "blocked_from_penalty_points": 3 })).await;
    sqlx::query("update resources set capacity = 8 where kind = 'room'").execute(&app.owner).await.unwrap();
    let awa = app.rider().await;
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "10:00").await);
    let ask =
        |people: i64| json!({ "resource_id": room.id, "start_at": start_at, "end_at": end_at, "participants": people });
    let crowd = app.refused_for_nothing(&awa, &ask(9), 422, "policy_violation").await;
    assert_eq!(crowd.details(), &json!({ "rule": "capacity", "limit": 8, "value": 9 }));
    app.ask_booking(&awa, &ask(8)).await.expect(201);
    sqlx::query("update memberships set penalty_points = 3 where user_id = $1")
        .bind(awa.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
    let later = json!({ "resource_id": room.id, "start_at": end_at, "end_at": end_at + TimeDelta::hours(1) });
    let blocked = app.refused_for_nothing(&awa, &later, 422, "policy_violation").await;
    assert_eq!(blocked.details()["rule"], "blocked_from_penalty_points");
    app.finish().await;
}
