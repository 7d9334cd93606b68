//! SN16: a refusal tells what could be had instead, and what it tells can be had.

use chrono::{DateTime, TimeDelta, Utc};
use harness::TestApp;
use serde_json::{Value, json};

fn at(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_named_bay_that_is_taken_tells_its_neighbours_and_its_own_next_time() {
    let app = TestApp::start().await;
    let rules = json!({ "buffer_after_minutes": 20, "grid_minutes": 15 });
    let park = app.thing("parking", "Plateau", &["B-1", "B-2", "B-3", "B-4", "B-5", "B-6"], rules).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let named = |unit: usize, start_at: DateTime<Utc>| {
        let end_at = start_at + TimeDelta::hours(1);
        json!({ "unit_id": park.units[unit], "start_at": start_at, "end_at": end_at })
    };
    let nine = app.at(2, "09:00").await;
    app.ask_booking(&awa, &named(0, nine)).await.expect(201);
    app.ask_booking(&awa, &named(2, nine)).await.expect(201);
    let asked = nine + TimeDelta::minutes(30);
    let refused = app.ask_booking(&koffi, &named(0, asked)).await.refused(409, "booking_conflict");
    let details = refused.details();
    assert_eq!(details["waitlist"], "POST /waitlist");
    let told = details["alternatives"].as_array().unwrap();
    let shown: Vec<(&str, TimeDelta)> =
        told.iter().map(|one| (one["unit_label"].as_str().unwrap(), at(&one["start_at"]) - asked)).collect();
    // cleaned by 10:20, so from 10:30; or over and cleaned by nine, so from 07:30
    let (later, earlier) = (TimeDelta::minutes(60), TimeDelta::minutes(-120));
    let now = TimeDelta::zero();
    assert_eq!(shown, [("B-2", now), ("B-4", now), ("B-5", now), ("B-1", later), ("B-1", earlier)]);
    for one in told {
        assert_eq!(at(&one["end_at"]) - at(&one["start_at"]), TimeDelta::hours(1));
        let body = json!({ "unit_id": one["unit_id"], "start_at": one["start_at"], "end_at": one["end_at"] });
        app.ask_booking(&koffi, &body).await.expect(201);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_full_car_park_tells_times_at_which_enough_is_free_and_no_others() {
    let app = TestApp::start().await;
    let rules = json!({ "lead_minutes": 60 });
    let park = app.thing("parking", "Plateau", &["B-1", "B-2"], rules).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let take = async |from: &str, to: &str, quantity: i64| {
        let (start_at, end_at) = (app.at(2, from).await, app.at(2, to).await);
        let body = json!({ "resource_id": park.id, "quantity": quantity, "start_at": start_at, "end_at": end_at });
        app.ask_booking(&awa, &body).await.expect(201);
    };
    take("09:00", "11:00", 2).await;
    take("11:00", "12:00", 1).await;
    take("13:00", "14:00", 2).await;
    let (start_at, end_at) = (app.at(2, "09:30").await, app.at(2, "10:30").await);
    let body = json!({ "resource_id": park.id, "quantity": 2, "start_at": start_at, "end_at": end_at });
    let before = app.picture().await;
    let refused = app.ask_booking(&koffi, &body).await.refused(409, "booking_conflict");
    assert_eq!(app.picture().await, before, "what is told holds nothing");
    let details = refused.details();
    let starts: Vec<String> = details["alternatives"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| at(&one["start_at"]).format("%H:%M").to_string())
        .collect();
    assert_eq!(starts, ["08:00", "12:00", "14:00"], "never 11:00, when one bay is free");
    assert_eq!(details["alternatives"][0]["unit_id"], Value::Null);
    app.say("update resources set queue_discipline = 'none'").await;
    let one = json!({ "resource_id": park.id, "start_at": start_at, "end_at": end_at });
    let refused = app.ask_booking(&koffi, &one).await.refused(409, "booking_conflict");
    assert_eq!(refused.details()["waitlist"], Value::Null, "nobody waits here");
    let second = refused.details()["alternatives"][1].clone();
    assert_eq!(at(&second["start_at"]), app.at(2, "11:00").await, "one bay is enough");
    app.finish().await;
}
