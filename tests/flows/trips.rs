//! A driver offers seats: drafts, publishing, changes, the end (I4–I7, I17, SN28).

use chrono::TimeDelta;
use harness::{Answer, Person, Ride, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

async fn draft(app: &TestApp, driver: &Person, body: &Value) -> String {
    app.post(driver, "/trips", body).await.expect(201).text("/id")
}

async fn publish(app: &TestApp, driver: &Person, trip: &str) -> Answer {
    app.post(driver, &format!("/trips/{trip}/publish"), &json!({})).await
}

/// Changes a trip as of now.
async fn change(app: &TestApp, ride: &Ride, body: Value) -> Answer {
    let path = format!("/trips/{}", ride.id);
    let tag = app.get(&ride.driver, &path).await.expect(200).header("etag").unwrap().to_owned();
    app.ask(Method::PATCH, &path).by(&ride.driver).header("if-match", tag).json(&body).send().await
}

#[tokio::test]
async fn a_draft_is_its_drivers_secret() {
    let app = TestApp::start().await;
    let (driver, rider, manager) = (app.driver().await, app.rider().await, app.person("Ali", &["manager"]).await);
    let id = draft(&app, &driver, &app.trip_body(2, 3_000).await).await;
    let path = format!("/trips/{id}");
    for path in [path.clone(), format!("{path}/stops")] {
        app.get(&rider, &path).await.refused(404, "not_found");
        app.ask(Method::GET, &path).within(&app.slug).send().await.refused(404, "not_found");
        app.get(&driver, &path).await.expect(200);
        app.get(&manager, &path).await.expect(200);
    }
    let wish = "/trips/search?from=5.3575,-4.0083&to=6.8190,-5.2760";
    assert_eq!(app.get(&rider, wish).await.expect(200).data(""), json!([]));
    let body = json!({ "trip_id": id, "seats": 1 });
    app.ask(Method::POST, "/bookings").by(&rider).key("k").json(&body).send().await.refused(404, "not_found");
    app.post(&rider, "/bookings/quote", &body).await.refused(404, "not_found");

    let stranger = app.driver().await;
    publish(&app, &stranger, &id).await.refused(404, "not_found");
    publish(&app, &rider, &id).await.refused(403, "forbidden");
    assert_eq!(publish(&app, &driver, &id).await.expect(200).text("/status"), "published");
    let again = publish(&app, &driver, &id).await.refused(409, "state_conflict");
    assert_eq!(again.details()["status"], "published");
    app.ask(Method::GET, &path).within(&app.slug).send().await.expect(200);
    assert_eq!(app.get(&rider, wish).await.expect(200).text("/0/id"), id);
    app.finish().await;
}

#[tokio::test]
async fn a_driver_is_on_one_trip_at_a_time() {
    let app = TestApp::start().await;
    let ride = app.ride(2, 3_000).await;
    let shown = app.get(&ride.driver, &format!("/trips/{}", ride.id)).await.expect(200);
    let arrival: chrono::DateTime<chrono::Utc> = shown.text("/arrival_eta").parse().unwrap();
    let mut body = app.trip_body(2, 3_000).await;
    body["departure_time"] = json!(arrival - TimeDelta::minutes(1));
    let overlapping = draft(&app, &ride.driver, &body).await;
    publish(&app, &ride.driver, &overlapping).await.refused(409, "trip_overlap");
    body["departure_time"] = json!(arrival);
    let following = draft(&app, &ride.driver, &body).await;
    publish(&app, &ride.driver, &following).await.expect(200);
    // nor is a trip moved onto another one
    let following = Ride { id: following, departure: arrival, ..ride.clone() };
    let moved = change(&app, &following, json!({ "departure_time": ride.departure })).await;
    moved.refused(409, "trip_overlap");
    // another driver is free
    app.ride(2, 3_000).await;
    app.finish().await;
}

#[tokio::test]
async fn what_riders_agreed_to_does_not_move_under_them() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(3, 3_000).await, app.rider().await);
    let later = json!({ "departure_time": ride.departure + TimeDelta::hours(1) });
    assert_eq!(change(&app, &ride, later).await.expect(200).int("/seats/total"), 3);
    let booking = app.book(&rider, &ride, 2).await;

    let earlier = json!({ "departure_time": ride.departure });
    change(&app, &ride, earlier.clone()).await.refused(409, "state_conflict");
    let fewer = change(&app, &ride, json!({ "seats_available": 1 })).await.refused(409, "booking_conflict");
    assert_eq!(fewer.details(), &json!({ "available": 1, "requested": 2 }));
    change(&app, &ride, json!({ "seats_available": 2, "price_per_seat": 5_000 })).await.expect(200);
    assert_eq!(app.booking(&rider, &booking).await["price"]["amount"], 6_000, "the price agreed stays");

    change(&app, &ride, json!({ "seats_available": 4 })).await.expect(200);
    let dearer = app.try_book(&app.rider().await, &ride, 1).await.expect(201);
    assert_eq!(dearer.int("/price/amount"), 5_000);
    assert_eq!(dearer.data("/seat_labels"), json!(["4"]), "a retired label is not used again");
    let shown = app.get(&rider, &format!("/trips/{}", ride.id)).await.expect(200);
    assert_eq!(shown.data("/seats"), json!({ "total": 4, "held": 3, "sold": 0, "available": 1 }));

    for wrong in [
        json!({ "seats_available": 0 }),
        json!({ "seats_available": 61 }),
        json!({ "price_per_seat": -1 }),
        json!({ "status": "completed" }),
        json!({ "driver_id": rider.id }),
        json!({ "rules": "x".repeat(1_001) }),
    ] {
        change(&app, &ride, wrong).await.refused(400, "validation_error");
    }
    let path = format!("/trips/{}", ride.id);
    let eve = app.driver().await;
    let hers = app.ask(Method::PATCH, &path).by(&eve).header("if-match", "\"1\"").json(&json!({ "rules": "mine" }));
    hers.send().await.refused(404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn a_trip_somebody_paid_for_is_cancelled_never_removed() {
    let app = TestApp::start().await;
    let (ride, rider, waiting) = (app.ride(3, 3_000).await, app.rider().await, app.rider().await);
    let path = format!("/trips/{}", ride.id);
    let remove = async |by: &Person| app.ask(Method::DELETE, &path).by(by).send().await;
    app.paid_booking(&rider, &ride, 1).await;
    let unpaid = app.book(&waiting, &ride, 1).await;
    let before = app.picture().await;
    remove(&rider).await.refused(403, "forbidden");
    remove(&app.driver().await).await.refused(404, "not_found");
    remove(&ride.driver).await.refused(409, "conflict");
    assert_eq!(app.booking(&waiting, &unpaid).await["status"], "approved");
    assert_eq!(app.picture().await["public.bookings"], before["public.bookings"]);

    app.post(&ride.driver, &format!("{path}/cancel"), &json!({})).await.expect(200);
    assert_eq!(app.booking(&waiting, &unpaid).await["status"], "cancelled");
    app.post(&ride.driver, &format!("{path}/cancel"), &json!({})).await.refused(409, "state_conflict");
    app.drain().await;
    assert_eq!(app.wave.state().refunds().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_removed_trip_is_gone_and_its_riders_know() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(3, 3_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let path = format!("/trips/{}", ride.id);
    app.ask(Method::DELETE, &path).by(&ride.driver).send().await.expect(200);
    app.get(&ride.driver, &path).await.refused(404, "not_found");
    app.ask(Method::DELETE, &path).by(&ride.driver).send().await.refused(404, "not_found");
    assert_eq!(app.get(&ride.driver, "/trips").await.expect(200).data(""), json!([]));
    app.try_book(&rider, &ride, 1).await.refused(404, "not_found");
    assert_eq!(app.booking(&rider, &booking).await["status"], "cancelled", "history stays readable");
    assert_eq!(app.notices(&rider, "trip_cancelled").await, 1);
    // the driver is free again
    let body = app.trip_body(2, 3_000).await;
    app.ride_of(&ride.driver, body).await;
    app.finish().await;
}

#[tokio::test]
async fn stops_are_replaced_as_a_whole_and_keep_their_order() {
    let app = TestApp::start().await;
    let ride = app.ride(2, 3_000).await;
    let path = format!("/trips/{}/stops", ride.id);
    let stop = |text: &str, lat: f64| json!({ "lat": lat, "lon": -4.8, "text": text, "dropoff_allowed": false });
    let names = |answer: &Answer| {
        answer.data("").as_array().unwrap().iter().map(|stop| stop["text"].clone()).collect::<Vec<_>>()
    };
    let set = json!({ "stops": [stop("Tiassalé", 5.9), stop("Toumodi", 6.55)] });
    app.post(&ride.driver, &path, &set).await.expect(200);
    let listed = app.ask(Method::GET, &path).within(&app.slug).send().await.expect(200);
    assert_eq!(names(&listed), ["Tiassalé", "Toumodi"]);
    let first =
        json!({ "lat": 5.9, "lon": -4.8, "text": "Tiassalé", "pickup_allowed": true, "dropoff_allowed": false });
    assert_eq!(listed.data("/0"), first);

    let before = app.picture().await;
    let off = json!({ "stops": [stop("Tiassalé", 5.9), stop("nowhere", 95.0)] });
    let refused = app.post(&ride.driver, &path, &off).await.refused(400, "validation_error");
    assert_eq!(refused.details()["field"], "stops[1].lat");
    let many = json!({ "stops": vec![stop("again", 5.9); 51] });
    app.post(&ride.driver, &path, &many).await.refused(400, "validation_error");
    app.post(&app.driver().await, &path, &set).await.refused(404, "not_found");
    assert_eq!(app.picture().await["public.trip_stops"], before["public.trip_stops"]);

    app.post(&ride.driver, &path, &json!({ "stops": [stop("Toumodi", 6.55)] })).await.expect(200);
    assert_eq!(names(&app.get(&ride.driver, &path).await.expect(200)), ["Toumodi"]);
    app.post(&ride.driver, &format!("/trips/{}/cancel", ride.id), &json!({})).await.expect(200);
    app.post(&ride.driver, &path, &set).await.refused(409, "state_conflict");
    app.finish().await;
}
