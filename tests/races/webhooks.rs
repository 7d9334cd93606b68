//! A7: the same webhook fifty times at once has one effect.

use harness::TestApp;
use sandbox::Faults;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_copies_of_one_webhook_at_once() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (_, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.knobs().next("webhook", 1, Faults { never: Some(true), ..Faults::default() });
    app.wave.pay(&checkout).unwrap();
    let event = app.wave.state().events().last().unwrap().id.clone();
    let copies = app.wave.redeliver(&event, 50, true).await.unwrap();
    assert!(copies.iter().all(|copy| copy.status == Some(200)), "{copies:?}");
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    assert_eq!(app.count("select count(*) from inbound_events").await, 1);
    assert_eq!(app.count("select count(*) from ledger_transactions").await, 1);
    assert_eq!(app.notices(&rider, "booking_confirmed").await, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn event_poll_expiry_and_cancellation_at_once_leave_one_truth() {
    for round in 0..8 {
        let app = TestApp::start().await;
        let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
        let booking = app.book(&rider, &ride, 1).await;
        let (payment, checkout) = app.open_payment(&rider, &booking).await;
        app.wave.pay(&checkout).unwrap();
        app.delivered(&checkout, 1).await;
        app.advance(chrono::TimeDelta::minutes(31)).await;
        let cancel = async {
            tokio::time::sleep(std::time::Duration::from_millis(round * 3)).await;
            app.post(&rider, &format!("/bookings/{booking}/cancel"), &serde_json::json!({})).await
        };
        let (_, _, answer) = tokio::join!(app.drain(), app.drain(), cancel);
        assert!([200, 409].contains(&answer.status), "{}", answer.body);
        app.advance(chrono::TimeDelta::minutes(1)).await;
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
        let ended = app.booking(&rider, &booking).await;
        let truth = (ended["status"].as_str().unwrap(), ended["payment_status"].as_str().unwrap());
        assert!(
            [("confirmed", "paid"), ("cancelled", "refunded"), ("expired", "refunded")].contains(&truth),
            "{truth:?}"
        );
        let refunds = i64::try_from(app.wave.state().refunds().len()).unwrap();
        assert_eq!(refunds, i64::from(truth.1 == "refunded"));
        app.finish().await;
    }
}
