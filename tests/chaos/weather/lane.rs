//! One provider, every trouble after the other: people book, pay, and some give up what they paid.

use super::{
    tally::Tally,
    trouble::{Trouble, news, of_refund, status},
};
use crate::luck::Luck;
use chrono::TimeDelta;
use futures::FutureExt;
use harness::{Answer, Person, Ride, TestApp, news::About, story::trip_at};
use sandbox::Faults;
use serde_json::json;
use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

const PRICE: i64 = 3_000;
/// A provider is asked within this, even when its first answer hangs until we give up.
const ASKED: Duration = Duration::from_secs(40);
/// News settle within this, even when their provider does not know yet what it told.
const SETTLED: Duration = Duration::from_secs(25);

/// One provider's part of the storm.
pub struct Lane<'a> {
    app: &'a TestApp,
    tally: &'a Tally,
    provider: &'static str,
    rider: Person,
    ride: Ride,
    luck: Luck,
    given_up: usize,
}

impl<'a> Lane<'a> {
    pub async fn open(app: &'a TestApp, tally: &'a Tally, provider: &'static str, luck: Luck) -> Self {
        let driver = app.driver().await;
        let ride = app.ride_of(&driver, trip_at(app.now().await + TimeDelta::hours(72), 50, PRICE)).await;
        Self { app, tally, provider, rider: app.rider().await, ride, luck, given_up: 0 }
    }

    /// Every trouble once, in an order of its own.
    pub async fn rage(mut self) {
        let mut troubles = Trouble::ALL.to_vec();
        for at in (1..troubles.len()).rev() {
            troubles.swap(at, usize::try_from(self.luck.below(at as u64 + 1)).unwrap());
        }
        for trouble in troubles {
            let played = AssertUnwindSafe(self.play(trouble)).catch_unwind().await;
            if played.is_err() {
                self.tally.trouble(format!("{} {trouble:?} went otherwise than it should", self.provider));
            }
        }
    }

    async fn play(&mut self, trouble: Trouble) {
        let (app, provider) = (self.app, self.provider);
        let booking = app.book(&self.rider, &self.ride, 1).await;
        if let Some((operation, faults)) = trouble.of_order(provider) {
            app.wave.knobs().next(operation, 1, faults);
        }
        let payment = started(&app.try_pay_by(provider, &self.rider, &booking).await);
        self.tally.posted.lock().unwrap().push(payment.clone());
        if !self.wait(&payment, ASKED, |status| status != "created").await {
            self.tally.trouble(format!("{provider} was not asked: {trouble:?}"));
            return;
        }
        if self.status(&payment).await == "failed" {
            return; // a provider's own no, as to a 409
        }
        if trouble == Trouble::Abandoned {
            return;
        }
        let id = app.asked_for(provider, &payment);
        let about = About { provider, payment: &payment, id: &id, amount: PRICE };
        self.before(trouble, about).await;
        if trouble == Trouble::Refused {
            match provider {
                "wave" => drop(app.wave.refuse(&id, "insufficient-funds").unwrap()),
                _ => drop(app.wave.reject(&id, "APPROVAL_REJECTED").unwrap()),
            }
            return;
        }
        if trouble != Trouble::Early {
            app.wave.knobs().next(news(provider), 1, trouble.of_news());
            app.say_yes(provider, &id);
        }
        if trouble == Trouble::Shuffled {
            for n in 0..3 {
                app.tell(about, 0, &app.failure(about, &format!("after-{n}-{payment}"))).await;
            }
        }
        if trouble == Trouble::Silence {
            return; // the poll finds out, much later
        }
        if self.wait(&payment, SETTLED, |status| status == "succeeded").await && self.luck.percent(60) {
            self.give_up(&booking).await;
        }
    }

    /// What is said before anybody paid: none of it may count.
    async fn before(&self, trouble: Trouble, about: About<'_>) {
        let (app, provider, payment) = (self.app, self.provider, about.payment);
        match trouble {
            Trouble::Shuffled => {
                for n in 0..3 {
                    app.tell(about, 0, &app.failure(about, &format!("before-{n}-{payment}"))).await;
                }
            }
            Trouble::Forged => self.tally.forge(app, about).await,
            Trouble::Stale => {
                for n in 0..3 {
                    app.tell(about, 3_600, &app.success(about, &format!("stale-{n}-{payment}"))).await;
                }
            }
            Trouble::WrongAmount if ["wave", "card"].contains(&provider) => {
                let less = About { amount: PRICE - 1, ..about };
                app.tell(less, 0, &app.success(less, &format!("less-{payment}"))).await;
                self.wait(payment, SETTLED, |status| status == "unknown").await;
            }
            Trouble::WrongAmount => {
                app.wave.knobs().next(status(provider), 1, Faults { amount: Some(PRICE - 1), ..Faults::default() });
            }
            _ => return,
        }
        if ["succeeded"].contains(&self.status(payment).await.as_str()) {
            self.tally.trouble(format!("{provider} {trouble:?}: settled before anybody paid"));
        }
    }

    /// The ride is given up and the money goes back, with a trouble of its own.
    async fn give_up(&mut self, booking: &str) {
        if let Some((operation, faults)) = of_refund(self.provider, self.given_up) {
            self.app.wave.knobs().next(operation, 1, faults);
        }
        self.given_up += 1;
        self.app.post(&self.rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
        tokio::time::sleep(Duration::from_millis(300)).await; // the fault is met by this refund, not by the next
    }

    async fn status(&self, payment: &str) -> String {
        self.app.payment(&self.rider, payment).await["status"].as_str().unwrap().to_owned()
    }

    async fn wait(&self, payment: &str, patience: Duration, there: impl Fn(&str) -> bool) -> bool {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if there(&self.status(payment).await) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        false
    }
}

/// The payment: a quick worker may have asked the provider before the answer was written (201).
pub fn started(answer: &Answer) -> String {
    match answer.status {
        201 => answer.text("/id"),
        _ => answer.clone().expect(202).text("/subject/id"),
    }
}
