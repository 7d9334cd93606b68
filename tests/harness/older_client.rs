//! A client written for an older paper: it knows an address, the paper's own paths, and whatever headers the paper names.

use crate::{app::TestApp, http::Answer};
use reqwest::Method;
use serde_json::{Value, json};

/// Somebody's client.
#[derive(Clone)]
pub struct OlderClient<'a> {
    app: &'a TestApp,
    headers: Vec<(&'static str, String)>,
}

impl<'a> OlderClient<'a> {
    /// Of nobody yet, at the address of this product.
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, headers: Vec::new() }
    }

    /// The same client, sending this header with every request.
    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let kept = self.headers.iter().filter(|(known, _)| *known != name).cloned();
        let headers = kept.chain([(name, value.into())]).collect();
        Self { app: self.app, headers }
    }

    /// The same client, with a token.
    pub fn bearing(&self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }

    /// Signs in as both papers have it.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login", &json!({ "email": email, "password": password })).await
    }

    /// The same client once somebody signed in.
    pub async fn signed_in(&self, email: &str, password: &str) -> Self {
        self.bearing(&self.sign_in(email, password).await.expect(200).text("/access_token"))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Changes something as it stands now, as whoever reads before writing.
    pub async fn change(&self, path: &str, body: &Value) -> Answer {
        let seen = self.get(path).await.expect(200).header("etag").unwrap().to_owned();
        self.with("if-match", seen).patch(path, body).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let ask = self.app.ask_at(method, path);
        let ask = self.headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        match body {
            Some(body) => ask.json(body).send().await,
            None => ask.send().await,
        }
    }
}
