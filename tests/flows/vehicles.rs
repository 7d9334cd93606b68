//! A driver's vehicles (E18, CX24, CX52).

use chrono::TimeDelta;
use harness::{Answer, Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

fn car(plate: &str) -> Value {
    json!({ "make": "Toyota", "model": "Corolla", "color": "grey", "plate_number": plate, "seats_total": 5, "year": 2019 })
}

async fn register(app: &TestApp, by: &Person, plate: &str) -> String {
    app.post(by, "/vehicles", &car(plate)).await.expect(201).text("/id")
}

async fn change(app: &TestApp, by: &Person, id: &str, version: i64, body: &Value) -> Answer {
    let ask = app.ask(Method::PATCH, &format!("/vehicles/{id}")).by(by);
    ask.header("if-match", format!("\"{version}\"")).json(body).send().await
}

async fn remove(app: &TestApp, by: &Person, id: &str) -> Answer {
    app.ask(Method::DELETE, &format!("/vehicles/{id}")).by(by).send().await
}

#[tokio::test]
async fn a_vehicle_is_its_drivers_alone() {
    let app = TestApp::start().await;
    let (driver, eve, rider) = (app.driver().await, app.driver().await, app.rider().await);
    app.post(&rider, "/vehicles", &car("1 AB 01")).await.refused(403, "forbidden");
    let made = app.post(&driver, "/vehicles", &car("1 AB 01")).await.expect(201);
    assert_eq!((made.header("etag"), made.text("/comfort_level")), (Some("\"1\""), "standard".into()));
    let id = made.text("/id");
    assert_eq!(made.header("location"), Some(format!("/api/v1/vehicles/{id}").as_str()));
    assert_eq!(app.get(&driver, "/vehicles").await.expect(200).text("/0/id"), id);
    assert_eq!(app.get(&eve, "/vehicles").await.expect(200).data(""), json!([]));

    let before = app.picture().await;
    app.get(&eve, &format!("/vehicles/{id}")).await.refused(404, "not_found");
    change(&app, &eve, &id, 1, &json!({ "color": "red" })).await.refused(404, "not_found");
    remove(&app, &eve, &id).await.refused(404, "not_found");
    let mut trip = app.trip_body(2, 3_000).await;
    trip["vehicle_id"] = json!(id);
    app.post(&eve, "/trips", &trip).await.refused(404, "not_found");
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn a_plate_is_registered_once_in_an_organization() {
    let app = TestApp::start().await;
    let (driver, eve) = (app.driver().await, app.driver().await);
    let id = register(&app, &driver, "1 AB 01").await;
    app.post(&eve, "/vehicles", &car("1 AB 01")).await.refused(409, "conflict");
    let hers = register(&app, &eve, "2 AB 01").await;
    change(&app, &eve, &hers, 1, &json!({ "plate_number": "1 AB 01" })).await.refused(409, "conflict");
    let other = app.other_organization("autocar").await;
    register(&app, &app.person_in(other, "Koffi", &["driver"]).await, "1 AB 01").await;
    // sold: the plate may come back with somebody else
    remove(&app, &driver, &id).await.expect(200);
    remove(&app, &driver, &id).await.refused(404, "not_found");
    register(&app, &eve, "1 AB 01").await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_known_of_a_vehicle_is_checked() {
    let app = TestApp::start().await;
    let driver = app.driver().await;
    let id = register(&app, &driver, "1 AB 01").await;
    let before = app.picture().await;
    for (field, wrong) in [
        ("make", json!("")),
        ("model", json!("m".repeat(61))),
        ("color", json!(" ")),
        ("plate_number", json!("p".repeat(21))),
        ("seats_total", json!(0)),
        ("seats_total", json!(61)),
        ("comfort_level", json!("golden")),
        ("year", json!(1_900)),
        ("wings", json!(2)),
    ] {
        let mut body = car("9 AB 01");
        body[field] = wrong.clone();
        let refused = app.post(&driver, "/vehicles", &body).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field);
        change(&app, &driver, &id, 1, &json!({ field: wrong })).await.refused(400, "validation_error");
    }
    app.ask(Method::PATCH, &format!("/vehicles/{id}"))
        .by(&driver)
        .json(&json!({ "color": "red" }))
        .send()
        .await
        .refused(428, "precondition_required");
    change(&app, &driver, &id, 9, &json!({ "color": "red" })).await.refused(412, "version_mismatch");
    assert_eq!(app.picture().await, before);
    let changed = change(&app, &driver, &id, 1, &json!({ "color": "red" })).await.expect(200);
    assert_eq!((changed.text("/color"), changed.text("/make")), ("red".into(), "Toyota".into()));
    app.finish().await;
}

#[tokio::test]
async fn a_trip_takes_its_comfort_and_its_seats_from_its_vehicle() {
    let app = TestApp::start().await;
    let driver = app.driver().await;
    let mut body = car("1 AB 01");
    body["comfort_level"] = json!("comfort");
    let id = app.post(&driver, "/vehicles", &body).await.expect(201).text("/id");
    let mut trip = app.trip_body(5, 3_000).await;
    trip["vehicle_id"] = json!(id);
    let refused = app.post(&driver, "/trips", &trip).await.refused(400, "validation_error");
    assert_eq!(refused.details()["field"], "seats_available", "the driver needs a seat too");
    trip["seats_available"] = json!(4);
    let ride = app.ride_of(&driver, trip).await;
    let wish = "/trips/search?from=5.3575,-4.0083&to=6.8190,-5.2760&comfort=comfort";
    assert_eq!(app.get(&driver, wish).await.expect(200).text("/0/id"), ride.id);
    // the vehicle has no fifth seat for riders later either
    let path = format!("/trips/{}", ride.id);
    let tag = app.get(&driver, &path).await.expect(200).header("etag").unwrap().to_owned();
    let more = app.ask(Method::PATCH, &path).by(&driver).header("if-match", tag).json(&json!({ "seats_available": 5 }));
    more.send().await.refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn a_vehicle_on_a_trip_stays_until_the_trip_is_over() {
    let app = TestApp::start().await;
    let driver = app.driver().await;
    let id = register(&app, &driver, "1 AB 01").await;
    let mut body = app.trip_body(4, 3_000).await;
    body["vehicle_id"] = json!(id);
    let ride = app.ride_of(&driver, body.clone()).await;
    remove(&app, &driver, &id).await.refused(409, "conflict");
    // cancelling frees both driver and vehicle
    app.post(&driver, &format!("/trips/{}/cancel", ride.id), &json!({})).await.expect(200);
    let second = app.ride_of(&driver, body.clone()).await;
    app.post(&driver, &format!("/trips/{}/cancel", second.id), &json!({})).await.expect(200);

    body["departure_time"] = json!(app.now().await + TimeDelta::hours(90));
    let draft = app.post(&driver, "/trips", &body).await.expect(201).text("/id");
    remove(&app, &driver, &id).await.expect(200);
    app.post(&driver, "/trips", &body).await.refused(404, "not_found");
    // nobody leaves with a vehicle that is gone
    app.post(&driver, &format!("/trips/{draft}/publish"), &json!({})).await.refused(404, "not_found");
    app.finish().await;
}
