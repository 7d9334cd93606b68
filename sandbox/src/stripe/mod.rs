//! Stripe: Checkout Sessions, refunds, keys that answer as the first time (PROVIDERS §4).

mod balance;
mod form;
mod refund;
mod session;
mod taken_back;

use crate::fault::operation;
use crate::sandbox::Sandbox;
use crate::store::{Books, Collection, KeptAnswer, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use integrations::Secret;
use integrations::payments::stripe::wire::{Data, ErrorBody, Event, PaymentStatus, Refused, Session, SessionStatus};
use integrations::signing::same_secret;
use serde_json::Value;

/// The contract played here.
#[derive(Debug, Clone)]
pub struct StripeContract {
    /// The key that is let in.
    pub secret_key: Secret,
    /// Webhook secrets, the current one first; with two, each event carries two signatures.
    pub webhook_secrets: Vec<Secret>,
}

impl StripeContract {
    /// Whether the money is real: a key made for trying out says so.
    pub(crate) fn is_live(&self) -> bool {
        !self.secret_key.expose().starts_with("sk_test_")
    }
}

impl Default for StripeContract {
    fn default() -> Self {
        Self { secret_key: "sk_live_local_secret_key".into(), webhook_secrets: vec!["whsec_local_test_secret".into()] }
    }
}

/// Stripe's routes.
pub(crate) fn routes(sandbox: &Sandbox) -> Router<Sandbox> {
    let guarded = |name, route| operation(sandbox, name, route);
    Router::new()
        .route("/stripe/v1/checkout/sessions", guarded("card.create", post(session::create)))
        .route("/stripe/v1/checkout/sessions/{id}", guarded("card.get", get(session::read)))
        .route("/stripe/v1/checkout/sessions/{id}/expire", guarded("card.expire", post(session::expire)))
        .route("/stripe/v1/balance_transactions", guarded("card.list", get(balance::list)))
        .route(
            "/stripe/v1/refunds",
            guarded("card.refund", post(refund::create)).merge(guarded("card.refunds", get(refund::list))),
        )
        .route("/stripe/v1/disputes", guarded("card.disputes", get(taken_back::list)))
}

/// A refusal in Stripe's form.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let (_, body) = refused(status, "invalid_request_error", code, message);
    (status, Json(body)).into_response()
}

/// The same for those who may also say yes.
fn no(status: StatusCode, code: &str, words: &str) -> Box<Response> {
    Box::new(error(status, code, words))
}

fn refused(status: StatusCode, kind: &str, code: &str, message: &str) -> (StatusCode, Value) {
    let error = Refused { kind: kind.into(), code: Some(code.into()), message: message.into() };
    (status, serde_json::to_value(ErrorBody { error }).unwrap_or_default())
}

/// The event that tells of a payment that was made.
pub(crate) fn news(contract: &StripeContract, event_id: &str, collection: &Collection) -> String {
    let event = Event {
        id: event_id.into(),
        kind: "checkout.session.completed".into(),
        livemode: Some(contract.is_live()),
        data: Data { object: session_of(collection, None) },
    };
    serde_json::to_string(&event).unwrap_or_default()
}

fn session_of(collection: &Collection, url: Option<String>) -> Session {
    let (status, payment_status) = match collection.state {
        State::Waiting => (SessionStatus::Open, PaymentStatus::Unpaid),
        State::Done => (SessionStatus::Complete, PaymentStatus::Paid),
        State::Failed | State::Expired => (SessionStatus::Expired, PaymentStatus::Unpaid),
    };
    let paid = collection.state == State::Done;
    Session {
        id: collection.id.clone(),
        amount_total: Some(collection.amount),
        currency: Some(collection.currency.clone()),
        client_reference_id: Some(collection.reference.clone()),
        payment_intent: paid.then(|| collection.transaction_id.clone()),
        status,
        payment_status,
        url: url.filter(|_| collection.state == State::Waiting),
        expires_at: Some((collection.at + chrono::TimeDelta::hours(24)).timestamp()),
    }
}

fn check(sandbox: &Sandbox, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if same_secret(given, &sandbox.settings().stripe.secret_key) {
        return Ok(());
    }
    Err(no(StatusCode::UNAUTHORIZED, "invalid_api_key", "Invalid API Key provided"))
}

/// Under the lock: the first answer of a key is given again; with another body the key is refused.
fn once(
    books: &mut Books,
    headers: &HeaderMap,
    body: &[u8],
    make: impl FnOnce(&mut Books) -> (StatusCode, Value),
) -> Response {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(|key| format!("stripe/{key}"));
    let request = Value::String(String::from_utf8_lossy(body).into_owned());
    if let Some(kept) = key.as_deref().and_then(|key| books.keys.get(key)) {
        if kept.request != request {
            let words = "Keys for idempotent requests can only be used with the same parameters.";
            let (status, body) = refused(StatusCode::BAD_REQUEST, "idempotency_error", "idempotency_error", words);
            return (status, Json(body)).into_response();
        }
        return (StatusCode::from_u16(kept.status).unwrap_or_default(), Json(kept.body.clone())).into_response();
    }
    let (status, answer) = make(books);
    if let Some(key) = key {
        books.keys.put(KeptAnswer { key, request, status: status.as_u16(), body: answer.clone() });
    }
    (status, Json(answer)).into_response()
}
