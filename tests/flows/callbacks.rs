//! Callbacks nobody signs (PROVIDERS §9): their address lets them in, the provider's own answer decides.

use chrono::TimeDelta;
use harness::TestApp;
use reqwest::{Method, StatusCode};
use sandbox::Faults;
use serde_json::json;

/// What MTN would say of a success.
fn success(payment: &str) -> String {
    let payer = json!({ "partyIdType": "MSISDN", "partyId": "2250500000000" });
    json!({ "amount": "6000", "currency": "XOF", "externalId": payment, "financialTransactionId": "1", "payer": payer,
            "status": "SUCCESSFUL" })
    .to_string()
}

#[tokio::test]
async fn only_an_address_of_ours_lets_anything_in() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider, other) = (app.ride(2, 6_000).await, app.rider().await, app.rider().await);
    let (mine, theirs) = (app.book(&rider, &ride, 1).await, app.book(&other, &ride, 1).await);
    let (payment, id) = app.open_by("mtn", &rider, &mine).await;
    let (_, another) = app.open_by("mtn", &other, &theirs).await;
    let (url, foreign) = (app.callback_of(&id), app.callback_of(&another));
    let (front, token) = url.rsplit_once('/').unwrap();
    let foreign_token = foreign.rsplit_once('/').unwrap().1;
    let nobody = "5b0c5f3e-6d0b-4a52-9d0e-0f6f6f1f0001";
    for wrong in [
        format!("{front}/{foreign_token}"),
        format!("{front}/{}", &token[..21]),
        format!("{front}/{token}A"),
        format!("{front}/{}", token.to_uppercase()),
        url.replace(&payment, nobody),
        url.replace(&payment, "not-an-id"),
        url.replace("/wh/mtn/", "/wh/orange/"),
        url.replace("/wh/mtn/", "/wh/wave/"),
    ] {
        for method in [Method::POST, Method::PUT] {
            assert_eq!(app.call(method, &wrong, &success(&payment)).await, StatusCode::NOT_FOUND, "{wrong}");
        }
    }
    assert_eq!(app.call(Method::GET, &url, "").await, StatusCode::METHOD_NOT_ALLOWED);
    app.drain().await;
    assert_eq!(app.count("select count(*) from inbound_events").await, 0);
    assert_eq!(app.booking(&rider, &mine).await["status"], "approved");
    app.finish().await;
}

#[tokio::test]
async fn what_a_callback_claims_decides_nothing() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, id) = app.open_by("mtn", &rider, &booking).await;
    let url = app.callback_of(&id);
    let failure = json!({ "externalId": payment, "status": "FAILED", "reason": "APPROVAL_REJECTED" }).to_string();
    for lie in [success(&payment), failure, "not even JSON".into(), String::new()] {
        assert_eq!(app.call(Method::PUT, &url, &lie).await, StatusCode::OK, "stored: {lie}");
    }
    for _ in 0..5 {
        app.drain().await;
        app.advance(TimeDelta::seconds(10)).await;
    }
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted", "the payer has not decided");
    assert_eq!(app.booking(&rider, &booking).await["status"], "approved");
    assert_eq!(app.count("select count(*) from inbound_events where status <> 'ignored'").await, 0);
    assert_eq!(app.balance("provider").await, 0);
    app.pay_by("mtn", &id).await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn a_notification_of_orange_must_repeat_the_word() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, id) = app.open_by("orange", &rider, &booking).await;
    let (url, word) = (app.callback_of(&id), app.word_of(&id));
    let said = |word: &str| json!({ "status": "SUCCESS", "notif_token": word, "txnid": "MP1" }).to_string();
    for wrong in [said("ntk_guessed"), said(""), "{}".into(), "<xml/>".into()] {
        assert_eq!(app.call(Method::POST, &url, &wrong).await, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert_eq!(app.call(Method::POST, &url, &said(&word)).await, StatusCode::OK);
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted", "it is not paid, whoever knows the word");
    app.pay_by("orange", &id).await;
    app.advance(TimeDelta::seconds(10)).await; // the question that is under way is not doubled
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    app.finish().await;
}

#[tokio::test]
async fn callbacks_that_come_together_ask_once() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (_, id) = app.open_by("mtn", &rider, &booking).await;
    let url = app.callback_of(&id);
    for number in 0..10 {
        app.call(Method::POST, &url, &json!({ "n": number }).to_string()).await;
    }
    app.drain().await;
    assert_eq!(app.count("select count(*) from inbound_events").await, 10);
    let spared = "select count(*) from inbound_events where note = 'the provider is being asked'";
    assert_eq!(app.count(spared).await, 9);
    app.advance(TimeDelta::seconds(60)).await;
    app.finish().await;
}

#[tokio::test]
async fn a_callback_comes_by_put_as_well_and_not_for_ever() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (_, id) = app.open_by("mtn", &rider, &booking).await;
    let by_put = Faults { put: Some(true), duplicate: Some(4), ..Faults::default() };
    app.wave.knobs().next("webhook.mtn", 1, by_put);
    app.wave.approve(&id).unwrap();
    app.delivered(&id, 5).await;
    app.drain().await;
    assert!(app.wave.state().deliveries().iter().all(|delivery| delivery.status == Some(200)));
    assert_eq!(app.count("select count(*) from inbound_events").await, 1, "one fact, however often it is told");
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    // three days later nobody is listened to any more
    let url = app.callback_of(&id);
    app.advance(TimeDelta::hours(73)).await;
    assert_eq!(app.call(Method::POST, &url, "{}").await, StatusCode::NOT_FOUND);
    app.drain().await;
    app.finish().await;
}
