//! SN5, PROVIDERS §10 23: money that was thought to have ended and has not. Refunds and payouts that come back days later,
//! payments that payers take back through their bank: the books are reversed, never changed, and everybody sees it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    jobs::Payments,
    policies::{CancellationTier, RefundDestination},
};
use harness::{Options, Person, TestApp, uuid};
use reqwest::{Method, StatusCode};
use sandbox::Faults;
use serde_json::json;

/// A ride paid by card and given up: refunded. Answers booking, payment and refund.
async fn refunded_card(app: &TestApp, rider: &Person) -> (String, String, String) {
    let ride = app.ride(1, 6_000).await;
    let (booking, payment) = app.booking_paid_by("card", rider, &ride).await;
    app.post(rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    assert_eq!(app.payment(rider, &payment).await["standing"], "returned");
    assert_eq!(app.booking(rider, &booking).await["payment_status"], "refunded");
    let refund = app.wave.state().transfers().pop().expect("a refund was made").id;
    (booking, payment, refund)
}

async fn balances(app: &TestApp, kinds: [&str; 4]) -> [i64; 4] {
    let mut held = [0; 4];
    for (at, kind) in kinds.into_iter().enumerate() {
        held[at] = app.balance(kind).await;
    }
    held
}

const OUT: [&str; 4] = ["provider", "suspense", "refund_transit", "escrow"];

#[tokio::test]
async fn a_refund_that_fails_days_later_is_taken_back_in_the_books_and_goes_to_a_person() {
    let app = TestApp::with_every_provider().await;
    let rider = app.rider().await;
    let (booking, payment, refund) = refunded_card(&app, &rider).await;
    assert_eq!(balances(&app, OUT).await, [0, 0, 0, 0]);
    app.advance(TimeDelta::hours(12)).await;
    app.drain().await;

    // told by two events, each five times, all at once
    app.wave.knobs().next("webhook.card", 1, Faults { duplicate: Some(4), ..Faults::default() });
    app.wave.fail_refund(&refund, "lost_or_stolen_card").unwrap();
    app.delivered(&refund, 10).await;
    app.drain().await;
    assert_eq!(balances(&app, OUT).await, [6_000, -6_000, 0, 0], "the money is with us again, and owed");
    assert_eq!(app.count("select count(*) from ledger_transactions where kind = 'refund_reversed'").await, 1);
    assert_eq!(app.payment(&rider, &payment).await["standing"], "return_failed");
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "paid");
    assert_eq!(app.notices(&rider, "refund_failed").await, 1);
    let finance = app.person("Mariam", &["finance"]).await;
    let waiting = app.get(&finance, "/payments?purpose=refund&status=in:manual,failed").await.expect(200);
    assert_eq!(waiting.text("/0/failure_code"), "lost_or_stolen_card");

    // a person sends it; what the provider says afterwards is about its own try
    let path = format!("/payments/{}/sent-by-hand", waiting.text("/0/id"));
    app.post(&finance, &path, &json!({ "reference": "VIR-1" })).await.expect(200);
    app.post(&finance, &path, &json!({ "reference": "VIR-2" })).await.refused(409, "state_conflict");
    assert_eq!(balances(&app, OUT).await, [0, 0, 0, 0]);
    let again = app.wave.state().events().pop().unwrap().body.replace("evt_", "evt_again_");
    assert_eq!(app.tell_signed("card", 0, &again).await, StatusCode::OK);
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "returned");
    assert_eq!(balances(&app, OUT).await, [0, 0, 0, 0]);
    app.advance(TimeDelta::days(5)).await;
    app.finish().await;
}

#[tokio::test]
async fn a_claim_that_a_refund_failed_is_asked_after_and_without_news_it_is_found_all_the_same() {
    let app = TestApp::with_every_provider().await;
    let rider = app.rider().await;
    let (_, payment, refund) = refunded_card(&app, &rider).await;
    let ours = app.wave.state().transfers().pop().unwrap().reference;
    let object = json!({ "id": refund, "amount": 6_000, "status": "failed", "metadata": { "refund": ours } });
    let lie = json!({ "id": "evt_lie", "type": "refund.failed", "data": { "object": object } }).to_string();
    assert_eq!(app.post_signed("card", "t=1,v1=00", &lie).await, StatusCode::UNAUTHORIZED);
    for age in [0, 3_600] {
        let told = lie.replace("evt_lie", &format!("evt_lie_{age}"));
        assert_eq!(app.tell_signed("card", age, &told).await, StatusCode::OK);
    }
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "returned", "the provider knows of no failure");

    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    app.wave.fail_refund(&refund, "expired_or_canceled_card").unwrap();
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "returned");
    app.advance(TimeDelta::hours(25)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "return_failed", "looked at again after a day");
    assert_eq!(balances(&app, OUT).await, [6_000, -6_000, 0, 0]);
    app.advance(TimeDelta::days(5)).await;
    app.finish().await;
}

#[tokio::test]
async fn a_part_sent_back_as_a_payout_costs_its_fee_and_may_be_taken_back() {
    let mut options = Options::default();
    options.settings.cancellation =
        vec![CancellationTier { before_minutes: 1_440, allowed: true, fee_basis_points: 2_500, fee_fixed: 0 }];
    let app = TestApp::start_with(options).await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, payment) = app.paid_booking(&rider, &ride, 1).await;
    let departs: DateTime<Utc> = app.booking(&rider, &booking).await["start_at"].as_str().unwrap().parse().unwrap();
    app.go_to(departs - TimeDelta::hours(20)).await;
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "partly_returned");
    assert_eq!((app.balance("provider").await, app.balance("provider_fees").await), (1_500 - 45, 45));

    let part = app.wave.state().payouts().pop().unwrap().payout.id;
    app.wave.take_back(&part).unwrap();
    app.advance(TimeDelta::hours(25)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "return_failed");
    assert_eq!((app.balance("provider").await, app.balance("provider_fees").await), (6_000, 0));
    assert_eq!((app.balance("suspense").await, app.balance("fees").await), (-4_500, -1_500));
    app.advance(TimeDelta::days(5)).await;
    app.finish().await;
}

#[tokio::test]
async fn a_payout_that_is_taken_back_is_owed_again_and_paid_by_the_next_run() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&finance).key(uuid()).send().await.expect(202);
    app.drain().await;
    assert_eq!((app.balance("earnings").await, app.balance("provider").await), (0, 700 - 53));

    let first = app.wave.state().payouts().pop().unwrap().payout.id;
    app.wave.take_back(&first).unwrap();
    app.advance(TimeDelta::hours(25)).await;
    app.drain().await;
    let payouts = app.get(&finance, "/payments?purpose=payout").await.expect(200);
    assert_eq!((payouts.text("/0/status"), payouts.text("/0/failure_code")), ("failed".into(), "reversed".into()));
    assert_eq!((app.balance("earnings").await, app.balance("provider").await), (-5_300, 6_000));
    assert_eq!(app.balance("provider_fees").await, 0);
    assert_eq!(app.notices(&ride.driver, "payout_failed").await, 1);

    app.ask(Method::POST, "/payouts/run").by(&finance).key(uuid()).send().await.expect(202);
    app.drain().await;
    assert_eq!((app.balance("earnings").await, app.wave.state().payouts().len()), (0, 2));
    app.advance(TimeDelta::days(9)).await;
    app.finish().await;
}

/// A ride paid by card and disputed. Answers the payment and the dispute.
async fn disputed(app: &TestApp, rider: &Person) -> (String, String) {
    let ride = app.ride(1, 6_000).await;
    let booking = app.book(rider, &ride, 1).await;
    let (payment, id) = app.open_by("card", rider, &booking).await;
    app.pay_by("card", &id).await;
    assert_eq!(app.payment(rider, &payment).await["standing"], "settled");
    let dispute = app.wave.dispute(&id, "fraudulent").unwrap().dispute.id;
    (payment, dispute)
}

const CARD: [&str; 4] = ["provider", "suspense", "chargebacks", "escrow"];

#[tokio::test]
async fn a_disputed_payment_is_seen_and_ends_as_the_bank_decides() {
    for (won, standing, status, held) in [
        (true, "settled", "failed", [6_000, 0, 0, -6_000]),
        (false, "charged_back", "succeeded", [-1_500, 0, 6_000, -6_000]),
    ] {
        let app = TestApp::with_every_provider().await;
        let rider = app.rider().await;
        let (payment, dispute) = disputed(&app, &rider).await;
        app.delivered(&dispute, 2).await;
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["standing"], "disputed");
        assert_eq!(
            balances(&app, CARD).await,
            [-1_500, 6_000, 0, -6_000],
            "the bank has the money, nobody knows whose it is"
        );

        app.wave.knobs().next("webhook.card", 1, Faults { duplicate: Some(4), ..Faults::default() });
        app.wave.end_dispute(&dispute, won).unwrap();
        app.delivered(&dispute, 7).await;
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["standing"], standing);
        assert_eq!(balances(&app, CARD).await, held, "won: {won}");
        assert_eq!(app.balance("provider_fees").await, if won { 0 } else { 1_500 }, "given back to who has won");
        let finance = app.person("Mariam", &["finance"]).await;
        let told = app.get(&finance, "/payments?purpose=chargeback").await.expect(200);
        assert_eq!((told.text("/0/status"), told.text("/0/parent_id")), (status.to_owned(), payment));
        assert_eq!((told.text("/0/provider_ref"), told.text("/0/failure_code")), (dispute, "fraudulent".into()));
        assert_eq!(told.data("").as_array().map(Vec::len), Some(1));
        app.advance(TimeDelta::days(2)).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn what_a_bank_took_back_is_not_given_a_second_time() {
    for destination in [RefundDestination::Wallet, RefundDestination::OriginalThenWallet] {
        let mut options = Options { every_provider: true, ..Options::default() };
        options.settings.refund_destination = destination;
        let app = TestApp::start_with(options).await;
        let rider = app.rider().await;
        let (payment, dispute) = disputed(&app, &rider).await;
        app.delivered(&dispute, 2).await;
        app.drain().await;
        app.wave.end_dispute(&dispute, false).unwrap();
        app.delivered(&dispute, 3).await;
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["standing"], "charged_back");

        let booking = app.get(&rider, "/bookings").await.expect(200).text("/0/id");
        app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
        app.drain().await;
        let refund = app.get(&rider, "/payments?purpose=refund").await.expect(200);
        assert_eq!(refund.data("").as_array().map(Vec::len), Some(1), "{destination:?}");
        assert_eq!((refund.text("/0/method"), refund.text("/0/status")), ("card".into(), "failed".into()));
        assert_eq!(refund.text("/0/failure_code"), "charge_disputed");
        assert_eq!(app.balance("wallet").await, 0, "{destination:?}");
        app.finish().await;
    }
}

#[tokio::test]
async fn a_dispute_nobody_tells_the_end_of_is_looked_at_every_day() {
    let app = TestApp::with_every_provider().await;
    let rider = app.rider().await;
    let (payment, dispute) = disputed(&app, &rider).await;
    app.delivered(&dispute, 2).await;
    app.drain().await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    app.advance(TimeDelta::hours(25)).await;
    app.drain().await;
    app.sweep(&domain::jobs::Maintenance::SweepPayments).await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "disputed", "the bank has not decided");
    app.wave.end_dispute(&dispute, false).unwrap();
    app.advance(TimeDelta::hours(25)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "charged_back");
    app.finish().await;
}

#[tokio::test]
async fn a_dispute_that_is_told_before_the_payment_waits_for_it_and_a_strangers_is_put_aside() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, id) = app.open_by("card", &rider, &booking).await;
    app.wave.knobs().next("webhook.card", 1, Faults { never: Some(true), ..Faults::default() });
    app.say_yes("card", &id);
    let dispute = app.wave.dispute(&id, "fraudulent").unwrap().dispute.id;
    app.delivered(&dispute, 2).await;
    app.settle_waiting_events().await;
    assert_eq!(app.count("select count(*) from inbound_events where status = 'parked'").await, 2);
    wait(&app, 20).await; // the poll learns of the payment
    app.advance(TimeDelta::minutes(2)).await;
    app.sweep(&domain::jobs::Maintenance::SweepEvents).await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "disputed");

    let stranger = json!({ "id": "dp_1", "amount": 900, "currency": "xof", "payment_intent": "pi_nobody" });
    let told = json!({ "id": "evt_s", "type": "charge.dispute.created", "data": { "object": stranger } }).to_string();
    assert_eq!(app.tell_signed("card", 0, &told).await, StatusCode::OK);
    app.drain().await;
    assert_eq!(app.event_status("evt_s").await, "parked");
    app.advance(TimeDelta::minutes(61)).await;
    app.sweep(&domain::jobs::Maintenance::SweepEvents).await;
    assert_eq!(app.event_status("evt_s").await, "ignored");
    app.finish().await;
}

#[tokio::test]
async fn a_look_at_money_that_has_not_gone_out_finds_nothing_to_do() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, _) = app.open_by("card", &rider, &booking).await;
    let mut tx = app.db.begin(domain::db::Scope::system(app.org)).await.unwrap();
    tx.enqueue(&Payments::LookAgain { payment: payment.parse().unwrap() });
    tx.commit().await.unwrap();
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "under_way");
    assert_eq!(app.wave.state().calls("card.disputes"), 0);
    app.finish().await;
}

async fn wait(app: &TestApp, seconds: i64) {
    app.advance(TimeDelta::seconds(seconds)).await;
    app.drain().await;
}
