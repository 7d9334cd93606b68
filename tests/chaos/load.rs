//! People: they book, pay, change their minds, ride; finance pays the drivers. Paced so that two cores keep up.

use crate::{client::Client, luck::Luck, stage::Stage};
use chrono::TimeDelta;
use futures::{FutureExt, StreamExt, stream};
use harness::{Answer, Person, Ride, TestApp, story::trip_at};
use integrations::payments::wave::wire::CheckoutStatus;
use serde_json::json;
use std::{
    panic::AssertUnwindSafe,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

const RIDERS: usize = 20;
/// A driver is on one ride at a time, so each ride takes another.
const DRIVERS: usize = 200;
/// A checkout appears within this, even when the worker that should open it is killed twice.
const CHECKOUT: Duration = Duration::from_secs(25);

/// What the load did, as its clients saw it.
pub struct Load<'a> {
    app: &'a TestApp,
    pub client: Client<'a>,
    until: Instant,
    drivers: Mutex<Vec<Person>>,
    /// Payments the API took on.
    pub posted: Mutex<Vec<String>>,
    /// Steps that were answered otherwise than they should.
    pub troubles: AtomicU64,
    pub rides: AtomicU64,
}

impl<'a> Load<'a> {
    /// Everybody is there before anything breaks: they are made behind the product's back.
    pub async fn gather(stage: &'a Stage, doors: Vec<String>, lasts: Duration) -> Self {
        let app = &stage.app;
        let drivers = stream::iter(0..DRIVERS).map(|_| app.driver()).buffer_unordered(8).collect().await;
        Self {
            app,
            client: Client::new(app, doors),
            until: Instant::now() + lasts,
            drivers: Mutex::new(drivers),
            posted: Mutex::default(),
            troubles: AtomicU64::new(0),
            rides: AtomicU64::new(0),
        }
    }

    /// When nobody begins anything new.
    pub fn over(&self) -> Instant {
        self.until
    }

    /// Everybody at once, until the time is over and each has ended what was begun.
    pub async fn flow(&self, luck: &mut Luck) {
        let people = stream::iter(0..RIDERS).map(|_| self.app.rider()).buffer_unordered(8).collect::<Vec<_>>().await;
        let riders: Vec<_> = people.into_iter().map(|rider| self.rider(rider, luck.apart())).collect();
        let finance = self.app.person("Mariam", &["finance"]).await;
        futures::join!(futures::future::join_all(riders), self.finance(&finance));
    }

    async fn rider(&self, rider: Person, mut luck: Luck) {
        let mut far = None;
        tokio::time::sleep(luck.millis(0, 2_000)).await; // people do not come all at once
        while Instant::now() < self.until {
            let day = AssertUnwindSafe(self.day(&rider, &mut far, &mut luck)).catch_unwind().await;
            if day.is_err() {
                self.troubles.fetch_add(1, Ordering::Relaxed);
            }
            tokio::time::sleep(luck.millis(50, 400)).await;
        }
    }

    /// One booking, as far as it gets. `far` is a ride in two days with seats for many bookings.
    async fn day(&self, rider: &Person, far: &mut Option<Ride>, luck: &mut Luck) {
        let near = luck.percent(35);
        let ride = if near { self.soon(luck).await } else { self.seat(far).await };
        let booking = self.book(rider, &ride).await;
        match luck.below(100) {
            0..5 => return, // forgets to pay: the hold ends by itself
            5..10 => {
                self.cancel(rider, &booking).await.expect(200);
                return;
            }
            _ => {}
        }
        let order = json!({ "booking_id": booking, "method": "wave" });
        let (payment, operation) = started(&self.client.post(rider, "/payments", &order).await);
        self.posted.lock().unwrap().push(payment.clone());
        let Some(checkout) = self.checkout(&payment).await else { return };
        if luck.percent(6) {
            // changes their mind while they pay: either the money comes back or the checkout closes
            let _ = futures::join!(self.cancel(rider, &booking), async { self.app.wave.pay(&checkout) });
            return;
        }
        let _ = self.app.wave.pay(&checkout); // refused when the provider's early webhook was ordered: paid already
        if !self.settled(rider, &operation).await {
            return; // the oracle asks again later
        }
        self.rides.fetch_add(1, Ordering::Relaxed);
        if luck.percent(15) {
            self.cancel(rider, &booking).await.expect(200);
        } else if near {
            self.ride(rider, &ride, &booking).await;
        }
    }

    /// A seat in two days.
    async fn seat(&self, far: &mut Option<Ride>) -> Ride {
        let mut ride = match far.take().filter(|ride| ride.seats > 0) {
            Some(ride) => ride,
            None => self.offer(60, 2_000, TimeDelta::hours(48)).await,
        };
        ride.seats -= 1;
        far.insert(ride).clone()
    }

    /// A ride that leaves within the time of check-in.
    async fn soon(&self, luck: &mut Luck) -> Ride {
        let minutes = i64::try_from(40 + luck.below(15)).unwrap();
        self.offer(1, 3_000, TimeDelta::minutes(minutes)).await
    }

    async fn offer(&self, seats: i64, price: i64, ahead: TimeDelta) -> Ride {
        let stocked = self.drivers.lock().unwrap().pop();
        let driver = match stocked {
            Some(driver) => driver,
            None => self.app.driver().await,
        };
        let departure = self.now().await + ahead;
        let id = self.client.post(&driver, "/trips", &trip_at(departure, seats, price)).await.expect(201).text("/id");
        self.client.post(&driver, &format!("/trips/{id}/publish"), &json!({})).await.expect(200);
        Ride { id, driver, departure, seats }
    }

    /// Business time, as soon as the database can tell it.
    async fn now(&self) -> chrono::DateTime<chrono::Utc> {
        loop {
            match sqlx::query_scalar("select app_now()").fetch_one(&self.app.owner).await {
                Ok(now) => return now,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn book(&self, rider: &Person, ride: &Ride) -> String {
        let order = json!({ "trip_id": ride.id, "seats": 1 });
        self.client.post(rider, "/bookings", &order).await.expect(201).text("/id")
    }

    async fn cancel(&self, rider: &Person, booking: &str) -> Answer {
        self.client.post(rider, &format!("/bookings/{booking}/cancel"), &json!({})).await
    }

    /// Check-in, start, end: the driver has earned.
    async fn ride(&self, rider: &Person, ride: &Ride, booking: &str) {
        let shown = self.client.get(rider, &format!("/bookings/{booking}/access-code")).await.expect(200);
        let code = json!({ "code": shown.text("/digits") });
        self.client.post(&ride.driver, &format!("/bookings/{booking}/check-in"), &code).await.expect(200);
        for step in ["start", "end"] {
            self.client.post(&ride.driver, &format!("/bookings/{booking}/{step}"), &json!({})).await.expect(200);
        }
    }

    async fn checkout(&self, payment: &str) -> Option<String> {
        let made = self.app.wave.state().until(CHECKOUT, |books| books.checkouts.tagged(payment).into_iter().next());
        made.await.filter(|made| made.session.checkout_status != CheckoutStatus::Expired).map(|made| made.session.id)
    }

    async fn settled(&self, rider: &Person, operation: &str) -> bool {
        for _ in 0..3 {
            let answer = self.client.get(rider, &format!("/operations/{operation}?wait=10")).await.expect(200);
            match answer.text("/status").as_str() {
                "succeeded" => return true,
                "failed" | "cancelled" => return false,
                _ => {}
            }
        }
        false
    }

    /// Pays the drivers again and again.
    async fn finance(&self, by: &Person) {
        while Instant::now() < self.until {
            tokio::time::sleep(Duration::from_secs(4)).await;
            let run = AssertUnwindSafe(self.client.post(by, "/payouts/run", &json!({}))).catch_unwind().await;
            let status = run.map_or(0, |answer| answer.status);
            if ![200, 202].contains(&status) {
                eprintln!("a payout run was answered {status}");
                self.troubles.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// The payment and its operation: a quick worker may have opened the checkout before the answer was written (201).
fn started(answer: &Answer) -> (String, String) {
    match answer.status {
        201 => (answer.text("/id"), answer.body["meta"]["operation_id"].as_str().unwrap().to_owned()),
        _ => (answer.clone().expect(202).text("/subject/id"), answer.text("/id")),
    }
}
