//! Asking and waiting (T30, CX16, CX31): an operation ends for everybody who waits in the instant it ends.

use harness::{Answer, Person, TestApp};
use reqwest::Method;
use sandbox::{Faults, Refuse};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn pay(app: &TestApp, by: &Person, booking: &str, key: &str, wait: &str) -> Answer {
    let body = json!({ "booking_id": booking, "method": "wave" });
    app.ask(Method::POST, "/payments").by(by).key(key).header("prefer", wait).json(&body).send().await
}

#[tokio::test]
async fn who_waits_is_answered_within_a_moment_of_the_end() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 3_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let accepted = pay(&app, &rider, &booking, "k", "wait=0").await.expect(202);
    assert_eq!(accepted.header("retry-after"), Some("1"));
    let location = accepted.header("location").unwrap().to_owned();
    assert_eq!(location, format!("/api/v1/operations/{}", accepted.text("/id")));
    app.drain().await;
    let checkout = app.checkout_of(&accepted.text("/subject/id"));

    let path = format!("{location}?wait=20");
    let waiting = async {
        let answer = app.get(&rider, &path).await.expect(200);
        (answer, Instant::now())
    };
    let settling = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        app.wave.pay(&checkout).unwrap();
        app.delivered(&checkout, 1).await;
        app.drain().await;
        Instant::now()
    };
    let ((answer, answered), settled) = tokio::join!(waiting, settling);
    assert_eq!((answer.text("/status"), answer.data("/waiting_for")), ("succeeded".into(), Value::Null));
    assert_eq!(answer.text("/result/outcome"), "booking_confirmed");
    assert!(answer.header("retry-after").is_none(), "nothing more to ask");
    // draining goes on after the settlement, so the answer may even come first
    let late = answered.saturating_duration_since(settled);
    assert!(late < Duration::from_millis(400), "{late:?} after the end");
    app.finish().await;
}

#[tokio::test]
async fn a_wait_ends_without_an_end_when_its_time_is_over() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 3_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let operation = pay(&app, &rider, &booking, "k", "wait=0").await.expect(202).text("/id");
    let began = Instant::now();
    let answer = app.get(&rider, &format!("/operations/{operation}?wait=1")).await.expect(200);
    assert_eq!((answer.text("/status"), answer.header("retry-after")), ("queued".into(), Some("1")));
    assert!((900..2_500).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    for wrong in ["wait=31", "wait=-1", "wait=1.5", "wait=soon", "wait=1&wait=2", "hurry=1"] {
        app.get(&rider, &format!("/operations/{operation}?{wrong}")).await.refused(400, "validation_error");
    }
    app.drain().await;
    let waiting = app.get(&rider, &format!("/operations/{operation}")).await.expect(200);
    assert_eq!((waiting.text("/status"), waiting.text("/waiting_for")), ("waiting".into(), "payer".into()));
    assert!(!waiting.data("/steps").as_array().unwrap().is_empty());
    app.finish().await;
}

#[tokio::test]
async fn an_operation_is_the_business_of_who_asked_and_of_staff() {
    let app = TestApp::start().await;
    let (ride, rider, eve) = (app.ride(1, 3_000).await, app.rider().await, app.rider().await);
    let (finance, support) = (app.person("Mariam", &["finance"]).await, app.person("Ali", &["support"]).await);
    let booking = app.book(&rider, &ride, 1).await;
    let operation = pay(&app, &rider, &booking, "k", "wait=0").await.expect(202).text("/id");
    let path = format!("/operations/{operation}");
    for (who, may) in [(&rider, true), (&finance, true), (&eve, false), (&ride.driver, false), (&support, false)] {
        let answer = app.get(who, &path).await;
        if may {
            answer.expect(200)
        } else {
            answer.refused(404, "not_found")
        };
    }
    let began = Instant::now();
    app.get(&eve, &format!("{path}?wait=20")).await.refused(404, "not_found");
    assert!(began.elapsed() < Duration::from_secs(5), "nobody waits for what is not theirs");
    assert_eq!(app.get(&rider, "/operations").await.expect(200).text("/0/id"), operation);
    assert_eq!(app.get(&eve, "/operations").await.expect(200).data(""), json!([]));
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn a_client_that_prefers_to_wait_gets_the_checkout_itself() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 3_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let carrying = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.drain().await;
    };
    let (answer, ()) = tokio::join!(pay(&app, &rider, &booking, "k", "respond-async, wait=10"), carrying);
    let answer = answer.expect(201);
    assert_eq!(answer.header("preference-applied"), Some("wait=10"));
    assert_eq!(answer.text("/next_action/type"), "redirect");
    let payment = answer.text("/id");
    assert_eq!(answer.header("location"), Some(format!("/api/v1/payments/{payment}").as_str()));
    let operation = answer.body["meta"]["operation_id"].as_str().unwrap().to_owned();
    // the same request again: the same payment, the same operation
    let again = pay(&app, &rider, &booking, "k", "wait=0").await.expect(201);
    assert_eq!((again.text("/id"), &again.body["meta"]["operation_id"]), (payment, &json!(operation)));
    app.finish().await;
}

#[tokio::test]
async fn a_refused_payment_says_so_to_who_waits() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 3_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let refuse = Refuse { status: 422, code: "request-validation-error".into(), retry_after: None };
    app.wave.knobs().next("checkout.create", 1, Faults { refuse: Some(refuse), ..Faults::default() });
    let carrying = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.drain().await;
    };
    let (answer, ()) = tokio::join!(pay(&app, &rider, &booking, "k", "wait=10"), carrying);
    let refused = answer.refused(402, "payment_failed");
    assert!(refused.details()["provider_code"].is_string());
    let operations = app.get(&rider, "/operations?page_size=1").await.expect(200);
    assert_eq!(operations.text("/0/status"), "failed");
    assert!(operations.data("/0/error")["code"].is_string());
    app.finish().await;
}
