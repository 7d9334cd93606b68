//! ★5 and ★6: money that comes before our own record, too late, twice, or not as agreed. Never two people on one
//! seat, never silent money.

use chrono::TimeDelta;
use harness::TestApp;
use sandbox::{Faults, Forge, Forgery};
use serde_json::json;

#[tokio::test]
async fn a_webhook_that_overtakes_our_own_call_settles_once() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    app.wave.knobs().next("checkout.create", 1, Faults { early: Some(true), ..Faults::default() });
    let payment = app.try_pay(&rider, &booking).await.expect(202).text("/subject/id");
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    assert_eq!(app.balance("escrow").await, -6_000);
    app.finish().await;
}

#[tokio::test]
async fn an_event_without_our_reference_is_parked_until_our_record_appears() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let payment = app.try_pay(&rider, &booking).await.expect(202).text("/subject/id");
    // the event comes while no answer was recorded: it names only the provider's id of the checkout
    let event = json!({ "id": "EV_parked", "type": "checkout.session.completed", "data": {
        "id": "cos-to-come", "amount": "6000", "currency": "XOF", "checkout_status": "complete",
        "payment_status": "succeeded", "transaction_id": "T1" } });
    app.signed_webhook(event.to_string().as_bytes()).await.expect(200);
    app.drain_payments_only_events().await;
    assert_eq!(app.event_status("EV_parked").await, "parked");

    let mut tx = app.db.begin(domain::db::Scope::system(app.org)).await.unwrap();
    let started = app.started_checkout(&payment, "cos-to-come", 6_000);
    domain::payments::record_started(&mut tx, payment.parse().unwrap(), started).await.unwrap();
    tx.commit().await.unwrap();
    app.drain().await;
    assert_eq!(app.event_status("EV_parked").await, "settled");
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn authentic_money_that_matches_nothing_waits_an_hour_and_then_for_a_person() {
    let app = TestApp::start().await;
    let event = json!({ "id": "EV_stranger", "type": "checkout.session.completed", "data": {
        "id": "cos-nobody", "amount": "900", "currency": "XOF", "checkout_status": "complete",
        "payment_status": "succeeded", "client_reference": "not-ours", "transaction_id": "T2" } });
    app.signed_webhook(event.to_string().as_bytes()).await.expect(200);
    app.drain().await;
    assert_eq!(app.event_status("EV_stranger").await, "parked");
    app.advance(TimeDelta::minutes(61)).await;
    app.sweep(&domain::jobs::Maintenance::SweepEvents).await;
    assert_eq!(app.event_status("EV_stranger").await, "settled");
    assert_eq!((app.balance("suspense").await, app.balance("provider").await), (-900, 900));
    app.finish().await;
}

#[tokio::test]
async fn late_money_revives_the_booking_when_the_seat_is_free() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.pay(&checkout).unwrap(); // the payer confirms in time …
    app.wave.knobs().clear();
    app.advance(TimeDelta::minutes(31)).await; // … and the news comes after the hold ended
    app.expire_now(&booking).await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "expired");
    app.delivered(&checkout, 1).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    assert_eq!(app.notices(&rider, "money_late_revived").await, 1);
    assert_eq!(app.notices(&rider, "booking_confirmed").await, 0, "one message says both facts");
    app.finish().await;
}

#[tokio::test]
async fn late_money_goes_back_at_once_when_the_seat_is_taken() {
    let app = TestApp::start().await;
    let (ride, slow, quick) = (app.ride(1, 6_000).await, app.rider().await, app.rider().await);
    let booking = app.book(&slow, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&slow, &booking).await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    app.wave.pay(&checkout).unwrap();
    app.advance(TimeDelta::minutes(31)).await;
    app.book(&quick, &ride, 1).await; // ends the overdue hold and takes the seat
    app.drain().await; // closing the checkout fails, the poll learns of the money
    app.advance(TimeDelta::seconds(30)).await;
    app.drain().await;

    assert_eq!(app.booking(&slow, &booking).await["status"], "expired");
    assert_eq!(app.payment(&slow, &payment).await["status"], "succeeded");
    assert_eq!(app.booking(&slow, &booking).await["payment_status"], "refunded");
    assert_eq!(app.wave.state().refunds().len(), 1);
    assert_eq!((app.balance("suspense").await, app.balance("refund_transit").await), (0, 0));
    assert_eq!(app.balance("provider").await, 0);
    assert_eq!(app.notices(&slow, "money_returned").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_changed_amount_is_neither_settled_nor_lost() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    let forge = Forge::about(Forgery::ChangedAmount, &checkout);
    let delivery = app.wave.forge(forge).await.expect("the checkout is known");
    assert_eq!(delivery.status, Some(200), "it is authentic, and kept");
    app.drain().await;
    let held = app.payment(&rider, &payment).await;
    assert_eq!((&held["status"], &held["failure_code"]), (&json!("unknown"), &json!("amount_mismatch")));
    assert_eq!(app.booking(&rider, &booking).await["status"], "approved");
    assert_eq!(app.balance("suspense").await, -app.balance("provider").await);
    assert_ne!(app.balance("suspense").await, 0);
    assert_eq!(app.balance("escrow").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_failed_attempt_is_a_note_and_the_same_checkout_may_succeed() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.refuse(&checkout, "insufficient-funds").unwrap();
    app.delivered(&checkout, 1).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
    app.wave.pay(&checkout).unwrap();
    app.delivered(&checkout, 2).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}
