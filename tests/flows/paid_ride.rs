//! G55: request → accepted → payment → webhook → paid → reminders → check-in → start → end → in a payout.

use chrono::TimeDelta;
use harness::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_booking_paid_by_wave_is_ridden_and_earned() {
    paid_ridden_and_earned("wave").await;
}

#[tokio::test]
async fn a_booking_paid_by_mtn_is_ridden_and_earned() {
    paid_ridden_and_earned("mtn").await;
}

#[tokio::test]
async fn a_booking_paid_by_orange_is_ridden_and_earned() {
    paid_ridden_and_earned("orange").await;
}

#[tokio::test]
async fn a_booking_paid_by_card_is_ridden_and_earned() {
    paid_ridden_and_earned("card").await;
}

async fn paid_ridden_and_earned(method: &str) {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(3, 6_000).await, app.rider().await);

    // request, accepted at once (G38): seats are held, money is due
    let booked = app.try_book(&rider, &ride, 2).await.expect(201);
    assert_eq!((booked.text("/status"), booked.text("/payment_status")), ("approved".into(), "due".into()));
    assert_eq!(booked.int("/price/amount"), 12_000);
    let id = booked.text("/id");
    let trip = app.get(&rider, &format!("/trips/{}", ride.id)).await.expect(200);
    assert_eq!(trip.data("/seats"), json!({ "total": 3, "held": 2, "sold": 0, "available": 1 }));

    // pay: an operation that waits for the payer (J4)
    let (payment, checkout) = app.open_by(method, &rider, &id).await;
    let submitted = app.payment(&rider, &payment).await;
    assert_eq!((&submitted["status"], &submitted["method"]), (&json!("submitted"), &json!(method)));
    let asked = if method == "mtn" { "approve_on_phone" } else { "redirect" };
    assert_eq!(submitted["next_action"]["type"], asked);
    app.pay_by(method, &checkout).await;

    // settled in one commit (J7): payment, booking, books
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    let firm = app.booking(&rider, &id).await;
    assert_eq!((&firm["status"], &firm["payment_status"]), (&json!("confirmed"), &json!("paid")));
    assert_eq!((app.balance("provider").await, app.balance("escrow").await), (12_000, -12_000));
    let trip = app.get(&rider, &format!("/trips/{}", ride.id)).await.expect(200);
    assert_eq!(trip.data("/seats"), json!({ "total": 3, "held": 0, "sold": 2, "available": 1 }));

    // told on three channels (R1): rider by push, mail and SMS
    assert!(app.wave.state().mails().iter().any(|mail| mail.recipients.contains(&rider.email)));
    assert!(app.wave.state().sms().iter().any(|sms| sms.to.ends_with(&rider.phone)));
    assert!(!app.wave.state().pushes().is_empty());

    // reminders a day and two hours before (Q4)
    let before = app.wave.state().sms().len();
    app.advance(TimeDelta::hours(24) + TimeDelta::seconds(1)).await;
    app.drain().await;
    assert_eq!(app.wave.state().sms().len(), before + 2, "rider and driver are reminded a day before");
    app.advance(TimeDelta::hours(22)).await;
    app.drain().await;
    assert_eq!(app.wave.state().sms().len(), before + 4, "and two hours before");

    // the ride (G39, G40): earned less commission of 10 % + 100
    app.advance(TimeDelta::minutes(90)).await;
    app.take_ride(&rider, &ride, &id).await;
    assert_eq!(app.booking(&rider, &id).await["status"], "completed");
    assert_eq!(app.get(&rider, &format!("/trips/{}", ride.id)).await.expect(200).text("/status"), "completed");
    assert_eq!(app.balance("escrow").await, 0);
    assert_eq!((app.balance("earnings").await, app.balance("commission").await), (-10_700, -1_300));
    app.finish().await;
}

#[tokio::test]
async fn a_driver_who_is_asked_first_accepts_or_rejects() {
    let app = TestApp::start().await;
    let driver = app.driver().await;
    let mut body = app.trip_body(2, 5_000).await;
    body["allow_auto_accept"] = json!(false);
    let ride = app.ride_of(&driver, body).await;
    let (first, second) = (app.rider().await, app.rider().await);

    let accepted = app.book(&first, &ride, 1).await;
    assert_eq!(app.booking(&first, &accepted).await["status"], "pending");
    app.try_pay(&first, &accepted).await.refused(409, "state_conflict");

    app.post(&first, &format!("/bookings/{accepted}/approve"), &json!({})).await.refused(403, "forbidden");
    // to another driver this booking does not exist
    let stranger = app.driver().await;
    app.post(&stranger, &format!("/bookings/{accepted}/approve"), &json!({})).await.refused(404, "not_found");
    app.post(&driver, &format!("/bookings/{accepted}/approve"), &json!({})).await.expect(200);
    assert_eq!(app.booking(&first, &accepted).await["status"], "approved");

    let rejected = app.book(&second, &ride, 1).await;
    app.post(&driver, &format!("/bookings/{rejected}/reject"), &json!({ "reason": "full_car" })).await.expect(200);
    assert_eq!(app.booking(&second, &rejected).await["status"], "rejected");
    app.post(&driver, &format!("/bookings/{rejected}/approve"), &json!({})).await.refused(409, "state_conflict");
    // the rejected seat is free again
    app.book(&second, &ride, 1).await;
    app.finish().await;
}

#[tokio::test]
async fn a_free_ride_is_firm_at_once() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 0).await, app.rider().await);
    let booked = app.try_book(&rider, &ride, 1).await.expect(201);
    assert_eq!((booked.text("/status"), booked.text("/payment_status")), ("confirmed".into(), "none".into()));
    app.try_pay(&rider, &booked.text("/id")).await.refused(409, "nothing_due");
    app.finish().await;
}

#[tokio::test]
async fn an_unpaid_hold_ends_and_frees_its_seats() {
    let app = TestApp::start().await;
    let (ride, slow, quick) = (app.ride(1, 4_000).await, app.rider().await, app.rider().await);
    let held = app.book(&slow, &ride, 1).await;
    let refused = app.try_book(&quick, &ride, 1).await.refused(409, "booking_conflict");
    assert_eq!(refused.details(), &json!({ "available": 0, "requested": 1 }));

    app.advance(TimeDelta::minutes(31)).await;
    // the deadline holds for every reader, whether or not its timer came
    app.try_pay(&slow, &held).await.refused(410, "hold_expired");
    app.book(&quick, &ride, 1).await;
    assert_eq!(app.booking(&slow, &held).await["status"], "expired");
    app.finish().await;
}

#[tokio::test]
async fn a_lost_timer_is_found_by_the_sweep() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 4_000).await, app.rider().await);
    let held = app.book(&rider, &ride, 1).await;
    sqlx::query("delete from queue.jobs where kind = 'booking.expire_hold'").execute(&app.owner).await.unwrap();
    app.advance(TimeDelta::minutes(31)).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &held).await["status"], "approved", "nothing looked at it yet");
    app.sweep(&domain::jobs::Reservations::SweepHolds).await;
    assert_eq!(app.booking(&rider, &held).await["status"], "expired");
    app.finish().await;
}

#[tokio::test]
async fn check_in_takes_only_the_code_of_this_booking_around_its_start() {
    let app = TestApp::start().await;
    let (ride, rider, other) = (app.ride(2, 3_000).await, app.rider().await, app.rider().await);
    let (mine, _) = app.paid_booking(&rider, &ride, 1).await;
    let (theirs, _) = app.paid_booking(&other, &ride, 1).await;
    let code = app.get(&rider, &format!("/bookings/{mine}/access-code")).await.expect(200);
    app.get(&other, &format!("/bookings/{mine}/access-code")).await.refused(404, "not_found");
    app.get(&ride.driver, &format!("/bookings/{mine}/access-code")).await.refused(404, "not_found");

    let check_in = |id: String, code: String| {
        let (app, driver) = (&app, &ride.driver);
        async move { app.post(driver, &format!("/bookings/{id}/check-in"), &json!({ "code": code })).await }
    };
    check_in(mine.clone(), code.text("/digits")).await.refused(409, "check_in_closed");
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    check_in(theirs.clone(), code.text("/token")).await.refused(403, "access_code_invalid");
    let mut forged = code.text("/token");
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    check_in(mine.clone(), forged).await.refused(403, "access_code_invalid");
    app.post(&ride.driver, &format!("/bookings/{mine}/start"), &json!({})).await.refused(409, "state_conflict");
    check_in(mine.clone(), code.text("/token")).await.expect(200);
    check_in(mine.clone(), code.text("/digits")).await.expect(200); // again: no harm

    for _ in 0..4 {
        check_in(theirs.clone(), "000000".into()).await.refused(403, "access_code_invalid");
    }
    check_in(theirs.clone(), "000000".into()).await.refused(429, "otp_limit");
    let trail = "select count(*) from audit_events where meta ->> 'reason' = 'access_code_refused'";
    assert_eq!(app.count(trail).await, 6, "each wrong code is in the trail: one of mine, five of theirs");
    app.drain().await;
    app.finish().await;
}
