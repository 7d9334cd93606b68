//! People: they book, pay, change their minds, ride; finance pays the drivers. Paced so that two cores keep up.

use crate::luck::Luck;
use chrono::TimeDelta;
use futures::FutureExt;
use harness::{Answer, Person, Ride, TestApp, story::uuid};
use integrations::payments::wave::wire::CheckoutStatus;
use reqwest::Method;
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
/// A checkout appears within this, even when the worker that should open it is killed twice.
const CHECKOUT: Duration = Duration::from_secs(25);

/// What the load did, as its clients saw it.
pub struct Load<'a> {
    app: &'a TestApp,
    until: Instant,
    /// Payments the API took on.
    pub posted: Mutex<Vec<String>>,
    /// Steps that were answered otherwise than they should.
    pub troubles: AtomicU64,
    pub rides: AtomicU64,
}

impl<'a> Load<'a> {
    pub fn new(app: &'a TestApp, until: Instant) -> Self {
        Self { app, until, posted: Mutex::default(), troubles: AtomicU64::new(0), rides: AtomicU64::new(0) }
    }

    /// Everybody at once, until the time is over and each has ended what was begun.
    pub async fn flow(&self, luck: &mut Luck) {
        let riders: Vec<_> = (0..RIDERS).map(|_| self.rider(luck.apart())).collect();
        futures::join!(futures::future::join_all(riders), self.finance());
    }

    async fn rider(&self, mut luck: Luck) {
        let rider = self.app.rider().await;
        let mut far = self.app.ride(60, 2_000).await;
        while Instant::now() < self.until {
            if far.seats == 0 {
                far = self.app.ride(60, 2_000).await;
            }
            far.seats -= 1;
            let day = AssertUnwindSafe(self.day(&rider, &far, &mut luck)).catch_unwind().await;
            if day.is_err() {
                self.troubles.fetch_add(1, Ordering::Relaxed);
            }
            tokio::time::sleep(luck.millis(50, 400)).await;
        }
    }

    /// One booking, as far as it gets.
    async fn day(&self, rider: &Person, far: &Ride, luck: &mut Luck) {
        let near = luck.percent(35);
        let ride = if near { self.soon(luck).await } else { far.clone() };
        let booking = self.app.book(rider, &ride, 1).await;
        match luck.below(100) {
            0..5 => return, // forgets to pay: the hold ends by itself
            5..10 => {
                self.cancel(rider, &booking).await.expect(200);
                return;
            }
            _ => {}
        }
        let (payment, operation) = started(&self.app.try_pay(rider, &booking).await);
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
            self.app.take_ride(rider, &ride, &booking).await;
        }
    }

    /// A ride that leaves within the time of check-in.
    async fn soon(&self, luck: &mut Luck) -> Ride {
        let driver = self.app.driver().await;
        let mut body = self.app.trip_body(1, 3_000).await;
        let minutes = i64::try_from(40 + luck.below(15)).unwrap();
        body["departure_time"] = json!(self.app.now().await + TimeDelta::minutes(minutes));
        self.app.ride_of(&driver, body).await
    }

    async fn cancel(&self, rider: &Person, booking: &str) -> Answer {
        self.app.post(rider, &format!("/bookings/{booking}/cancel"), &json!({})).await
    }

    async fn checkout(&self, payment: &str) -> Option<String> {
        let made = self.app.wave.state().until(CHECKOUT, |books| books.checkouts.tagged(payment).into_iter().next());
        made.await.filter(|made| made.session.checkout_status != CheckoutStatus::Expired).map(|made| made.session.id)
    }

    async fn settled(&self, rider: &Person, operation: &str) -> bool {
        for _ in 0..3 {
            let answer = self.app.get(rider, &format!("/operations/{operation}?wait=10")).await.expect(200);
            match answer.text("/status").as_str() {
                "succeeded" => return true,
                "failed" | "cancelled" => return false,
                _ => {}
            }
        }
        false
    }

    /// Pays the drivers again and again.
    async fn finance(&self) {
        let by = self.app.person("Mariam", &["finance"]).await;
        while Instant::now() < self.until {
            tokio::time::sleep(Duration::from_secs(4)).await;
            let run = self.app.ask(Method::POST, "/payouts/run").by(&by).key(uuid()).send().await;
            if run.status != 202 {
                eprintln!("a payout run was answered {}", run.status);
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
