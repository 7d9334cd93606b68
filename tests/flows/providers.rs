//! What is particular to a provider: who is asked where, what goes back how, who is paid.

use chrono::TimeDelta;
use harness::{Person, TestApp, uuid};
use reqwest::Method;
use sandbox::{Faults, Refuse};
use serde_json::{Value, json};

async fn booked(app: &TestApp) -> (Person, String) {
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    (rider, booking)
}

#[tokio::test]
async fn mtn_asks_the_number_that_was_named_or_the_payers_own() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    let pay = |method: &str, phone: &str| json!({ "booking_id": booking, "method": method, "payer_phone": phone });
    let ask = |body: Value| app.ask(Method::POST, "/payments").by(&rider).key(uuid()).json(&body);
    ask(pay("mtn", "0500000000")).send().await.refused(400, "validation_error");
    ask(pay("orange", "+2250500000000")).send().await.refused(400, "validation_error");
    ask(json!({ "booking_id": booking, "method": "cowries" })).send().await.refused(400, "validation_error");
    ask(json!({ "booking_id": booking, "method": "wallet" })).send().await.refused(402, "insufficient_funds");
    let named = pay("mtn", "+2250500000000");
    let opened = ask(named).header("prefer", "wait=0").send().await.expect(202).text("/subject/id");
    app.drain().await;
    let asked = app.wave.state().collections().remove(0);
    assert_eq!((asked.payer.as_deref(), asked.reference.as_str()), (Some("2250500000000"), opened.as_str()));
    app.wave.reject(&asked.id, "APPROVAL_REJECTED").unwrap();
    app.delivered(&asked.id, 1).await;
    app.drain().await;
    // without a number: the one the rider signed up with
    let (_, id) = app.open_by("mtn", &rider, &booking).await;
    let own = app.wave.state().read(|books| books.collections.get(&id).cloned()).unwrap();
    assert_eq!(own.payer.as_deref(), rider.phone.strip_prefix('+'));
    app.advance(TimeDelta::minutes(1)).await;
    app.finish().await;
}

#[tokio::test]
async fn a_payer_who_says_no_may_try_again_another_way() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    for method in ["mtn", "orange"] {
        let (payment, id) = app.open_by(method, &rider, &booking).await;
        app.wave.reject(&id, "APPROVAL_REJECTED").unwrap();
        app.delivered(&id, 1).await;
        app.drain().await;
        let failed = app.payment(&rider, &payment).await;
        assert_eq!((&failed["status"], &failed["next_action"]), (&json!("failed"), &Value::Null), "{method}");
        assert_eq!(app.booking(&rider, &booking).await["payment_status"], "due");
    }
    let (_, id) = app.open_by("wave", &rider, &booking).await;
    app.pay_by("wave", &id).await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn mtn_sends_a_refund_itself_and_once() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, _) = app.booking_paid_by("mtn", &rider, &ride).await;
    app.wave.knobs().next("mtn.refund", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    for _ in 0..3 {
        app.drain().await;
        app.advance(TimeDelta::seconds(40)).await;
    }
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "refunded");
    let sent = app.wave.state().transfers();
    assert_eq!((sent.len(), sent[0].amount, sent[0].kind), (1, 6_000, "refund"));
    for kind in ["provider", "escrow", "refund_transit", "suspense"] {
        assert_eq!(app.balance(kind).await, 0, "{kind}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_refund_mtn_takes_and_does_not_make_is_in_suspense() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, _) = app.booking_paid_by("mtn", &rider, &ride).await;
    let fails = Faults { payout_error: Some("NOT_ALLOWED".into()), processing_reads: Some(1), ..Faults::default() };
    app.wave.knobs().next("mtn.refund", 1, fails);
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    for _ in 0..3 {
        app.drain().await;
        app.advance(TimeDelta::seconds(40)).await;
    }
    app.drain().await;
    let finance = app.person("Mariam", &["finance"]).await;
    let refunds = app.get(&finance, "/payments?purpose=refund").await.expect(200);
    assert_eq!((refunds.text("/0/status"), refunds.text("/0/failure_code")), ("failed".into(), "NOT_ALLOWED".into()));
    assert_eq!((app.balance("suspense").await, app.balance("refund_transit").await), (-6_000, 0));
    app.finish().await;
}

#[tokio::test]
async fn what_orange_cannot_send_back_a_person_does() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, payment) = app.booking_paid_by("orange", &rider, &ride).await;
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    let finance = app.person("Mariam", &["finance"]).await;
    let waiting = app.get(&finance, "/payments?purpose=refund&status=manual").await.expect(200);
    assert_eq!((waiting.text("/0/parent_id"), waiting.int("/0/amount/amount")), (payment.clone(), 6_000));
    assert_eq!(app.balance("refund_transit").await, -6_000, "owed until it is sent");
    let (refund, said) = (waiting.text("/0/id"), json!({ "reference": "MP261120.1001.A00001" }));
    let path = format!("/payments/{refund}/sent-by-hand");
    app.post(&rider, &path, &said).await.refused(403, "forbidden");
    app.post(&finance, &path, &json!({ "reference": " " })).await.refused(400, "validation_error");
    app.post(&finance, &format!("/payments/{payment}/sent-by-hand"), &said).await.refused(404, "not_found");
    app.post(&finance, &path, &said).await.expect(200);
    app.post(&finance, &path, &said).await.refused(409, "state_conflict");
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "refunded");
    assert_eq!((app.balance("refund_transit").await, app.balance("provider").await), (0, 0));
    assert_eq!(app.notices(&rider, "refund_sent").await, 1);
    let trail = "select count(*) from audit_events where entity_type = 'payment' and after ->> 'status' = 'succeeded'
                 and after ->> 'transaction_ref' = 'MP261120.1001.A00001' and actor_id is not null";
    assert_eq!(app.count(trail).await, 1, "who sent it, and under which reference");
    app.finish().await;
}

#[tokio::test]
async fn a_driver_is_paid_by_mtn_once_whatever_becomes_of_the_answer() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let to = json!({ "method": "mtn", "number": ride.driver.phone, "holder_name": "Koffi" });
    app.post(&ride.driver, "/me/payout-destinations", &to).await.expect(201);
    let (booking, _) = app.booking_paid_by("mtn", &rider, &ride).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
    let slow = Faults { lose_answer: Some(true), processing_reads: Some(1), ..Faults::default() };
    app.wave.knobs().next("mtn.transfer", 1, slow);
    let finance = app.person("Mariam", &["finance"]).await;
    let run = app.ask(Method::POST, "/payouts/run").by(&finance).key(uuid()).send().await.expect(202).text("/id");
    for _ in 0..4 {
        app.drain().await;
        app.advance(TimeDelta::seconds(60)).await;
    }
    app.drain().await;
    let done = app.get(&finance, &format!("/operations/{run}?wait=1")).await.expect(200);
    assert_eq!((done.text("/status"), done.int("/result/amount")), ("succeeded".into(), 5_300));
    let paid = app.wave.state().transfers();
    assert_eq!((paid.len(), paid[0].amount), (1, 5_300));
    assert_eq!(paid[0].to.as_deref(), ride.driver.phone.strip_prefix('+'));
    assert_eq!((app.balance("payout_transit").await, app.balance("earnings").await), (0, 0));
    app.finish().await;
}

#[tokio::test]
async fn a_definite_no_fails_the_payment_whatever_its_status_and_silence_does_not() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    let refuse = |status, code: &str| Faults {
        refuse: Some(Refuse { status, code: code.into(), retry_after: None }),
        ..Faults::default()
    };
    for (method, operation, fault) in [
        ("mtn", "mtn.collect", refuse(500, "PAYER_NOT_FOUND")),
        ("mtn", "mtn.collect", refuse(400, "NOT_ENOUGH_FUNDS")),
        ("mtn", "mtn.collect", refuse(500, "INVALID_CURRENCY")),
        ("orange", "orange.webpayment", refuse(400, "23")),
    ] {
        app.wave.knobs().next(operation, 1, fault);
        let payment = app.try_pay_by(method, &rider, &booking).await.expect(202).text("/subject/id");
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "failed", "{method}");
    }
    app.wave.knobs().next("mtn.collect", 1, refuse(500, "INTERNAL_PROCESSING_ERROR"));
    let payment = app.try_pay_by("mtn", &rider, &booking).await.expect(202).text("/subject/id");
    app.drain().await;
    assert_ne!(app.payment(&rider, &payment).await["status"], "failed", "nothing is known");
    app.advance(TimeDelta::seconds(30)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
    app.pay_by("mtn", &app.asked_for("mtn", &payment)).await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn a_card_is_refunded_once_and_its_events_are_signed() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, id) = app.open_by("card", &rider, &booking).await;
    // a copy signed by a stranger goes first, then three true ones
    let faults = Faults { forge: Some(true), duplicate: Some(2), ..Faults::default() };
    app.wave.knobs().next("webhook.card", 1, faults);
    app.say_yes("card", &id);
    app.delivered(&id, 4).await;
    app.drain().await;
    let statuses: Vec<Option<u16>> = app.wave.state().deliveries().iter().map(|delivery| delivery.status).collect();
    assert_eq!(statuses, [Some(401), Some(200), Some(200), Some(200)]);
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    app.wave.knobs().next("card.refund", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    app.advance(TimeDelta::seconds(40)).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "refunded");
    assert_eq!(app.wave.state().transfers().len(), 1);
    assert_eq!(app.balance("provider").await, 0);
    app.finish().await;
}

/// How a way to pay is shown.
async fn state(app: &TestApp, by: &Person, method: &str) -> String {
    let shown = app.get(by, "/payment-methods").await.expect(200).data("");
    let found = shown.as_array().unwrap().iter().find(|one| one["method"] == method).cloned();
    found.unwrap()["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_shown_as_down_before_somebody_tries() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    assert_eq!(state(&app, &rider, "mtn").await, "up");
    let silent = Refuse { status: 503, code: "SERVICE_UNAVAILABLE".into(), retry_after: None };
    app.wave.knobs().always("mtn", Faults { refuse: Some(silent), ..Faults::default() });
    let payment = app.try_pay_by("mtn", &rider, &booking).await.expect(202).text("/subject/id");
    let (ride, other) = (app.ride(1, 6_000).await, app.rider().await);
    let theirs = app.book(&other, &ride, 1).await;
    for _ in 0..30 {
        app.drain().await;
        if state(&app, &other, "mtn").await == "down" {
            break;
        }
        app.advance(TimeDelta::seconds(5)).await;
    }
    assert_eq!(state(&app, &other, "mtn").await, "down", "after some tries");
    assert_eq!(app.payment(&rider, &payment).await["status"], "created", "silence decides nothing");
    assert_eq!(state(&app, &other, "wave").await, "up", "the others go on");
    app.try_pay_by("mtn", &other, &theirs).await.refused(503, "provider_unavailable");
    // it is tried again after a rest, and one answer brings it back
    app.wave.knobs().clear();
    app.advance(TimeDelta::minutes(3)).await;
    assert_eq!(state(&app, &other, "mtn").await, "degraded");
    let (_, id) = app.open_by("mtn", &other, &theirs).await;
    app.pay_by("mtn", &id).await;
    assert_eq!(state(&app, &other, "mtn").await, "up");
    assert_eq!(app.booking(&other, &theirs).await["status"], "confirmed");
    app.finish().await;
}
