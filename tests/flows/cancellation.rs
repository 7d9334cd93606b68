//! Giving up, before and after the payment; and a trip that will not happen.

use harness::TestApp;
use sandbox::{Faults, Refuse};
use serde_json::json;

#[tokio::test]
async fn cancelling_before_the_payment_frees_the_seats_and_closes_the_checkout() {
    let app = TestApp::start().await;
    let (ride, rider, other) = (app.ride(1, 6_000).await, app.rider().await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    app.post(&other, &format!("/bookings/{booking}/cancel"), &json!({})).await.refused(404, "not_found");
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({ "reason": "change_of_plan" })).await.expect(200);
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "expired");
    assert!(app.wave.pay(&checkout).is_err(), "nobody can pay it any more");
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.refused(409, "state_conflict");
    app.book(&other, &ride, 1).await;
    app.finish().await;
}

#[tokio::test]
async fn cancelling_a_paid_booking_before_the_start_refunds_it_whole_and_once() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.wave.knobs().next("checkout.refund", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    app.advance(chrono::TimeDelta::seconds(30)).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "refunded");
    assert_eq!(app.wave.state().refunds().len(), 1);
    for kind in ["provider", "escrow", "refund_transit", "suspense"] {
        assert_eq!(app.balance(kind).await, 0, "{kind}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_cancelled_trip_pays_every_rider_back() {
    let app = TestApp::start().await;
    let (ride, paid, unpaid) = (app.ride(2, 6_000).await, app.rider().await, app.rider().await);
    let (first, _) = app.paid_booking(&paid, &ride, 1).await;
    let second = app.book(&unpaid, &ride, 1).await;
    app.post(&paid, &format!("/trips/{}/cancel", ride.id), &json!({})).await.refused(403, "forbidden");
    app.post(&ride.driver, &format!("/trips/{}/cancel", ride.id), &json!({})).await.expect(200);
    app.drain().await;
    assert_eq!(app.booking(&paid, &first).await["status"], "cancelled");
    assert_eq!(app.booking(&paid, &first).await["payment_status"], "refunded");
    assert_eq!(app.booking(&unpaid, &second).await["status"], "cancelled");
    assert_eq!(app.notices(&unpaid, "trip_cancelled").await, 1);
    assert_eq!(app.balance("provider").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_refund_the_provider_refuses_stays_visible_in_suspense() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    let refuse = Refuse { status: 409, code: "checkout-refund-failed".into(), retry_after: None };
    app.wave.knobs().always("checkout.refund", Faults { refuse: Some(refuse), ..Faults::default() });
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    assert_eq!(app.balance("suspense").await, -6_000);
    assert_eq!(app.balance("refund_transit").await, 0);
    app.finish().await;
}
