//! A sandbox, a merchant's key, and a receiver of webhooks that checks signatures with the house's own verifier.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use integrations::Secret;
use integrations::payments::wave::webhook::{Freshness, Strategy, verify};
use sandbox::{Running, Sandbox, Settings};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;

/// Long enough for two cores under load.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const KEY: &str = "wave_ci_prod_local";
pub const SECRET: &str = "wave_ci_WHS_local_test_secret";

/// One webhook as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub verdict: Option<Freshness>,
    pub headers: HeaderMap,
    pub body: Value,
}

#[derive(Clone)]
pub struct Receiver {
    strategy: Strategy,
    secrets: Vec<Secret>,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    refuse_first: Arc<Mutex<u32>>,
}

impl Receiver {
    pub async fn start(strategy: Strategy, secrets: &[&str]) -> (Self, String) {
        let secrets = secrets.iter().map(|secret| Secret::new(*secret)).collect();
        let receiver = Self { strategy, secrets, arrived: Arc::default(), refuse_first: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    pub fn kinds(&self) -> Vec<String> {
        self.arrived().iter().map(|one| one.body["type"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Answer the next `times` webhooks with 500.
    pub fn refuse_first(&self, times: u32) {
        *self.refuse_first.lock().unwrap() = times;
    }
}

#[allow(clippy::disallowed_methods, reason = "the receiver checks against the machine's clock")]
async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let verdict = verify(receiver.strategy, &receiver.secrets, &headers, &body, i64::try_from(now).unwrap()).ok();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    receiver.arrived.lock().unwrap().push(Arrived { verdict, headers, body });
    let mut refuse = receiver.refuse_first.lock().unwrap();
    if *refuse > 0 {
        *refuse -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    if verdict.is_some() { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
}

/// A sandbox that posts to a receiver.
pub async fn pair(settings: Settings) -> (Running, Receiver) {
    let (receiver, url) = Receiver::start(Strategy::Signing, &[SECRET]).await;
    let sandbox = Sandbox::start(settings).await.unwrap();
    sandbox.knobs().tune(|tuning| tuning.webhook_url = Some(url));
    (sandbox, receiver)
}

pub fn client() -> reqwest::Client {
    integrations::install_crypto();
    reqwest::Client::builder().timeout(PATIENCE).build().unwrap()
}

/// Create a checkout over HTTP; status and body.
pub async fn create(sandbox: &Running, reference: &str) -> (u16, Value) {
    let order = json!({
        "amount": "2500", "currency": "XOF", "client_reference": reference,
        "success_url": "https://app.test/ok", "error_url": "https://app.test/ko",
    });
    call(client().post(format!("{}/v1/checkout/sessions", sandbox.url())).json(&order)).await
}

/// Send with the merchant's key; status and body, null when it is not JSON.
pub async fn call(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.bearer_auth(KEY).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}
