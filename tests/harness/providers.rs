//! Paying through any provider, as a client and a payer do it.

use crate::{app::TestApp, http::Answer, people::Person, story::uuid};
use reqwest::{Method, StatusCode};
use serde_json::json;

impl TestApp {
    pub async fn try_pay_by(&self, method: &str, rider: &Person, booking: &str) -> Answer {
        let body = json!({ "booking_id": booking, "method": method });
        self.ask(Method::POST, "/payments").by(rider).key(uuid()).header("prefer", "wait=0").json(&body).send().await
    }

    /// Opens a payment and lets the worker ask the provider; answers the payment's id and the provider's.
    pub async fn open_by(&self, method: &str, rider: &Person, booking: &str) -> (String, String) {
        let payment = self.try_pay_by(method, rider, booking).await.expect(202).text("/subject/id");
        self.drain().await;
        // a first try that met a provider just coming back is repeated a little later
        for _ in 0..24 {
            if self.was_asked(method, &payment) {
                break;
            }
            self.advance(chrono::TimeDelta::seconds(5)).await;
            self.drain().await;
        }
        (payment.clone(), self.asked_for(method, &payment))
    }

    fn was_asked(&self, method: &str, payment: &str) -> bool {
        if method == "wave" {
            let made = self.wave.state().checkouts();
            return made.iter().any(|made| made.session.client_reference.as_deref() == Some(payment));
        }
        self.wave.state().read(|books| !books.collections.tagged(payment).is_empty())
    }

    /// The provider's id of what it was asked for, the newest.
    pub fn asked_for(&self, method: &str, payment: &str) -> String {
        if method == "wave" {
            return self.checkout_of(payment);
        }
        let made = self.wave.state().read(|books| books.collections.tagged(payment));
        made.last().unwrap_or_else(|| panic!("{method} was not asked for {payment}")).id.clone()
    }

    /// The payer says yes; nobody waits for the news.
    pub fn say_yes(&self, method: &str, id: &str) {
        match method {
            "wave" => drop(self.wave.pay(id).expect("the checkout is open")),
            _ => drop(self.wave.approve(id).expect("nobody decided yet")),
        }
    }

    /// The payer says yes; waits until the provider's news were answered, then lets the worker settle.
    pub async fn pay_by(&self, method: &str, id: &str) {
        self.say_yes(method, id);
        self.delivered(id, 1).await;
        self.drain().await;
    }

    /// A confirmed booking, paid through this provider. Answers booking and payment.
    pub async fn booking_paid_by(&self, method: &str, rider: &Person, ride: &crate::Ride) -> (String, String) {
        let booking = self.book(rider, ride, 1).await;
        let (payment, id) = self.open_by(method, rider, &booking).await;
        self.pay_by(method, &id).await;
        assert_eq!(self.booking(rider, &booking).await["status"], "confirmed", "{method}");
        (booking, payment)
    }

    /// Where the provider was told to bring news of it.
    pub fn callback_of(&self, id: &str) -> String {
        let callback = self.wave.state().read(|books| books.collections.get(id)?.callback.clone());
        callback.expect("news are wanted")
    }

    /// Somebody calls this address with these bytes.
    pub async fn call(&self, method: Method, url: &str, body: &str) -> StatusCode {
        let request = self.client.request(method, url).header("content-type", "application/json");
        request.body(body.to_owned()).send().await.unwrap().status()
    }

    /// What a notification of Orange's must repeat.
    pub fn word_of(&self, id: &str) -> String {
        self.wave.state().read(|books| books.collections.get(id)?.notif_token.clone()).expect("Orange told a word")
    }
}
