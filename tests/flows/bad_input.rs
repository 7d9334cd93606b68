//! What makes no sense is refused with a code of its own and changes nothing: every row of every table is compared.

use chrono::TimeDelta;
use harness::{Answer, Person, Ride, TestApp};
use serde_json::{Value, json};

/// Posts and insists that not one row changed.
async fn in_vain(app: &TestApp, by: &Person, path: &str, body: &Value) -> Answer {
    let before = app.picture().await;
    let answer = app.ask(reqwest::Method::POST, path).by(by).key(harness::story::uuid()).json(body).send().await;
    assert_eq!(app.picture().await, before, "{path} {body} changed something: {}", answer.body);
    answer
}

fn seats(ride: &Ride, seats: &Value) -> Value {
    json!({ "trip_id": ride.id, "seats": seats })
}

#[tokio::test]
async fn seats_that_are_not_there_cannot_be_had() {
    let app = TestApp::start().await;
    let (ride, rider, other) = (app.ride(3, 3_000).await, app.rider().await, app.rider().await);
    app.book(&other, &ride, 1).await;
    let refused = in_vain(&app, &rider, "/bookings", &seats(&ride, &json!(3))).await.refused(409, "booking_conflict");
    assert_eq!(refused.details(), &json!({ "available": 2, "requested": 3 }));
    for number in [json!(0), json!(-1), json!(61), json!(2.5), json!("2"), json!(null), json!(99_999_999_999_i64)] {
        let refused = in_vain(&app, &rider, "/bookings", &seats(&ride, &number)).await;
        assert_eq!(refused.refused(400, "validation_error").details()["field"], "seats", "{number}");
        let refused = in_vain(&app, &rider, "/bookings/quote", &seats(&ride, &number)).await;
        refused.refused(400, "validation_error");
    }
    let long = json!({ "trip_id": ride.id, "seats": 1, "note": "n".repeat(1_001) });
    in_vain(&app, &rider, "/bookings", &long).await.refused(400, "validation_error");
    let greedy = json!({ "trip_id": ride.id, "seats": 1, "price": 1 });
    in_vain(&app, &rider, "/bookings", &greedy).await.refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_booked_or_paid() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 3_000).await, app.rider().await);
    let nothing = uuid::Uuid::new_v4();
    in_vain(&app, &rider, "/bookings", &json!({ "trip_id": nothing, "seats": 1 })).await.refused(404, "not_found");
    in_vain(&app, &rider, "/bookings/quote", &json!({ "trip_id": nothing, "seats": 1 }))
        .await
        .refused(404, "not_found");
    let pay = json!({ "booking_id": nothing, "method": "wave" });
    in_vain(&app, &rider, "/payments", &pay).await.refused(404, "not_found");
    let malformed = json!({ "trip_id": "the red one", "seats": 1 });
    in_vain(&app, &rider, "/bookings", &malformed).await.refused(400, "validation_error");
    for id in ["7", "the-red-one", "00000000-0000-0000-0000-00000000000g", &nothing.to_string()] {
        for path in ["bookings", "trips", "payments", "operations"] {
            app.get(&rider, &format!("/{path}/{id}")).await.refused(404, "not_found");
        }
        in_vain(&app, &ride.driver, &format!("/trips/{id}/publish"), &json!({})).await.refused(404, "not_found");
        in_vain(&app, &rider, &format!("/bookings/{id}/cancel"), &json!({})).await.refused(404, "not_found");
    }
    // somebody else's booking is as unknown as no booking
    let booking = app.book(&rider, &ride, 1).await;
    let eve = app.rider().await;
    app.get(&eve, &format!("/bookings/{booking}")).await.refused(404, "not_found");
    in_vain(&app, &eve, &format!("/bookings/{booking}/cancel"), &json!({})).await.refused(404, "not_found");
    let pay = json!({ "booking_id": booking, "method": "wave" });
    in_vain(&app, &eve, "/payments", &pay).await.refused(404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn a_driver_does_not_ride_with_themselves_nor_anybody_after_the_departure() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 3_000).await, app.rider().await);
    in_vain(&app, &ride.driver, "/bookings", &seats(&ride, &json!(1))).await.refused(422, "own_trip");

    let driver = app.driver().await;
    let draft = app.post(&driver, "/trips", &app.trip_body(2, 3_000).await).await.expect(201).text("/id");
    app.advance(TimeDelta::hours(48) + TimeDelta::seconds(1)).await;
    let late = in_vain(&app, &rider, "/bookings", &seats(&ride, &json!(1))).await.refused(422, "departure_passed");
    assert!(late.details()["departure_at"].is_string());
    in_vain(&app, &driver, &format!("/trips/{draft}/publish"), &json!({})).await.refused(422, "departure_passed");
    let mut past = app.trip_body(2, 3_000).await;
    past["departure_time"] = json!(app.now().await - TimeDelta::minutes(1));
    in_vain(&app, &driver, "/trips", &past).await.refused(422, "departure_passed");
    past["departure_time"] = json!(app.now().await + TimeDelta::days(366));
    in_vain(&app, &driver, "/trips", &past).await.refused(400, "validation_error");
    past["departure_time"] = json!("tomorrow");
    in_vain(&app, &driver, "/trips", &past).await.refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn the_globe_has_edges() {
    let app = TestApp::start().await;
    let driver = app.driver().await;
    for (place, axis, value) in [
        ("origin", "lat", 90.1),
        ("origin", "lon", -180.1),
        ("destination", "lat", -91.0),
        ("destination", "lon", 540.0),
        ("destination", "lat", 1e300),
    ] {
        let mut body = app.trip_body(2, 3_000).await;
        body[place][axis] = json!(value);
        let refused = in_vain(&app, &driver, "/trips", &body).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], format!("{place}.{axis}"));
    }
    for (from, to) in [
        ("90.1,0", "6,-5"),
        ("5,-4", "6,180.1"),
        ("NaN,0", "6,-5"),
        ("5,inf", "6,-5"),
        ("5", "6,-5"),
        ("5,-4,3", "6,-5"),
        ("", "6,-5"),
        ("north,south", "6,-5"),
    ] {
        app.get(&driver, &format!("/trips/search?from={from}&to={to}")).await.refused(400, "validation_error");
    }
    app.get(&driver, "/trips/search?to=6,-5").await.refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn a_wish_out_of_bounds_is_refused_and_its_field_named() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    for wish in [
        "radius_km=0",
        "radius_km=-3",
        "radius_km=501",
        "radius_km=NaN",
        "seats_gte=0",
        "seats_gte=-1",
        "seats_gte=61",
        "seats=two",
        "price_min=-1",
        "price_max=-1",
        "price_max=10.5",
        "price_max=99999999999999999999",
        "date=tomorrow",
        "date=2027-02-30",
        "date=9999-12-31",
        "date_lte=-0001-01-01",
        "comfort=golden",
        "driver_rating_gte=6",
        "driver_rating_gte=NaN",
        "sort=price",
    ] {
        let answer = app.get(&rider, &format!("/trips/search?from=5.35,-4&to=6.8,-5.27&{wish}")).await;
        assert_eq!((answer.status, answer.code()), (400, "validation_error"), "{wish}: {}", answer.body);
        assert_eq!(answer.details()["field"], wish.split('=').next().unwrap());
    }
    app.finish().await;
}

#[tokio::test]
async fn an_amount_is_a_whole_number_of_francs() {
    let app = TestApp::start().await;
    let driver = app.driver().await;
    for price in [
        json!(-1),
        json!(10.5),
        json!("3000"),
        json!(null),
        json!(1e30),
        json!(1_000_000_000_001_i64),
        json!(i64::MAX),
        json!({ "amount": -1, "currency": "XOF" }),
        json!({ "amount": 3_000, "currency": "EUR" }),
        json!({ "amount": 3_000, "currency": "ZZZ" }),
    ] {
        let mut body = app.trip_body(2, 3_000).await;
        body["price_per_seat"] = price.clone();
        let refused = in_vain(&app, &driver, "/trips", &body).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], "price_per_seat", "{price}");
    }
    // the largest price may be asked for; more of it than money can say may not
    let (ride, rider) = (app.ride(60, 1_000_000_000_000).await, app.rider().await);
    in_vain(&app, &rider, "/bookings", &seats(&ride, &json!(60))).await.refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn a_phone_number_is_e164() {
    let app = TestApp::start().await;
    let driver = app.driver().await;
    for phone in
        ["0700000001", "+0700000001", "+22507", "+2250700000001234", "+225 07 00 00 00 01", "+22507x0000001", "", "+"]
    {
        let register = json!({ "phone": phone });
        in_vain(&app, &driver, "/auth/register", &register).await.refused(400, "validation_error");
        let send = json!({ "phone": phone, "purpose": "sign_in" });
        in_vain(&app, &driver, "/auth/otp/send", &send).await.refused(400, "validation_error");
        let number = json!({ "number": phone, "holder_name": "Koffi" });
        in_vain(&app, &driver, "/me/payout-destinations", &number).await.refused(400, "validation_error");
    }
    let both = json!({ "phone": "+2250700000001", "email": "a@b.test" });
    in_vain(&app, &driver, "/auth/register", &both).await.refused(400, "validation_error");
    in_vain(&app, &driver, "/auth/register", &json!({})).await.refused(400, "validation_error");
    let short = json!({ "email": "a@b.test", "password": "1234567" });
    in_vain(&app, &driver, "/auth/register", &short).await.refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn a_payment_that_cannot_be_leaves_no_trace() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(3, 3_000).await, app.rider().await);
    let (open, late, paid) =
        (app.book(&rider, &ride, 1).await, app.book(&rider, &ride, 1).await, app.book(&rider, &ride, 1).await);
    let pay = |booking: &str| json!({ "booking_id": booking, "method": "wave" });
    let (_, checkout) = app.open_payment(&rider, &paid).await;
    app.pay_checkout(&checkout).await;
    let (payment, _) = app.open_payment(&rider, &open).await;

    let second = in_vain(&app, &rider, "/payments", &pay(&open)).await.refused(409, "payment_in_progress");
    assert_eq!(second.details()["payment"], payment.as_str());
    in_vain(&app, &rider, "/payments", &pay(&paid)).await.refused(409, "already_paid");
    let shells = json!({ "booking_id": late, "method": "cowries" });
    in_vain(&app, &rider, "/payments", &shells).await.refused(400, "validation_error");
    let nowhere = json!({ "booking_id": late, "method": "wave", "return_url": "javascript:alert(1)" });
    in_vain(&app, &rider, "/payments", &nowhere).await.refused(400, "validation_error");
    let amount = json!({ "booking_id": late, "method": "wave", "amount": 1 });
    in_vain(&app, &rider, "/payments", &amount).await.refused(400, "validation_error");
    app.advance(TimeDelta::minutes(31)).await;
    let gone = in_vain(&app, &rider, "/payments", &pay(&late)).await.refused(410, "hold_expired");
    assert!(gone.details()["expired_at"].is_string());
    app.drain().await;
    let again = app.book(&rider, &ride, 1).await;
    sqlx::query("update provider_accounts set status = 'retired'").execute(&app.owner).await.unwrap();
    in_vain(&app, &rider, "/payments", &pay(&again)).await.refused(503, "provider_unavailable");
    app.forgive_unaudited();
    app.finish().await;
}
