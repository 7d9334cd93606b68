//! Two more ride another day, and pay by Orange Money and by MTN: providers who sign nothing.

use crate::{
    cast::{self, Actor},
    scenes::{ended, now},
    stage::Stage,
};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

pub async fn pay(stage: &Stage, driver: &Actor) {
    stage.scene("5. Another day, another ride: Fatou pays by Orange Money, Yao by MTN");
    let (fatou, yao) =
        (cast::by_phone(stage, "Fatou", "+2250700000003").await, cast::by_phone(stage, "Yao", "+2250500000004").await);
    let trip = offer(stage, driver).await;

    let (booking, asked, operation) = open(stage, &fatou, &trip, "orange").await;
    let lie = json!({ "status": "SUCCESS", "notif_token": "guessed", "txnid": "MP0" });
    let address = asked["callback"].as_str().unwrap();
    assert_eq!(stage.call(address, &lie).await, 404);
    assert_eq!(stage.call(&format!("{address}x"), &lie).await, 404);
    stage.say("whoever guesses Orange's word, or the address, is not heard");
    stage.approve(asked["id"].as_str().unwrap()).await;
    firm(stage, &fatou, &booking, &operation).await;
    stage.say("Fatou pays on Orange's page; the status answer, not the notification, settles");

    let (booking, asked, operation) = open(stage, &yao, &trip, "mtn").await;
    assert_eq!(asked["payer"], yao.address.trim_start_matches('+'));
    let lie = json!({ "externalId": asked["reference"], "status": "SUCCESSFUL", "amount": "5000", "currency": "XOF" });
    assert_eq!(stage.call(asked["callback"].as_str().unwrap(), &lie).await, 200);
    let still = yao.get(stage, &format!("/bookings/{booking}")).await;
    assert_eq!(still.text("/payment_status"), "processing");
    stage.say("a callback that says Yao has paid makes us ask MTN, who knows nothing of it");
    stage.rule("webhook.mtn", json!({ "duplicate": 2, "put": true })).await;
    stage.approve(asked["id"].as_str().unwrap()).await;
    firm(stage, &yao, &booking, &operation).await;
    stage.say("Yao says yes on the phone; MTN tells three times, by PUT, and it settles once");
    give_up(stage, &yao, &booking).await;
}

/// Yao does not ride after all: what that costs is known before, and is exactly what it costs.
async fn give_up(stage: &Stage, yao: &Actor, booking: &str) {
    let quote = yao.post(stage, &format!("/bookings/{booking}/cancellation-quote"), json!({})).await.expect(200);
    assert_eq!((quote.int("/fee/amount"), quote.int("/refund/amount")), (1_000, 4_000));
    let ask = json!({ "reason": "change_of_plan", "quote": quote.text("/code") });
    let gone = yao.post(stage, &format!("/bookings/{booking}/cancel"), ask).await.expect(200);
    assert_eq!((gone.text("/status"), gone.int("/cancellation_fee")), ("cancelled".into(), 1_000));
    stage
        .until("the refund to arrive", || async {
            let seen = yao.get(stage, &format!("/bookings/{booking}")).await;
            (seen.text("/payment_status") == "partially_refunded").then_some(())
        })
        .await;
    let fees = stage.number(
        "select coalesce(-sum(e.amount), 0)::bigint from entries e
         join accounts a on a.org_id = e.org_id and a.id = e.account_id where a.kind = 'fees'",
    );
    assert_eq!(fees.await, 1_000);
    stage.say("Yao gives up as quoted: 1 000 XOF are kept, MTN brings 4 000 back");
}

async fn offer(stage: &Stage, driver: &Actor) -> String {
    let vehicle = driver.get(stage, "/vehicles").await.text("/0/id");
    let trip = json!({
        "origin": { "lat": 5.3575, "lon": -4.0083, "text": "Abidjan, Plateau" },
        "destination": { "lat": 7.6900, "lon": -5.0300, "text": "Bouaké" },
        "departure_time": now(stage).await + TimeDelta::hours(120), "price_per_seat": 5_000, "seats_available": 2,
        "allow_auto_accept": true, "vehicle_id": vehicle, "luggage_policy": "1 valise", "rules": "Non-fumeur"
    });
    let id = driver.post(stage, "/trips", trip).await.expect(201).text("/id");
    driver.post(stage, &format!("/trips/{id}/publish"), json!({})).await.expect(200);
    id
}

/// Books and opens a payment; answers the booking, what the provider was asked for, and the operation to wait on.
async fn open(stage: &Stage, rider: &Actor, trip: &str, method: &str) -> (String, Value, String) {
    let booked = rider.post(stage, "/bookings", json!({ "trip_id": trip, "seats": 1 })).await.expect(201).text("/id");
    let body = json!({ "booking_id": booked, "method": method });
    let key = uuid::Uuid::new_v4().to_string();
    let asked = rider.ask(stage, Method::POST, "/payments").key(key).header("prefer", "wait=10").json(&body);
    let opened = asked.send().await.expect(201);
    let operation = opened.body["meta"]["operation_id"].as_str().expect("an operation to wait on").to_owned();
    let made = stage.received("collections", &opened.text("/id")).await;
    (booked, made.last().expect("the provider was asked").clone(), operation)
}

async fn firm(stage: &Stage, rider: &Actor, booking: &str, operation: &str) {
    ended(stage, rider, operation).await;
    let firm = rider.get(stage, &format!("/bookings/{booking}")).await;
    assert_eq!((firm.text("/status"), firm.text("/payment_status")), ("confirmed".into(), "paid".into()));
}
