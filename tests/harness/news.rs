//! What providers say of a payment, written by hand: truly signed, signed by a stranger, or brought to an address we made.

use crate::app::TestApp;
use integrations::{Secret, signing::Scheme};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Nobody shares this secret.
const STRANGER: &str = "a secret that nobody shares with us";

/// A payment as the two sides know it.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// `wave`, `mtn` …
    pub provider: &'a str,
    /// Our id.
    pub payment: &'a str,
    /// The provider's.
    pub id: &'a str,
    /// Francs.
    pub amount: i64,
}

impl TestApp {
    /// Where this provider's signed events come to.
    pub fn webhook_of(&self, provider: &str) -> String {
        let tuning = self.wave.knobs().tuning();
        let url = match provider {
            "card" => tuning.card_webhook_url,
            "sonatel" => tuning.sonatel_webhook_url,
            _ => tuning.webhook_url,
        };
        url.expect("it has an account here")
    }

    /// The secret this provider signs with.
    pub fn secret_of(&self, provider: &str) -> Secret {
        let settings = self.wave.settings();
        let secrets = match provider {
            "card" => &settings.stripe.webhook_secrets,
            "sonatel" => &settings.sonatel.webhook_secrets,
            _ => &settings.webhook_secrets,
        };
        secrets[0].clone()
    }

    /// Posts bytes to a provider's webhook door with this in its signature header.
    pub async fn post_signed(&self, provider: &str, signature: &str, body: &str) -> StatusCode {
        self.post_signed_to(&self.webhook_of(provider), provider, signature, body).await
    }

    /// The same at another address.
    pub async fn post_signed_to(&self, url: &str, provider: &str, signature: &str, body: &str) -> StatusCode {
        let request = self.client.post(url).header("content-type", "application/json");
        let request = request.header(signature_header(provider), signature).body(body.to_owned());
        request.send().await.unwrap().status()
    }

    /// The same, truly signed by the provider `age` seconds ago.
    pub async fn tell_signed(&self, provider: &str, age: i64, body: &str) -> StatusCode {
        let signature = scheme(provider).header(&self.secret_of(provider), unix_now() - age, body.as_bytes());
        self.post_signed(provider, &signature, body).await
    }

    /// What the provider itself would send, as it would send it.
    pub async fn tell(&self, about: About<'_>, age: i64, body: &str) -> StatusCode {
        match about.provider {
            "mtn" | "orange" => self.call(Method::POST, &self.callback_of(about.id), body).await,
            provider => self.tell_signed(provider, age, body).await,
        }
    }

    /// The same from a stranger: signed with another secret, or at an address nobody made.
    pub async fn tell_forged(&self, about: About<'_>, body: &str) -> StatusCode {
        match about.provider {
            "mtn" | "orange" => {
                let url = self.callback_of(about.id);
                let (front, token) = url.rsplit_once('/').expect("a token at its end");
                let guessed: String = token.chars().rev().collect();
                self.call(Method::POST, &format!("{front}/{guessed}"), body).await
            }
            provider => {
                let signature = scheme(provider).header(&Secret::new(STRANGER), unix_now(), body.as_bytes());
                self.post_signed(provider, &signature, body).await
            }
        }
    }

    /// The word a notification of this payment repeats, where there is one.
    fn word(&self, id: &str) -> String {
        self.wave.state().read(|books| books.collections.get(id)?.notif_token.clone()).unwrap_or_default()
    }

    /// That it was paid, as its provider says it, under this event id.
    pub fn success(&self, about: About<'_>, event: &str) -> String {
        let About { provider, payment, id, amount } = about;
        match provider {
            "mtn" => json!({ "amount": amount.to_string(), "currency": "XOF", "externalId": payment, "event": event,
                             "financialTransactionId": "1", "status": "SUCCESSFUL" }),
            "orange" => json!({ "status": "SUCCESS", "notif_token": self.word(id), "txnid": event }),
            "sonatel" => json!({ "transactionId": event, "reference": payment, "status": "SUCCESS",
                                 "amount": { "value": amount, "unit": "XOF" } }),
            "card" => {
                let session = json!({ "id": id, "amount_total": amount, "currency": "xof", "client_reference_id": payment,
                                      "payment_intent": format!("pi_{event}"), "status": "complete",
                                      "payment_status": "paid" });
                json!({ "id": event, "type": "checkout.session.completed", "data": { "object": session } })
            }
            _ => {
                let session = json!({ "id": id, "amount": amount.to_string(), "currency": "XOF",
                                      "checkout_status": "complete", "payment_status": "succeeded",
                                      "client_reference": payment, "transaction_id": format!("T{event}") });
                json!({ "id": event, "type": "checkout.session.completed", "data": session })
            }
        }
        .to_string()
    }

    /// That a try failed.
    pub fn failure(&self, about: About<'_>, event: &str) -> String {
        let About { provider, payment, id, amount } = about;
        match provider {
            "mtn" => json!({ "externalId": payment, "status": "FAILED", "reason": "EXPIRED", "event": event }),
            "orange" => json!({ "status": "FAILED", "notif_token": self.word(id), "txnid": event }),
            "sonatel" => json!({ "transactionId": event, "reference": payment, "status": "FAILED" }),
            "card" => {
                let session = json!({ "id": id, "amount_total": amount, "currency": "xof", "status": "open",
                                      "client_reference_id": payment, "payment_status": "unpaid" });
                json!({ "id": event, "type": "checkout.session.async_payment_failed", "data": { "object": session } })
            }
            _ => {
                let session = json!({ "id": id, "amount": amount.to_string(), "currency": "XOF", "transaction_id": null,
                                      "checkout_status": "open", "payment_status": "processing",
                                      "client_reference": payment,
                                      "last_payment_error": { "code": "insufficient-funds", "message": "" } });
                json!({ "id": event, "type": "checkout.session.payment_failed", "data": session })
            }
        }
        .to_string()
    }
}

/// How a provider that signs joins time and body.
pub fn scheme(provider: &str) -> Scheme {
    match provider {
        "card" => Scheme::Stripe,
        "sonatel" => Scheme::Sonatel,
        _ => Scheme::Wave,
    }
}

/// The machine's clock, which signatures are made by.
pub fn unix_now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    i64::try_from(now).expect("before the end of time")
}

fn signature_header(provider: &str) -> &'static str {
    match provider {
        "card" => "stripe-signature",
        "sonatel" => "x-sonatel-signature",
        _ => "wave-signature",
    }
}
