//! A change names the version it is about (T14, T15, CX14), and a request that must happen once does (T7, T8, CX15).

use harness::{Answer, Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

async fn patch(app: &TestApp, by: &Person, path: &str, tag: Option<&str>, body: &Value) -> Answer {
    let ask = app.ask(Method::PATCH, path).by(by);
    let ask = if let Some(tag) = tag { ask.header("if-match", tag) } else { ask };
    ask.json(body).send().await
}

#[tokio::test]
async fn a_change_needs_the_version_last_read() {
    let app = TestApp::start().await;
    let ride = app.ride(3, 3_000).await;
    let (driver, path) = (&ride.driver, format!("/trips/{}", ride.id));
    let read = app.get(driver, &path).await.expect(200);
    let tag = read.header("etag").unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", read.int("/version")));
    let change = json!({ "price_per_seat": 3_500 });

    let before = app.picture().await;
    patch(&app, driver, &path, None, &change).await.refused(428, "precondition_required");
    let stale = patch(&app, driver, &path, Some("\"0\""), &change).await.refused(412, "version_mismatch");
    assert_eq!(stale.details()["current"], read.int("/version"));
    let weak = format!("W/{tag}");
    for garbage in ["*", "3", "\"three\"", "\"\"", "\"-1\"", "\"99999999999\"", "\"2\", \"3\"", weak.as_str()] {
        patch(&app, driver, &path, Some(garbage), &change).await.refused(400, "validation_error");
    }
    assert_eq!(app.picture().await, before);

    let changed = patch(&app, driver, &path, Some(&tag), &change).await.expect(200);
    assert_eq!(changed.int("/price_per_seat/amount"), 3_500);
    assert_ne!(changed.header("etag").unwrap(), tag);
    patch(&app, driver, &path, Some(&tag), &change).await.refused(412, "version_mismatch");
    app.finish().await;
}

#[tokio::test]
async fn a_step_may_name_the_version_it_saw() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(3, 3_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let path = format!("/bookings/{booking}/cancel");
    let cancel = async |tag: &str| app.ask(Method::POST, &path).by(&rider).header("if-match", tag).send().await;
    cancel("\"7\"").await.refused(412, "version_mismatch");
    cancel("\"1\"").await.expect(200);
    cancel("\"1\"").await.refused(412, "version_mismatch");
    app.finish().await;
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_one_booking() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(3, 3_000).await, app.rider().await);
    let body = json!({ "trip_id": ride.id, "seats": 1 });
    let book = async |by: &Person, key: &str, body: &Value| {
        app.ask(Method::POST, "/bookings").by(by).key(key).json(body).send().await
    };
    let without = app.ask(Method::POST, "/bookings").by(&rider).json(&body).send().await;
    without.refused(400, "idempotency_key_required");
    let long = "k".repeat(256);
    for unusable in ["", "two words", &long] {
        book(&rider, unusable, &body).await.refused(400, "validation_error");
    }

    let first = book(&rider, "ride-1", &body).await.expect(201);
    app.post(&rider, &format!("/bookings/{}/cancel", first.text("/id")), &json!({})).await.expect(200);
    let again = book(&rider, "ride-1", &body).await.expect(201);
    assert_eq!(again.body["data"], first.body["data"], "as it was answered then, not as it is now");
    for header in ["location", "etag"] {
        assert!(first.header(header).is_some() && first.header(header) == again.header(header), "{header}");
    }
    assert_eq!(first.header("location"), Some(format!("/api/v1/bookings/{}", first.text("/id")).as_str()));
    assert_eq!(app.count("select count(*) from bookings").await, 1);

    let before = app.picture().await;
    let other_body = json!({ "trip_id": ride.id, "seats": 2 });
    book(&rider, "ride-1", &other_body).await.refused(422, "idempotency_key_reused");
    let elsewhere = app.ask(Method::POST, "/payments").by(&rider).key("ride-1");
    let elsewhere = elsewhere.json(&json!({ "booking_id": first.text("/id"), "method": "wave" })).send().await;
    elsewhere.refused(422, "idempotency_key_reused");
    assert_eq!(app.picture().await, before);

    // a key belongs to who sent it
    let other = book(&app.rider().await, "ride-1", &body).await.expect(201);
    assert_ne!(other.text("/id"), first.text("/id"));
    app.finish().await;
}

#[tokio::test]
async fn a_refusal_does_not_use_up_the_key() {
    let app = TestApp::start().await;
    let (ride, first, second) = (app.ride(1, 3_000).await, app.rider().await, app.rider().await);
    let held = app.book(&first, &ride, 1).await;
    let body = json!({ "trip_id": ride.id, "seats": 1 });
    let book = || app.ask(Method::POST, "/bookings").by(&second).key("mine").json(&body);
    book().send().await.refused(409, "booking_conflict");
    app.post(&first, &format!("/bookings/{held}/cancel"), &json!({})).await.expect(200);
    book().send().await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn money_moves_once_per_key_and_the_answer_is_how_it_stands() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 3_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let body = json!({ "booking_id": booking, "method": "wave" });
    let pay = || app.ask(Method::POST, "/payments").by(&rider).header("prefer", "wait=0").json(&body);
    pay().send().await.refused(400, "idempotency_key_required");
    let first = pay().key("pay-1").send().await.expect(202);
    app.drain().await;
    let ready = pay().key("pay-1").send().await.expect(201);
    assert_eq!(ready.text("/id"), first.text("/subject/id"), "the same payment, further on");
    app.pay_checkout(&app.checkout_of(&ready.text("/id"))).await;
    assert_eq!(pay().key("pay-1").send().await.expect(201).text("/status"), "succeeded");
    assert_eq!(app.count("select count(*) from payments").await, 1);

    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&finance).send().await.refused(400, "idempotency_key_required");
    let run = async || app.ask(Method::POST, "/payouts/run").by(&finance).key("run-1").send().await;
    let first = run().await.expect(202).text("/id");
    app.drain().await;
    let again = run().await.expect(200);
    assert_eq!((again.text("/id"), again.text("/status")), (first, "succeeded".into()));
    app.finish().await;
}
