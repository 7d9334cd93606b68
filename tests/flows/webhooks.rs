//! The webhook door (J5–J11): authentic or nothing, stored once, answered at once.

use harness::{TestApp, app::WEBHOOK_SECRET};
use integrations::{Secret, payments::wave::webhook};
use reqwest::Method;
use sandbox::{Faults, Forge, Forgery};
use serde_json::json;

#[tokio::test]
async fn the_same_event_ten_times_has_one_effect() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (_, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.knobs().next("webhook", 1, Faults { duplicate: Some(9), ..Faults::default() });
    app.wave.pay(&checkout).unwrap();
    app.delivered(&checkout, 10).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    assert_eq!(app.count("select count(*) from inbound_events").await, 1);
    assert_eq!(app.count("select count(*) from ledger_transactions").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn forgeries_are_refused_and_leave_nothing() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (_, checkout) = app.open_payment(&rider, &booking).await;
    for forgery in [Forgery::BadMac, Forgery::NoSignature] {
        let delivery = app.wave.forge(Forge::about(forgery, &checkout)).await.unwrap();
        assert_eq!(delivery.status, Some(401), "{forgery:?}");
    }
    app.drain().await;
    assert_eq!(app.count("select count(*) from inbound_events").await, 0);
    assert_eq!(app.booking(&rider, &booking).await["status"], "approved");
    app.finish().await;
}

#[tokio::test]
async fn a_stale_but_authentic_event_only_makes_us_ask() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    // says it was paid, but it was not: the body must not be believed
    let delivery = app.wave.forge(Forge::about(Forgery::Stale, &checkout)).await.unwrap();
    assert_eq!(delivery.status, Some(200));
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
    // really paid, and the news is old: the provider's answer settles it
    app.wave.knobs().next("webhook", 1, Faults { stale_seconds: Some(3_600), ..Faults::default() });
    app.pay_checkout(&checkout).await;
    app.advance(chrono::TimeDelta::seconds(20)).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn both_secrets_count_while_one_is_rotated_out() {
    let app = TestApp::start().await;
    let body = br#"{"id":"EV_rotation","type":"test.test_event","data":{}}"#;
    for secret in [WEBHOOK_SECRET, harness::app::OLD_WEBHOOK_SECRET] {
        app.webhook_signed_with(secret, body).await.expect(200);
    }
    app.webhook_signed_with("wave_ci_WHS_somebody_else", body).await.refused(401, "webhook_invalid_signature");
    app.drain().await;
    assert_eq!(app.event_status("EV_rotation").await, "ignored", "unknown types are kept without effect");
    assert_eq!(app.count("select count(*) from inbound_events").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn what_cannot_be_an_event_is_refused_without_a_trace() {
    let app = TestApp::start().await;
    let path = format!("/webhooks/wave/{}", app.account);
    let now = chrono::Utc::now().timestamp();
    // a stranger's account
    let unknown = format!("/webhooks/wave/{}", uuid::Uuid::new_v4());
    let body = br#"{"id":"EV_x","type":"test.test_event","data":{}}"#.to_vec();
    let signature = webhook::sign(&Secret::new(WEBHOOK_SECRET), now, &body);
    let ask = app.ask(Method::POST, &unknown).header("wave-signature", &signature).bytes(body.clone());
    ask.send().await.refused(404, "not_found");
    // broken JSON, authentic
    let broken = b"{\"id\":".to_vec();
    let signed = webhook::sign(&Secret::new(WEBHOOK_SECRET), now, &broken);
    let answer = app.ask(Method::POST, &path).header("wave-signature", &signed).bytes(broken).send().await;
    answer.refused(400, "validation_error");
    // two megabytes
    let huge = vec![b' '; 2 * 1024 * 1024];
    let signed = webhook::sign(&Secret::new(WEBHOOK_SECRET), now, &huge);
    let answer = app.ask(Method::POST, &path).header("wave-signature", &signed).bytes(huge).send().await;
    answer.refused(413, "body_too_large");
    // PUT is a door too (CX45)
    let put = app.ask(Method::PUT, &path).header("wave-signature", &signature).bytes(body).send().await;
    put.expect(200);
    app.drain().await;
    assert_eq!(app.count("select count(*) from inbound_events").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_body_changed_on_the_way_does_not_verify() {
    let app = TestApp::start().await;
    let body = json!({ "id": "EV_y", "type": "test.test_event", "data": { "amount": "6000" } }).to_string();
    let signature = webhook::sign(&Secret::new(WEBHOOK_SECRET), chrono::Utc::now().timestamp(), body.as_bytes());
    let path = format!("/webhooks/wave/{}", app.account);
    for changed in [body.replace("6000", "6001"), body.replace(':', ": "), format!("{body} ")] {
        let ask = app.ask(Method::POST, &path).header("wave-signature", &signature).bytes(changed.into_bytes());
        ask.send().await.refused(401, "webhook_invalid_signature");
    }
    app.finish().await;
}
