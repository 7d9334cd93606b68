//! Who plays: people who register, prove who they are and sign in, as on a phone.

use crate::stage::Stage;
use harness::{Answer, http::Ask};
use reqwest::Method;
use serde_json::{Value, json};

/// Somebody signed in.
pub struct Actor {
    pub name: &'static str,
    pub address: String,
    token: String,
}

impl Actor {
    pub fn ask(&self, stage: &Stage, method: Method, path: &str) -> Ask {
        stage.ask(method, path).header("authorization", format!("Bearer {}", self.token))
    }

    pub async fn get(&self, stage: &Stage, path: &str) -> Answer {
        self.ask(stage, Method::GET, path).send().await.expect(200)
    }

    pub async fn post(&self, stage: &Stage, path: &str, body: Value) -> Answer {
        let key = uuid::Uuid::new_v4().to_string();
        self.ask(stage, Method::POST, path).key(key).json(&body).send().await
    }

    pub async fn sign_in(stage: &Stage, name: &'static str, address: &str, password: &str) -> Self {
        let body = json!({ "identifier": address, "password": password, "device_label": "demo" });
        let signed_in = stage.post("/auth/login", &body).await.expect(200);
        Self { name, address: address.to_owned(), token: signed_in.text("/access_token") }
    }
}

/// Registers with a phone, signs in, and proves the phone by the code that came.
pub async fn by_phone(stage: &Stage, name: &'static str, phone: &str) -> Actor {
    let password = "une phrase de passe";
    let body = json!({ "phone": phone, "password": password, "full_name": name });
    stage.post("/auth/register", &body).await.expect(201);
    let code = stage.code_on(phone, 0).await;
    let proof = json!({ "phone": phone, "purpose": "verify_phone", "code": code });
    let actor = Actor::sign_in(stage, name, phone, password).await;
    actor.post(stage, "/auth/otp/verify", proof).await.expect(200);
    with_device(stage, actor).await
}

/// Registers with an e-mail address and signs in.
pub async fn by_mail(stage: &Stage, name: &'static str, email: &str) -> Actor {
    let password = "une autre phrase de passe";
    let body = json!({ "email": email, "password": password, "full_name": name });
    stage.post("/auth/register", &body).await.expect(201);
    with_device(stage, Actor::sign_in(stage, name, email, password).await).await
}

async fn with_device(stage: &Stage, actor: Actor) -> Actor {
    let device = json!({ "platform": "android", "push_token": format!("phone-of-{}", actor.name) });
    let registered = actor.post(stage, "/me/devices", device).await;
    assert!((200..300).contains(&registered.status), "{}", registered.body);
    actor
}
