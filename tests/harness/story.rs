//! The steps most stories share, each as a client takes it.

use crate::{app::TestApp, http::Answer, people::Person};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    db::Scope,
    money::{Currency, Money},
    payments::provider::{Checkout, CheckoutState, StartAnswer},
};
use integrations::{Secret, payments::wave::webhook};
use serde_json::{Value, json};
use std::time::Duration;

/// A published trip and its driver.
#[derive(Debug, Clone)]
pub struct Ride {
    pub id: String,
    pub driver: Person,
    pub departure: DateTime<Utc>,
    pub seats: i64,
}

impl TestApp {
    /// Business time of this database.
    pub async fn now(&self) -> DateTime<Utc> {
        sqlx::query_scalar("select app_now()").fetch_one(&self.owner).await.unwrap()
    }

    pub async fn trip_body(&self, seats: i64, price: i64) -> Value {
        trip_at(self.now().await + TimeDelta::hours(48), seats, price)
    }

    /// A driver offers seats from Abidjan to Yamoussoukro in two days, accepted without asking.
    pub async fn ride(&self, seats: i64, price: i64) -> Ride {
        let driver = self.driver().await;
        self.ride_of(&driver, self.trip_body(seats, price).await).await
    }

    pub async fn ride_of(&self, driver: &Person, body: Value) -> Ride {
        let made = self.post(driver, "/trips", &body).await.expect(201);
        let id = made.text("/id");
        self.post(driver, &format!("/trips/{id}/publish"), &json!({})).await.expect(200);
        let departure = body["departure_time"].as_str().unwrap().parse().unwrap();
        Ride { id, driver: driver.clone(), departure, seats: body["seats_available"].as_i64().unwrap() }
    }

    pub async fn try_book(&self, rider: &Person, ride: &Ride, seats: i64) -> Answer {
        let body = json!({ "trip_id": ride.id, "seats": seats });
        self.ask(reqwest::Method::POST, "/bookings").by(rider).key(uuid()).json(&body).send().await
    }

    /// Books and answers the booking's id.
    pub async fn book(&self, rider: &Person, ride: &Ride, seats: i64) -> String {
        self.try_book(rider, ride, seats).await.expect(201).text("/id")
    }

    pub async fn try_pay(&self, rider: &Person, booking: &str) -> Answer {
        self.try_pay_by("wave", rider, booking).await
    }

    /// Opens a payment and lets the worker create the checkout; answers the payment's id and the checkout's.
    pub async fn open_payment(&self, rider: &Person, booking: &str) -> (String, String) {
        let accepted = self.try_pay(rider, booking).await.expect(202);
        let payment = accepted.text("/subject/id");
        self.drain().await;
        (payment.clone(), self.checkout_of(&payment))
    }

    /// The provider's checkout for a payment of ours.
    pub fn checkout_of(&self, payment: &str) -> String {
        let made = self.wave.state().checkouts();
        let of = made.iter().find(|c| c.session.client_reference.as_deref() == Some(payment));
        of.unwrap_or_else(|| panic!("no checkout of {payment}")).session.id.clone()
    }

    /// The payer pays; waits until the provider's webhook was answered, then lets the worker settle.
    pub async fn pay_checkout(&self, checkout: &str) {
        let told = self.wave.state().read(|books| books.deliveries.tagged(checkout).len());
        self.wave.pay(checkout).expect("the checkout is open");
        self.delivered(checkout, told + 1).await;
        self.drain().await;
    }

    /// Waits until `n` webhooks about a checkout were answered.
    pub async fn delivered(&self, checkout: &str, n: usize) {
        for _ in 0..500 {
            let about = self.wave.state().read(|books| books.deliveries.tagged(checkout).len());
            if about >= n {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no webhook about {checkout} was delivered");
    }

    /// Books, pays, settles: a confirmed booking. Answers booking and payment.
    pub async fn paid_booking(&self, rider: &Person, ride: &Ride, seats: i64) -> (String, String) {
        let booking = self.book(rider, ride, seats).await;
        let (payment, checkout) = self.open_payment(rider, &booking).await;
        self.pay_checkout(&checkout).await;
        assert_eq!(self.booking(rider, &booking).await["status"], "confirmed");
        (booking, payment)
    }

    /// Check-in, start, end: the driver has earned.
    pub async fn take_ride(&self, rider: &Person, ride: &Ride, booking: &str) {
        let code = self.get(rider, &format!("/bookings/{booking}/access-code")).await.expect(200).text("/digits");
        let by = &ride.driver;
        self.post(by, &format!("/bookings/{booking}/check-in"), &json!({ "code": code })).await.expect(200);
        self.post(by, &format!("/bookings/{booking}/start"), &json!({})).await.expect(200);
        self.post(by, &format!("/bookings/{booking}/end"), &json!({})).await.expect(200);
    }

    pub async fn booking(&self, by: &Person, id: &str) -> Value {
        self.get(by, &format!("/bookings/{id}")).await.expect(200).data("")
    }

    pub async fn payment(&self, by: &Person, id: &str) -> Value {
        self.get(by, &format!("/payments/{id}")).await.expect(200).data("")
    }

    /// The signed sum of an account kind over the organization, minor units (debit positive).
    pub async fn balance(&self, kind: &str) -> i64 {
        sqlx::query_scalar(
            "select coalesce(sum(e.amount), 0)::bigint from entries e
             join accounts a on a.org_id = e.org_id and a.id = e.account_id where a.org_id = $1 and a.kind = $2",
        )
        .bind(self.org.0)
        .bind(kind)
        .fetch_one(&self.owner)
        .await
        .unwrap()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }
}

/// A trip from Abidjan to Yamoussoukro, as its driver writes it.
pub fn trip_at(departure: DateTime<Utc>, seats: i64, price: i64) -> Value {
    json!({
        "origin": { "lat": 5.3575, "lon": -4.0083, "text": "Abidjan, Plateau" },
        "destination": { "lat": 6.8190, "lon": -5.2760, "text": "Yamoussoukro" },
        "departure_time": departure, "price_per_seat": price, "seats_available": seats,
        "allow_auto_accept": true, "luggage_policy": "1 valise cabine", "rules": "Non-fumeur"
    })
}

pub fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Webhooks written by hand, and what became of them.
impl TestApp {
    /// Posts bytes to the webhook door, signed now with this secret.
    pub async fn webhook_signed_with(&self, secret: &str, body: &[u8]) -> Answer {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let signature = webhook::sign(&Secret::new(secret), i64::try_from(now).unwrap(), body);
        let path = format!("/webhooks/wave/{}", self.account);
        let ask = self.ask(reqwest::Method::POST, &path).header("wave-signature", &signature);
        ask.bytes(body.to_vec()).send().await
    }

    pub async fn signed_webhook(&self, body: &[u8]) -> Answer {
        self.webhook_signed_with(crate::app::WEBHOOK_SECRET, body).await
    }

    pub async fn event_status(&self, key: &str) -> String {
        sqlx::query_scalar("select status from inbound_events where event_key = $1")
            .bind(key)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// How many notices of a kind somebody got.
    pub async fn notices(&self, to: &Person, kind: &str) -> i64 {
        sqlx::query_scalar("select count(*) from notifications where user_id = $1 and kind = $2")
            .bind(to.id.0)
            .bind(kind)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// Posts one sweep as the scheduler would, and lets the workers do what follows.
    pub async fn sweep(&self, job: &impl queue::JobFamily) {
        let mut tx = self.db.begin(Scope::nowhere()).await.unwrap();
        tx.enqueue(job);
        tx.commit().await.unwrap();
        self.drain().await;
    }

    /// Ends a hold as its timer would, and nothing else.
    pub async fn expire_now(&self, booking: &str) {
        let mut tx = self.db.begin(Scope::system(self.org)).await.unwrap();
        assert!(domain::bookings::expire_hold(&mut tx, booking.parse().unwrap()).await.unwrap());
        tx.commit().await.unwrap();
    }

    /// Runs only the handling of stored events, as if the start of the checkout were still under way.
    pub async fn drain_payments_only_events(&self) {
        self.settle_waiting_events().await;
        sqlx::query("delete from queue.jobs where kind in ('payment.start', 'inbound.settle')")
            .execute(&self.owner)
            .await
            .unwrap();
    }

    /// Applies every stored event that nobody handled, before anything else that is due.
    pub async fn settle_waiting_events(&self) {
        let waiting: Vec<uuid::Uuid> = sqlx::query_scalar("select id from inbound_events where status = 'received'")
            .fetch_all(&self.owner)
            .await
            .unwrap();
        for event in waiting {
            let mut tx = self.db.begin(Scope::system(self.org)).await.unwrap();
            domain::payments::settle_event(&mut tx, event.into()).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// The provider's answer to a create call, as the carrier would record it.
    pub fn started_checkout(&self, payment: &str, provider_ref: &str, amount: i64) -> StartAnswer {
        StartAnswer::Started(Checkout {
            provider_ref: provider_ref.into(),
            client_reference: Some(payment.into()),
            price: Money { amount, currency: Currency::Xof },
            state: CheckoutState::Open,
            launch_url: Some("https://pay.wave.com/c/x".into()),
            expires_at: None,
            callback_digest: None,
        })
    }
}
