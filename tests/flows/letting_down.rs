//! Who lets the other down pays for it as the policy said when it was booked: a rider who does not come (L4, L5), a driver
//! who cancels late (L3). And where what goes back goes (CX49, K27).

use chrono::TimeDelta;
use domain::{
    organizations::settings::DriverCancellation,
    policies::{CancellationTier, NoShow, RefundDestination},
};
use harness::{Options, Ride, TestApp, story::uuid};
use reqwest::Method;
use sandbox::{Faults, Refuse};
use serde_json::json;

/// Half an hour after the departure a ride is missed, which costs a third and 100.
fn missed() -> Options {
    let mut options = Options::default();
    options.settings.release_after_minutes = Some(30);
    options.settings.no_show = NoShow { penalty_points: 2, fine: 0, fee_basis_points: 3_000, fee_fixed: 100 };
    options
}

#[tokio::test]
async fn who_does_not_come_pays_a_part_and_gets_the_rest_back() {
    let app = TestApp::start_with(missed()).await;
    let (ride, comes, misses) = (app.ride(2, 6_000).await, app.rider().await, app.rider().await);
    let (first, _) = app.paid_booking(&comes, &ride, 1).await;
    let (second, payment) = app.paid_booking(&misses, &ride, 1).await;
    let quote = app.post(&misses, &format!("/bookings/{second}/cancellation-quote"), &json!({})).await.expect(200);
    assert_eq!(quote.int("/no_show_fee/amount"), 1_900);

    // the policy as it was when booked: dearer rules of today change nothing
    let admin = app.person("Admin", &["admin"]).await;
    let dearer = json!({ "settings": { "no_show": { "fee_basis_points": 10_000 } } });
    app.patch(&admin, &format!("/organizations/{}", app.slug), &dearer).await.expect(200);

    app.go_to(ride.departure - TimeDelta::minutes(5)).await;
    app.take_ride(&comes, &ride, &first).await;
    app.go_to(ride.departure + TimeDelta::minutes(29)).await;
    app.drain().await;
    assert_eq!(app.booking(&misses, &second).await["status"], "confirmed");
    app.go_to(ride.departure + TimeDelta::minutes(31)).await;
    app.drain().await;
    app.advance(TimeDelta::minutes(1)).await;
    app.drain().await;
    let gone = app.booking(&misses, &second).await;
    assert_eq!((&gone["status"], &gone["payment_status"]), (&json!("no_show"), &json!("partially_refunded")));
    assert_eq!(app.booking(&comes, &first).await["status"], "completed");
    assert_eq!((app.points(&misses).await, app.points(&comes).await), (2, 0));
    assert_eq!(app.notices(&misses, "ride_missed").await, 1);
    for (kind, holds) in [("fees", -1_900), ("escrow", 0), ("refund_transit", 0), ("suspense", 0)] {
        assert_eq!(app.balance(kind).await, holds, "{kind}");
    }
    let refunds = app.get(&misses, "/payments?purpose=refund").await.expect(200);
    assert_eq!((refunds.int("/0/amount/amount"), refunds.text("/0/parent_id")), (4_100, payment));
    assert_eq!(app.get(&comes, &format!("/trips/{}", ride.id)).await.expect(200).text("/status"), "completed");
    app.finish().await;
}

/// Within a day of the departure a driver loses three points and 2 000.
fn strict() -> Options {
    let mut options = Options::default();
    options.settings.driver_cancellation =
        DriverCancellation { before_minutes: 1_440, penalty_points: 3, penalty: 2_000 };
    options
}

async fn cancel(app: &TestApp, ride: &Ride) {
    app.post(&ride.driver, &format!("/trips/{}/cancel", ride.id), &json!({})).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn a_driver_who_cancels_late_is_charged_and_the_next_payout_withholds_it() {
    let app = TestApp::start_with(strict()).await;
    let rider = app.rider().await;
    let (early, late) = (app.ride(1, 6_000).await, app.ride(1, 6_000).await);
    app.paid_booking(&rider, &early, 1).await;
    app.paid_booking(&rider, &late, 1).await;
    cancel(&app, &early).await;
    assert_eq!((app.points(&early.driver).await, app.balance("penalties").await), (0, 0), "in time");

    app.go_to(late.departure - TimeDelta::hours(23)).await;
    cancel(&app, &late).await;
    assert_eq!(app.points(&late.driver).await, 3);
    assert_eq!((app.balance("penalties").await, app.balance("earnings").await), (-2_000, 2_000));
    assert_eq!(app.notices(&late.driver, "driver_penalized").await, 1);
    app.post(&late.driver, &format!("/trips/{}/cancel", late.id), &json!({})).await.refused(409, "state_conflict");
    assert_eq!(app.balance("penalties").await, -2_000, "once");

    // nobody had booked: nobody was let down
    let empty = app.ride_of(&late.driver, app.trip_body(1, 6_000).await).await;
    app.go_to(empty.departure - TimeDelta::hours(1)).await;
    cancel(&app, &empty).await;
    assert_eq!(app.points(&late.driver).await, 3);

    // the next ride earns 5 300, and the payout is what is left of it
    let ride = app.ride_of(&late.driver, app.trip_body(1, 6_000).await).await;
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.go_to(ride.departure - TimeDelta::minutes(5)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&finance).key(uuid()).send().await.expect(202);
    app.drain().await;
    let payout = app.get(&late.driver, "/payouts").await.expect(200);
    assert_eq!(payout.int("/0/amount/amount"), 3_300);
    let path = format!("/payouts/{}/statement", payout.text("/0/id"));
    let said = app.get(&late.driver, &path).await.expect(200);
    assert_eq!((said.text("/lines/0/kind"), said.int("/lines/0/earned/amount")), ("driver_penalty".into(), -2_000));
    assert_eq!((said.int("/lines/1/earned/amount"), said.int("/total/amount")), (5_300, 3_300));
    app.finish().await;
}

fn sending(refunds: RefundDestination) -> Options {
    let mut options = Options { every_provider: true, ..Options::default() };
    options.settings.refund_destination = refunds;
    options.settings.cancellation =
        vec![CancellationTier { before_minutes: 10_080, allowed: true, fee_basis_points: 2_500, fee_fixed: 0 }];
    options
}

#[tokio::test]
async fn by_policy_the_rest_is_in_the_wallet_at_once() {
    let app = TestApp::start_with(sending(RefundDestination::Wallet)).await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, payment) = app.paid_booking(&rider, &ride, 1).await;
    let quote = app.post(&rider, &format!("/bookings/{booking}/cancellation-quote"), &json!({})).await.expect(200);
    assert_eq!((quote.text("/postings/1/to"), quote.int("/postings/1/amount/amount")), ("wallet".into(), 4_500));
    let ask = json!({ "quote": quote.text("/code") });
    let gone = app.post(&rider, &format!("/bookings/{booking}/cancel"), &ask).await.expect(200);
    assert_eq!((gone.text("/payment_status"), gone.int("/cancellation_fee")), ("partially_refunded".into(), 1_500));
    assert_eq!(app.get(&rider, "/wallet").await.expect(200).int("/balance/amount"), 4_500);
    let refund = app.get(&rider, "/payments?purpose=refund").await.expect(200);
    assert_eq!((refund.text("/0/method"), refund.text("/0/status")), ("wallet".into(), "succeeded".into()));
    assert_eq!(refund.text("/0/parent_id"), payment);
    app.drain().await;
    assert!(app.wave.state().refunds().is_empty() && app.wave.state().payouts().is_empty(), "no provider was asked");
    for (kind, holds) in [("provider", 6_000), ("wallet", -4_500), ("fees", -1_500), ("escrow", 0), ("suspense", 0)] {
        assert_eq!(app.balance(kind).await, holds, "{kind}");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_a_provider_cannot_take_back_is_in_the_wallet_instead() {
    let app = TestApp::start_with(sending(RefundDestination::OriginalThenWallet)).await;
    let desk = app.person("Desk", &["finance"]).await;
    let refuse = Refuse { status: 409, code: "checkout-refund-failed".into(), retry_after: None };
    app.wave.knobs().always("payout.create", Faults { refuse: Some(refuse), ..Faults::default() });
    for method in ["orange", "wave"] {
        let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
        let (booking, _) = app.booking_paid_by(method, &rider, &ride).await;
        app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
        app.drain().await;
        app.advance(TimeDelta::minutes(1)).await;
        app.drain().await;
        assert_eq!(app.get(&rider, "/wallet").await.expect(200).int("/balance/amount"), 4_500, "{method}");
        assert_eq!(app.booking(&rider, &booking).await["payment_status"], "partially_refunded", "{method}");
        let refunds = app.get(&rider, "/payments?purpose=refund").await.expect(200).data("");
        let failed = refunds.as_array().unwrap().iter().find(|refund| refund["method"] == method).unwrap().clone();
        assert_eq!((&failed["status"], &failed["failure_code"]), (&json!("failed"), &json!("in_wallet_instead")));
        // nobody sends it a second time by hand
        let path = format!("/payments/{}/sent-by-hand", failed["id"].as_str().unwrap());
        app.post(&desk, &path, &json!({ "reference": "MP1" })).await.refused(409, "state_conflict");
    }
    for (kind, holds) in [("wallet", -9_000), ("fees", -3_000), ("suspense", 0), ("refund_transit", 0)] {
        assert_eq!(app.balance(kind).await, holds, "{kind}");
    }
    app.finish().await;
}
