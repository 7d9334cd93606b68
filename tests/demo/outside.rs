//! The outside world, as the sandbox shows it: phones, mailboxes, the payer's hand, and a forger.

use crate::stage::Stage;
use reqwest::Method;
use serde_json::{Value, json};

impl Stage {
    /// What the sandbox received of one kind about somebody or something, oldest first.
    pub async fn received(&self, kind: &str, about: &str) -> Vec<Value> {
        let answer =
            self.wave(Method::GET, &format!("/sandbox/{kind}")).query(&[("about", about)]).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["items"].as_array().cloned().unwrap_or_default()
    }

    pub async fn rule(&self, operation: &str, faults: Value) {
        let rules = json!({ "rules": [{ "operation": operation, "times": 1, "faults": faults }] });
        self.wave(Method::POST, "/sandbox/knobs").json(&rules).send().await.unwrap().error_for_status().unwrap();
    }

    /// The payer confirms with the phone.
    pub async fn pay_by_phone(&self, checkout: &str) {
        let path = format!("/sandbox/checkouts/{checkout}/pay");
        self.wave(Method::POST, &path).send().await.unwrap().error_for_status().unwrap();
    }

    /// The payer says yes at a provider beside Wave.
    pub async fn approve(&self, id: &str) {
        let path = format!("/sandbox/collections/{id}/approve");
        self.wave(Method::POST, &path).send().await.unwrap().error_for_status().unwrap();
    }

    /// Anybody calls any address; answers what it said.
    pub async fn call(&self, url: &str, body: &Value) -> u16 {
        self.client().post(url).json(body).send().await.unwrap().status().as_u16()
    }

    /// Somebody posts a webhook they have no secret for; answers what the API said.
    pub async fn forge(&self, kind: &str, checkout: &str) -> u64 {
        let forged = self.wave(Method::POST, "/sandbox/forge").json(&json!({ "kind": kind, "checkout": checkout }));
        forged.send().await.unwrap().json::<Value>().await.unwrap()["status"].as_u64().unwrap()
    }

    /// The newest six-digit code an SMS to this number carried, after `seen` messages.
    pub async fn code_on(&self, phone: &str, seen: usize) -> String {
        self.until("a code by SMS", || async {
            let sms = self.received("sms", phone).await;
            let text = sms.get(seen)?["text"].as_str()?.to_owned();
            text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).map(str::to_owned)
        })
        .await
    }
}
