//! Rooms that cost something (SN9, SN27): held until they are paid, earned when they were used, paid back when not.

use chrono::TimeDelta;
use harness::{Person, TestApp, Thing};
use serde_json::json;

async fn room() -> (TestApp, Thing, Person) {
    let app = TestApp::start().await;
    let room = app.thing("room", "Baobab", &["Baobab"], json!({ "hold_minutes": 20 })).await;
    app.price(&room, "hour", 2_000).await;
    let awa = app.rider().await;
    (app, room, awa)
}

#[tokio::test]
async fn a_priced_room_is_held_paid_used_and_earned() {
    let (app, room, awa) = room().await;
    let held = app.try_reserve(&awa, &room, "09:00", "10:30").await.expect(201);
    let id = held.text("/id");
    assert_eq!((held.text("/status"), held.text("/payment_status")), ("approved".into(), "due".into()));
    assert_eq!(held.int("/price/amount"), 3_000);
    assert!(held.data("/hold_expires_at").is_string(), "the deadline is shown");
    assert_eq!(app.notices(&awa, "reservation_to_pay").await, 1);
    let longer = json!({ "end_at": app.at(2, "12:00").await });
    app.change(&awa, &id, &longer).await.refused(409, "conflict");
    let (_, checkout) = app.open_payment(&awa, &id).await;
    app.pay_checkout(&checkout).await;
    assert_eq!(app.booking(&awa, &id).await["status"], "confirmed");
    assert_eq!((app.balance("escrow").await, app.notices(&awa, "reservation_confirmed").await), (-3_000, 1));
    app.go_to(app.at(2, "10:31").await).await;
    app.drain().await;
    assert_eq!(app.booking(&awa, &id).await["status"], "completed");
    assert_eq!((app.balance("escrow").await, app.balance("sales").await), (0, -3_000));
    app.finish().await;
}

#[tokio::test]
async fn an_unpaid_hold_ends_by_its_timer_or_for_a_rival_and_late_money_takes_it_again() {
    let (app, room, awa) = room().await;
    let koffi = app.rider().await;
    let id = app.reserve(&awa, &room, "09:00", "10:00").await;
    let (_, checkout) = app.open_payment(&awa, &id).await;
    app.advance(TimeDelta::minutes(21)).await;
    let rival = app.reserve(&koffi, &room, "09:30", "10:30").await;
    assert_eq!(app.booking(&awa, &id).await["status"], "expired", "deadlines are enforced by every reader");
    app.step(&koffi, &rival, "cancel").await.expect(200);
    app.pay_checkout(&checkout).await;
    let again = app.booking(&awa, &id).await;
    assert_eq!((&again["status"], &again["payment_status"]), (&json!("confirmed"), &json!("paid")), "{again}");
    assert_eq!(app.notices(&awa, "reservation_restored").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn late_money_for_what_somebody_else_has_goes_back() {
    let (app, room, awa) = room().await;
    let koffi = app.rider().await;
    let id = app.reserve(&awa, &room, "09:00", "10:00").await;
    let (_, checkout) = app.open_payment(&awa, &id).await;
    app.advance(TimeDelta::minutes(21)).await;
    app.reserve(&koffi, &room, "09:30", "10:30").await;
    app.pay_checkout(&checkout).await;
    assert_eq!(app.booking(&awa, &id).await["payment_status"], "refunded");
    assert_eq!(app.notices(&awa, "reservation_money_returned").await, 1);
    assert_eq!(app.balance("provider").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_paid_room_given_up_in_time_is_paid_back_and_one_nobody_came_to_is_not() {
    let app = TestApp::start().await;
    let room = app.thing("room", "Baobab", &["Baobab"], json!({ "release_after_minutes": 15 })).await;
    app.price(&room, "flat", 5_000).await;
    let awa = app.rider().await;
    let first = app.reserve(&awa, &room, "09:00", "10:00").await;
    let (_, checkout) = app.open_payment(&awa, &first).await;
    app.pay_checkout(&checkout).await;
    app.step(&awa, &first, "cancel").await.expect(200);
    app.drain().await;
    assert_eq!(app.booking(&awa, &first).await["payment_status"], "refunded");
    let second = app.reserve(&awa, &room, "09:00", "10:00").await;
    let (_, checkout) = app.open_payment(&awa, &second).await;
    app.pay_checkout(&checkout).await;
    app.go_to(app.at(2, "09:16").await).await;
    app.drain().await;
    assert_eq!(app.booking(&awa, &second).await["status"], "no_show");
    assert_eq!((app.balance("escrow").await, app.balance("fees").await), (0, -5_000));
    app.finish().await;
}
