//! The failure modes of PROVIDERS §10 that are about money going out, each against the sandbox over HTTP.

use chrono::TimeDelta;
use harness::{TestApp, uuid};
use reqwest::Method;
use sandbox::Faults;
use serde_json::{Value, json};

/// Time passes, and whatever is due then is done.
async fn wait(app: &TestApp, seconds: i64) {
    app.advance(TimeDelta::seconds(seconds)).await;
    app.drain().await;
}

#[tokio::test]
async fn fm_08_a_refund_that_is_already_known_is_made_once() {
    for (method, operation) in [("mtn", "mtn.refund"), ("card", "card.refund"), ("wave", "checkout.refund")] {
        let app = TestApp::with_every_provider().await;
        let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
        let (booking, payment) = app.booking_paid_by(method, &rider, &ride).await;
        app.wave.knobs().next(operation, 1, Faults { lose_answer: Some(true), ..Faults::default() });
        app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
        for _ in 0..3 {
            app.drain().await;
            wait(&app, 40).await;
        }
        assert_eq!(app.payment(&rider, &payment).await["standing"], "returned", "{method}");
        assert_eq!(app.wave.state().refunds().len() + app.wave.state().transfers().len(), 1, "{method}");
        assert_eq!(app.balance("provider").await, 0, "{method}");
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_21_money_out_keeps_its_name_whatever_happens_on_the_way() {
    for method in ["wave", "mtn"] {
        let app = TestApp::with_every_provider().await;
        let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
        let to = json!({ "method": method, "number": ride.driver.phone, "holder_name": "Koffi" });
        app.post(&ride.driver, "/me/payout-destinations", &to).await.expect(201);
        let (booking, _) = app.booking_paid_by(method, &rider, &ride).await;
        app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
        app.take_ride(&rider, &ride, &booking).await;
        app.drain().await;
        let operation = if method == "wave" { "payout.create" } else { "mtn.transfer" };
        app.wave.knobs().next(operation, 1, Faults { lose_answer: Some(true), ..Faults::default() });
        let finance = app.person("Mariam", &["finance"]).await;
        app.ask(Method::POST, "/payouts/run").by(&finance).key(uuid()).send().await.expect(202);
        for _ in 0..4 {
            app.drain().await;
            wait(&app, 60).await;
        }
        let sent: Vec<Value> = match method {
            "wave" => app.wave.state().payouts().iter().map(|payout| json!(payout.francs())).collect(),
            _ => app.wave.state().transfers().iter().map(|transfer| json!(transfer.amount)).collect(),
        };
        assert_eq!(sent, [json!(5_300)], "{method}: once");
        assert_eq!(app.balance("payout_transit").await, 0);
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_23_a_refund_that_is_taken_and_fails_is_in_the_books_as_it_ended() {
    for (method, operation) in [("mtn", "mtn.refund"), ("card", "card.refund")] {
        let app = TestApp::with_every_provider().await;
        let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
        let (booking, _) = app.booking_paid_by(method, &rider, &ride).await;
        let fails = Faults { payout_error: Some("declined".into()), processing_reads: Some(1), ..Faults::default() };
        app.wave.knobs().next(operation, 1, fails);
        app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
        app.drain().await;
        for _ in 0..3 {
            wait(&app, 40).await;
        }
        assert_eq!((app.balance("suspense").await, app.balance("refund_transit").await), (-6_000, 0), "{method}");
        assert_eq!(app.count("select count(*) from payments where purpose = 'refund' and status = 'failed'").await, 1);
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_24_a_refund_the_provider_does_not_have_is_a_persons() {
    for method in ["orange", "sonatel"] {
        by_a_person(method).await;
    }
}

async fn by_a_person(method: &str) {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, _) = app.booking_paid_by(method, &rider, &ride).await;
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    let finance = app.person("Mariam", &["finance"]).await;
    let waiting = app.get(&finance, "/payments?purpose=refund&status=manual").await.expect(200);
    let path = format!("/payments/{}/sent-by-hand", waiting.text("/0/id"));
    app.post(&finance, &path, &json!({ "reference": "MP1" })).await.expect(200);
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "refunded");
    app.finish().await;
}

#[tokio::test]
async fn fm_22_a_cash_in_without_a_key_is_never_made() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let to = json!({ "method": "sonatel", "number": ride.driver.phone, "holder_name": "Koffi" });
    app.post(&ride.driver, "/me/payout-destinations", &to).await.expect(201);
    let (booking, _) = app.booking_paid_by("sonatel", &rider, &ride).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&finance).key(uuid()).send().await.expect(202);
    app.drain().await;
    let payouts = app.get(&finance, "/payments?purpose=payout").await.expect(200);
    assert_eq!(payouts.text("/0/status"), "failed", "a person pays, under a reference of their own");
    assert_eq!((app.balance("earnings").await, app.balance("payout_transit").await), (-5_300, 0), "owed as before");
    app.finish().await;
}
