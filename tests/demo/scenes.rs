//! The story, scene by scene.

use crate::{
    cast::{self, Actor},
    other_providers,
    stage::Stage,
};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

/// What the last line says: of the payments by Wave, which the story follows to the payout.
pub struct Sums {
    pub paid: i64,
    pub settled_once: i64,
    pub forged_rejected: i64,
    pub notified: i64,
    pub paid_out: i64,
    pub ledger_sum: i64,
    pub jobs_dead: i64,
}

struct Cast {
    admin: Actor,
    driver: Actor,
    riders: [Actor; 2],
}

pub async fn play(stage: &Stage) -> Sums {
    let cast = people(stage).await;
    let trip = offer(stage, &cast).await;
    let bookings = book(stage, &cast, &trip).await;
    let forged_rejected = pay(stage, &cast, &bookings).await;
    other_providers::pay(stage, &cast.driver).await;
    remind(stage, &cast).await;
    ride(stage, &cast, &bookings).await;
    let paid_out = pay_out(stage, &cast).await;
    add_up(stage, forged_rejected, paid_out).await
}

async fn people(stage: &Stage) -> Cast {
    stage.scene("1. People register and prove who they are");
    let admin = Actor::sign_in(stage, "Admin", &stage.admin_email, &stage.admin_password).await;
    let path = format!("/organizations/{}", stage.org);
    let organization = admin.get(stage, &path).await;
    let settings = json!({ "settings": {
        "commission": { "basis_points": 1_000, "fixed": 100 },
        "cancellation": [{ "before_minutes": 10_080, "allowed": true, "fee_basis_points": 2_000 }]
    } });
    let etag = organization.header("etag").unwrap().to_owned();
    admin.ask(stage, Method::PATCH, &path).header("if-match", etag).json(&settings).send().await.expect(200);
    stage.say("the admin sets the commission, 10 % and 100 XOF, and what giving up within a week costs: 20 %");

    let driver = cast::by_phone(stage, "Koffi", "+2250700000001").await;
    let riders = [
        cast::by_phone(stage, "Awa", "+2250700000002").await,
        cast::by_mail(stage, "Mariam", "mariam@allocar.test").await,
    ];
    stage.say("Koffi, Awa (codes by SMS) and Mariam (by mail) have accounts");

    let licence = json!({ "doc_type": "driving_licence", "doc_number": "CI-0042", "front_key": "kyc/koffi-front.jpg" });
    let document = driver.post(stage, "/me/kyc", licence).await.expect(201).text("/id");
    admin.post(stage, &format!("/kyc/{document}/approve"), json!({})).await.expect(200);
    let destination = json!({ "number": driver.address, "holder_name": "Koffi" });
    let set = driver.post(stage, "/me/payout-destinations", destination).await;
    assert!((200..300).contains(&set.status), "{}", set.body);
    stage.say("Koffi's licence is approved: he may drive, and be paid on his number");
    Cast { admin, driver, riders }
}

async fn offer(stage: &Stage, cast: &Cast) -> String {
    stage.scene("2. Koffi offers three seats from Abidjan to Yamoussoukro");
    let car = json!({ "make": "Toyota", "model": "Corolla", "color": "grise", "plate_number": "1234 AB 01",
                      "seats_total": 5, "comfort_level": "standard" });
    let vehicle = cast.driver.post(stage, "/vehicles", car).await.expect(201).text("/id");
    let departure = now(stage).await + TimeDelta::hours(48);
    let trip = json!({
        "origin": { "lat": 5.3575, "lon": -4.0083, "text": "Abidjan, Plateau" },
        "destination": { "lat": 6.8190, "lon": -5.2760, "text": "Yamoussoukro" },
        "departure_time": departure, "price_per_seat": 6_000, "seats_available": 3, "allow_auto_accept": false,
        "vehicle_id": vehicle, "luggage_policy": "1 valise cabine", "rules": "Non-fumeur"
    });
    let id = cast.driver.post(stage, "/trips", trip).await.expect(201).text("/id");
    cast.driver.post(stage, &format!("/trips/{id}/publish"), json!({})).await.expect(200);
    let day = departure.format("%Y-%m-%d");
    let found = stage
        .ask(Method::GET, &format!("/trips/search?from=5.34,-4.01&to=6.82,-5.27&date={day}&seats_gte=2&radius_km=20"))
        .send()
        .await
        .expect(200);
    assert_eq!(found.text("/0/id"), id);
    stage.say("anybody finds it within 20 km of both ends");
    id
}

async fn book(stage: &Stage, cast: &Cast, trip: &str) -> Vec<String> {
    stage.scene("3. Awa and Mariam book, Koffi accepts");
    let mut bookings = Vec::new();
    for (rider, seats) in cast.riders.iter().zip([2, 1]) {
        let booked = rider.post(stage, "/bookings", json!({ "trip_id": trip, "seats": seats })).await.expect(201);
        assert_eq!(booked.text("/status"), "pending");
        bookings.push(booked.text("/id"));
        stage.say(&format!("{} holds {seats} seat(s)", rider.name));
    }
    let late = cast.riders[1].post(stage, "/bookings", json!({ "trip_id": trip, "seats": 1 })).await;
    assert_eq!(late.refused(409, "booking_conflict").details()["available"], 0);
    stage.say("nobody can book a fourth seat of three");
    for booking in &bookings {
        cast.driver.post(stage, &format!("/bookings/{booking}/approve"), json!({})).await.expect(200);
    }
    bookings
}

async fn pay(stage: &Stage, cast: &Cast, bookings: &[String]) -> i64 {
    stage.scene("4. They pay by Wave; the provider misbehaves on the way");
    let [awa, mariam] = &cast.riders;
    let (operation, checkout) = open_payment(stage, awa, &bookings[0]).await;
    let mut refused = 0;
    for forgery in ["bad_mac", "no_signature"] {
        assert_eq!(stage.forge(forgery, &checkout).await, 401);
        refused += 1;
    }
    stage.say("two forged webhooks are refused");
    stage.rule("webhook", json!({ "duplicate": 2 })).await;
    stage.pay_by_phone(&checkout).await;
    ended(stage, awa, &operation).await;
    stage
        .until("three authentic deliveries", || async {
            let deliveries = stage.received("deliveries", &checkout).await;
            let authentic = deliveries.iter().filter(|d| d["forged"].is_null() && d["status"] == 200).count();
            (authentic == 3).then_some(())
        })
        .await;
    stage.say("Awa's webhook came three times and settled once");

    stage.rule("checkout.create", json!({ "early": true })).await;
    let (operation, _) = open_payment(stage, mariam, &bookings[1]).await;
    ended(stage, mariam, &operation).await;
    stage.say("Mariam's webhook overtook the answer to our own call, and settled once");
    for (rider, booking) in cast.riders.iter().zip(bookings) {
        let firm = rider.get(stage, &format!("/bookings/{booking}")).await;
        assert_eq!((firm.text("/status"), firm.text("/payment_status")), ("confirmed".into(), "paid".into()));
    }
    heard(stage, "pushes", "phone-of-Awa", "a push to Awa").await;
    heard(stage, "sms", &awa.address, "an SMS to Awa").await;
    heard(stage, "mails", &mariam.address, "a mail to Mariam").await;
    stage.say("push, SMS and mail were received");
    refused
}

async fn open_payment(stage: &Stage, rider: &Actor, booking: &str) -> (String, String) {
    let body = json!({ "booking_id": booking, "method": "wave" });
    let key = uuid::Uuid::new_v4().to_string();
    let asked = rider.ask(stage, Method::POST, "/payments").key(key).header("prefer", "wait=10").json(&body);
    let opened = asked.send().await.expect(201);
    let payment = opened.text("/id");
    let operation = opened.body["meta"]["operation_id"].as_str().expect("an operation to wait on").to_owned();
    let checkouts = stage.received("checkouts", &payment).await;
    let checkout = checkouts[0]["session"]["id"].as_str().or(checkouts[0]["id"].as_str()).unwrap().to_owned();
    (operation, checkout)
}

pub async fn ended(stage: &Stage, by: &Actor, operation: &str) -> Value {
    stage
        .until("an operation to end", || async {
            let seen = by.get(stage, &format!("/operations/{operation}?wait=20")).await;
            let status = seen.text("/status");
            assert!(status != "failed", "{}", seen.body);
            (status == "succeeded").then(|| seen.data(""))
        })
        .await
}

async fn heard(stage: &Stage, kind: &str, about: &str, what: &str) {
    stage.until(what, || async { (!stage.received(kind, about).await.is_empty()).then_some(()) }).await;
}

async fn remind(stage: &Stage, cast: &Cast) {
    stage.scene("6. The clock is shortened: reminders fire a day and two hours before");
    for (hours, minutes_before) in [(24.001, 1_440), (22.0, 120)] {
        stage.pass(hours).await;
        stage
            .until("everybody to be reminded", || async {
                let reminded: i64 = sqlx::query_scalar(
                    "select count(distinct n.user_id) from notifications n
                     join deliveries d on d.org_id = n.org_id and d.notification_id = n.id and d.status = 'sent'
                     where n.kind = 'reminder' and (n.payload ->> 'minutes_before')::int = $1",
                )
                .bind(minutes_before)
                .fetch_one(&stage.owner)
                .await
                .unwrap();
                (reminded == 3).then_some(())
            })
            .await;
        stage.say(&format!("{minutes_before} minutes before: {}, both riders and the driver", cast.driver.name));
    }
}

async fn ride(stage: &Stage, cast: &Cast, bookings: &[String]) {
    stage.scene("7. Check-in, the ride, the end");
    stage.pass(1.5).await;
    for (rider, booking) in cast.riders.iter().zip(bookings) {
        let code = rider.get(stage, &format!("/bookings/{booking}/access-code")).await.text("/token");
        let path = |step: &str| format!("/bookings/{booking}/{step}");
        cast.driver.post(stage, &path("check-in"), json!({ "code": code })).await.expect(200);
        cast.driver.post(stage, &path("start"), json!({})).await.expect(200);
        stage.say(&format!("{} shows a signed code and gets on", rider.name));
    }
    for booking in bookings {
        cast.driver.post(stage, &format!("/bookings/{booking}/end"), json!({})).await.expect(200);
    }
    stage.say("Koffi has earned 16 000 XOF of 18 000");
}

async fn pay_out(stage: &Stage, cast: &Cast) -> i64 {
    stage.scene("8. The payout");
    let accepted = cast.admin.post(stage, "/payouts/run", json!({})).await;
    assert!([200, 202].contains(&accepted.status), "{}", accepted.body);
    let run = ended(stage, &cast.admin, &accepted.text("/id")).await;
    assert_eq!(run["result"]["amount"], 16_000, "{run}");
    let paid = stage.received("payouts", &cast.driver.address).await;
    assert_eq!(paid.len(), 1);
    stage.say("Wave paid Koffi 16 000 XOF, once");
    heard(stage, "sms", &cast.driver.address, "the news of it").await;
    run["result"]["paid"].as_i64().unwrap()
}

async fn add_up(stage: &Stage, forged_rejected: i64, paid_out: i64) -> Sums {
    stage.scene("9. The books");
    stage
        .until("the last message to be carried", || async {
            let open = stage.number("select count(*) from deliveries where status in ('queued', 'sending')").await;
            (open == 0).then_some(())
        })
        .await;
    let mut tx_broken = 0;
    for promise in domain::invariants::PROMISES {
        let violations: i64 = sqlx::query_scalar("select violations from check_invariant($1)")
            .bind(promise)
            .fetch_one(&stage.owner)
            .await
            .unwrap();
        tx_broken += violations;
    }
    assert_eq!(tx_broken, 0, "every promise holds");
    stage.say("every invariant was re-checked");
    Sums {
        paid: stage
            .number("select count(*) from payments where direction = 'in' and status = 'succeeded' and method = 'wave'")
            .await,
        settled_once: stage
            .number(
                "select count(*) from (select t.payment_id from ledger_transactions t
                 join payments p on p.org_id = t.org_id and p.id = t.payment_id and p.method = 'wave'
                 where t.kind = 'booking_paid' group by t.payment_id having count(*) = 1) once",
            )
            .await,
        forged_rejected,
        notified: stage.number("select count(*) from deliveries where status = 'sent'").await,
        paid_out,
        ledger_sum: stage.number("select coalesce(sum(amount), 0)::bigint from entries").await,
        jobs_dead: stage.number("select count(*) from queue.dead").await,
    }
}

pub async fn now(stage: &Stage) -> DateTime<Utc> {
    sqlx::query_scalar("select app_now()").fetch_one(&stage.owner).await.unwrap()
}
