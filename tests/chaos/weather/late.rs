//! What comes when everybody thinks it is over: money after the end of the hold, refunds that fail after they succeeded,
//! payers who turn to their bank, drivers who are paid, and what a person must send.

use super::{lane::started, tally::Tally, trouble::news};
use crate::{luck::Luck, settle::at_rest, stage::Stage};
use chrono::TimeDelta;
use harness::{Person, TestApp, story::trip_at, uuid};
use reqwest::Method;
use sandbox::{Faults, State};
use serde_json::json;
use std::time::{Duration, Instant};

const PRICE: i64 = 3_000;
const REST: Duration = Duration::from_secs(30);
const PAID_OUT: [&str; 2] = ["wave", "mtn"];

/// A payment whose seat will be somebody else's when it is paid.
pub struct Late {
    provider: &'static str,
    ride: harness::Ride,
    id: String,
}

impl Late {
    /// Opened in time; where a page closes with its hold, also paid in time, and nobody is told.
    pub async fn open(app: &TestApp, tally: &Tally, provider: &'static str) -> Self {
        let driver = app.driver().await;
        let ride = app.ride_of(&driver, trip_at(app.now().await + TimeDelta::hours(72), 1, PRICE)).await;
        let rider = app.rider().await;
        let booking = app.book(&rider, &ride, 1).await;
        let payment = started(&app.try_pay_by(provider, &rider, &booking).await);
        tally.posted.lock().unwrap().push(payment.clone());
        for _ in 0..150 {
            if app.payment(&rider, &payment).await["status"] == "submitted" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let id = app.asked_for(provider, &payment);
        if ["wave", "card"].contains(&provider) {
            app.wave.knobs().next(news(provider), 1, Faults { never: Some(true), ..Faults::default() });
            app.say_yes(provider, &id);
        }
        Self { provider, ride, id }
    }

    /// The hold is over: somebody else takes the seat, then the money comes.
    pub async fn pay(self, app: &TestApp) {
        app.book(&app.rider().await, &self.ride, 1).await;
        if !["wave", "card"].contains(&self.provider) {
            app.say_yes(self.provider, &self.id);
        }
    }
}

/// Some card refunds come back, some card payments are disputed; each is told ten times, in any order.
pub async fn taken_back(app: &TestApp, luck: &mut Luck) {
    let ten = || Faults { duplicate: Some(9), ..Faults::default() };
    let refunds = app.wave.state().transfers();
    let sent = refunds.iter().filter(|refund| refund.provider == "card" && refund.state == State::Done);
    for refund in sent.take(2) {
        app.wave.knobs().next("webhook.card", 1, ten());
        app.wave.fail_refund(&refund.id, "lost_or_stolen_card").unwrap();
    }
    let back: Vec<Option<String>> = refunds.iter().map(|refund| refund.of.clone()).collect();
    let paid = app.wave.state().collections();
    let kept = paid.iter().filter(|paid| paid.provider == "card" && paid.state == State::Done);
    let kept = kept.filter(|paid| !back.contains(&Some(paid.transaction_id.clone())));
    for (at, paid) in kept.take(4).enumerate() {
        app.wave.knobs().next("webhook.card", 1, ten());
        let dispute = app.wave.dispute(&paid.id, "fraudulent").unwrap().dispute.id;
        if luck.percent(50) {
            tokio::time::sleep(Duration::from_millis(400)).await; // else the end may overtake the beginning
        }
        app.wave.knobs().next("webhook.card", 1, ten());
        app.wave.end_dispute(&dispute, at % 2 == 0).unwrap();
    }
}

/// Drivers are paid by every provider that can, the answer to the first order lost.
pub async fn pay_drivers(stage: &Stage, tally: &Tally, finance: &Person) {
    let app = &stage.app;
    for method in PAID_OUT {
        let (driver, rider) = (app.driver().await, app.rider().await);
        let to = json!({ "method": method, "number": driver.phone, "holder_name": "Koffi" });
        app.post(&driver, "/me/payout-destinations", &to).await.expect(201);
        let ride = app.ride_of(&driver, trip_at(app.now().await + TimeDelta::minutes(50), 1, PRICE)).await;
        let booking = app.book(&rider, &ride, 1).await;
        let payment = started(&app.try_pay_by(method, &rider, &booking).await);
        tally.posted.lock().unwrap().push(payment.clone());
        let mut paid = false;
        for _ in 0..200 {
            let status = app.payment(&rider, &payment).await["status"].clone();
            if status == "submitted" && !paid {
                paid = true;
                app.say_yes(method, &app.asked_for(method, &payment));
            }
            if status == "succeeded" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        app.take_ride(&rider, &ride, &booking).await;
        let operation = if method == "wave" { "payout.create" } else { "mtn.transfer" };
        let lost = Faults { lose_answer: Some(true), processing_reads: Some(1), ..Faults::default() };
        app.wave.knobs().next(operation, 1, lost);
    }
    at_rest(stage, Instant::now() + REST).await;
    let run = app.ask(Method::POST, "/payouts/run").by(finance).key(uuid()).header("prefer", "wait=0").send().await;
    if ![200, 202].contains(&run.status) {
        tally.trouble(format!("a payout run was answered {}", run.status));
    }
}

/// A person sends every refund that no provider sends. Answers how many there were.
pub async fn by_hand(app: &TestApp, finance: &Person) -> usize {
    let mut sent = 0;
    let waiting = app.get(finance, "/payments?purpose=refund&status=in:manual,failed&page_size=100").await.expect(200);
    for refund in waiting.data("").as_array().unwrap() {
        let id = refund["id"].as_str().unwrap();
        let said = json!({ "reference": format!("BY-HAND-{id}") });
        app.post(finance, &format!("/payments/{id}/sent-by-hand"), &said).await.expect(200);
        sent += 1;
    }
    sent
}
