//! Finding a ride: near both ends, on the day, for the price, with enough seats (I8, I9, CX4).

use chrono::TimeDelta;
use harness::{Person, TestApp};
use serde_json::{Value, json};

const WISH: &str = "from=5.3575,-4.0083&to=6.8190,-5.2760";

async fn found(app: &TestApp, by: &Person, filter: &str) -> Vec<String> {
    let answer = app.get(by, &format!("/trips/search?{WISH}{filter}")).await.expect(200);
    answer.data("").as_array().unwrap().iter().map(|trip| trip["id"].as_str().unwrap().to_owned()).collect()
}

/// A published trip that differs from the usual one in this.
async fn trip(app: &TestApp, hours: i64, seats: i64, price: i64, change: Value) -> String {
    let mut body = app.trip_body(seats, price).await;
    body["departure_time"] = json!(app.now().await + TimeDelta::hours(hours));
    for (field, value) in change.as_object().unwrap() {
        body[field] = value.clone();
    }
    let driver = app.driver().await;
    app.ride_of(&driver, body).await.id
}

#[tokio::test]
async fn trips_come_in_the_order_of_their_departure() {
    let app = TestApp::start().await;
    let late = trip(&app, 50, 3, 3_000, json!({})).await;
    let early = trip(&app, 10, 3, 3_000, json!({})).await;
    let middle = trip(&app, 30, 3, 3_000, json!({})).await;
    let rider = app.rider().await;
    assert_eq!(found(&app, &rider, "").await, [early.clone(), middle.clone(), late.clone()]);
    let paged = app.get(&rider, &format!("/trips/search?{WISH}&page=2&page_size=2")).await.expect(200);
    assert_eq!(paged.text("/0/id"), late);
    let pagination = &paged.body["meta"]["pagination"];
    assert_eq!((&pagination["total"], &pagination["page_count"]), (&json!(3), &json!(2)));
    // what left is not offered any more
    app.advance(TimeDelta::hours(11)).await;
    assert_eq!(found(&app, &rider, "").await, [middle, late]);
    // and a stranger who names the organization sees the same
    let ask = app.ask(reqwest::Method::GET, &format!("/trips/search?{WISH}"));
    assert_eq!(ask.within(&app.slug).send().await.expect(200).data("").as_array().unwrap().len(), 2);
    app.finish().await;
}

#[tokio::test]
async fn both_ends_must_be_near() {
    let app = TestApp::start().await;
    let here = trip(&app, 10, 3, 3_000, json!({})).await;
    // Bingerville is some 13 km from the Plateau; Grand-Bassam some 35 km
    let near = json!({ "origin": { "lat": 5.3558, "lon": -3.8854, "text": "Bingerville" } });
    let near = trip(&app, 11, 3, 3_000, near).await;
    let far = json!({ "origin": { "lat": 5.2118, "lon": -3.7388, "text": "Grand-Bassam" } });
    let far = trip(&app, 12, 3, 3_000, far).await;
    let elsewhere = json!({ "destination": { "lat": 7.6906, "lon": -5.0303, "text": "Bouaké" } });
    let elsewhere = trip(&app, 13, 3, 3_000, elsewhere).await;
    let rider = app.rider().await;
    assert_eq!(found(&app, &rider, "&radius_km=1").await, [here.as_str()]);
    assert_eq!(found(&app, &rider, "").await, [here.clone(), near.clone()], "25 km unless told");
    assert_eq!(found(&app, &rider, "&radius_km=50").await, [here.clone(), near.clone(), far.clone()]);
    assert_eq!(found(&app, &rider, "&radius_km=200").await, [here, near, far, elsewhere]);
    let metres = app.get(&rider, &format!("/trips/search?{WISH}")).await.expect(200).int("/1/origin_distance_m");
    assert!((13_000..14_000).contains(&metres), "{metres}");
    app.finish().await;
}

#[tokio::test]
async fn price_seats_and_comfort_narrow_the_choice() {
    let app = TestApp::start().await;
    let cheap = trip(&app, 10, 2, 2_000, json!({})).await;
    let dear = trip(&app, 11, 4, 5_000, json!({})).await;
    let (rider, other) = (app.rider().await, app.rider().await);
    assert_eq!(found(&app, &rider, "&price_max=2000").await, [cheap.as_str()]);
    assert_eq!(found(&app, &rider, "&price_min=2001").await, [dear.as_str()]);
    assert_eq!(found(&app, &rider, "&price_min=2001&price_max=4999").await, [""; 0]);
    assert_eq!(found(&app, &rider, "&seats_gte=3").await, [dear.as_str()]);
    assert_eq!(found(&app, &rider, "&comfort=comfort").await, [""; 0]);
    assert_eq!(found(&app, &rider, "&driver_rating_gte=1").await, [""; 0], "nobody was rated yet");

    // held seats are not free, and are again once the hold ended, timer or not
    let body = json!({ "trip_id": cheap, "seats": 2 });
    let ask = app.ask(reqwest::Method::POST, "/bookings").by(&other).key("k").json(&body);
    ask.send().await.expect(201);
    assert_eq!(found(&app, &rider, "").await, [dear.as_str()]);
    app.advance(TimeDelta::minutes(31)).await;
    assert_eq!(found(&app, &rider, "").await, [cheap, dear]);
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn a_day_is_a_day_where_the_organization_lives() {
    let app = TestApp::start().await;
    sqlx::query("update organizations set timezone = 'Africa/Nairobi'").execute(&app.owner).await.unwrap(); // UTC+3
    let day = (app.now().await + TimeDelta::days(5)).date_naive();
    let next = day.succ_opt().unwrap();
    // 22:30 UTC is already tomorrow in Nairobi; a time without zone is what its clocks show
    let late = trip(&app, 0, 3, 3_000, json!({ "departure_time": format!("{day}T22:30:00Z") })).await;
    let noon = trip(&app, 0, 3, 3_000, json!({ "departure_time": format!("{next}T12:00:00+03:00") })).await;
    let rider = app.rider().await;
    assert_eq!(found(&app, &rider, &format!("&date={day}")).await, [""; 0]);
    assert_eq!(found(&app, &rider, &format!("&date={next}")).await, [late.clone(), noon.clone()]);
    assert_eq!(found(&app, &rider, &format!("&date_gte={next}&date_lte={next}")).await, [late.clone(), noon]);
    assert_eq!(found(&app, &rider, &format!("&date_lte={day}")).await, [""; 0]);
    let shown = app.get(&rider, &format!("/trips/{late}")).await.expect(200);
    assert_eq!(shown.text("/local/departure_time"), format!("{next}T01:30:00"));
    let driver = app.driver().await;
    let mut body = app.trip_body(2, 3_000).await;
    body["departure_time"] = json!(format!("{next}T07:00:00"));
    let local = app.post(&driver, "/trips", &body).await.expect(201);
    assert_eq!(local.text("/departure_time"), format!("{next}T04:00:00Z"));
    app.get(&rider, &format!("/trips/search?{WISH}&date={day}&date_gte={day}")).await.refused(400, "validation_error");
    app.finish().await;
}
