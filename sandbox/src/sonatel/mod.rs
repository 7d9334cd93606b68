//! Orange Sonatel's eWallet: a code, a search by reference, a callback signed with a comma (PROVIDERS §2B).

use crate::fault::operation;
use crate::fcm::{admitted, issue};
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Collection, State as Standing};
use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::TimeDelta;
use integrations::Secret;
use integrations::payments::sonatel::wire::{Problem, Qr, QrRequest, Status, Sum, TokenRequest, Transaction, ValidFor};
use integrations::signing::same_secret;
use serde::Deserialize;
use serde_json::json;

/// The contract played here.
#[derive(Debug, Clone)]
pub struct SonatelContract {
    /// Our application.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Secret,
    /// The merchant's six digits.
    pub merchant_code: String,
    /// Callback secrets, the current one first.
    pub webhook_secrets: Vec<Secret>,
}

impl Default for SonatelContract {
    fn default() -> Self {
        Self {
            client_id: "sonatel-client".into(),
            client_secret: "sonatel-secret".into(),
            merchant_code: "123456".into(),
            webhook_secrets: vec!["om_local_endpoint_secret".into()],
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    reference: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Sonatel's routes.
pub(crate) fn routes(sandbox: &Sandbox) -> Router<Sandbox> {
    let guarded = |name, route| operation(sandbox, name, route);
    Router::new()
        .route("/sonatel/oauth/v1/token", guarded("sonatel.token", post(token)))
        .route("/sonatel/api/eWallet/v4/qrcode", guarded("sonatel.qrcode", post(open)))
        .route("/sonatel/api/eWallet/v1/transactions", guarded("sonatel.search", get(search)))
}

/// A refusal in Sonatel's form.
pub(crate) fn error(status: StatusCode, code: &str, words: &str) -> Response {
    let problem = Problem { code: code.into(), title: words.into(), detail: words.into() };
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, serde_json::to_string(&problem).unwrap_or_default()).into_response()
}

/// The callback's body.
pub(crate) fn news(collection: &Collection) -> String {
    serde_json::to_string(&transaction(collection)).unwrap_or_default()
}

fn transaction(collection: &Collection) -> Transaction {
    let value = serde_json::Number::from_f64(collection.amount as f64).map_or_else(|| json!(0), Into::into);
    Transaction {
        transaction_id: Some(collection.transaction_id.clone()),
        reference: Some(collection.reference.clone()),
        status: if collection.state == Standing::Done { Status::Success } else { Status::Failed },
        amount: Some(Sum { value, unit: collection.currency.clone() }),
    }
}

/// `POST /oauth/v1/token`.
async fn token(State(sandbox): State<Sandbox>, form: Result<Form<TokenRequest>, FormRejection>) -> Response {
    let contract = &sandbox.settings().sonatel;
    let known = form.is_ok_and(|Form(asked)| {
        asked.grant_type == "client_credentials"
            && asked.client_id == contract.client_id
            && same_secret(&asked.client_secret, &contract.client_secret)
    });
    if !known {
        return error(StatusCode::UNAUTHORIZED, "unauthorized_client", "unknown application");
    }
    let life = sandbox.knobs().tuning().token_seconds.min(299); // as met live
    let access_token = issue(&sandbox, "sonatel", "", life);
    Json(json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": life })).into_response()
}

/// `POST /api/eWallet/v4/qrcode`.
async fn open(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = refusal(&sandbox, &headers) {
        return refusal;
    }
    let asked = serde_json::from_slice::<QrRequest>(&body).ok();
    let asked =
        asked.filter(|asked| asked.code == sandbox.settings().sonatel.merchant_code && asked.validity <= 86_400);
    let amount = asked.as_ref().and_then(|asked| asked.amount.value.as_i64()).filter(|amount| *amount > 0);
    let (Some(asked), Some(amount)) = (asked, amount) else {
        return error(StatusCode::BAD_REQUEST, "4099", "bad request");
    };
    let (id, at) = (sandbox.next_id("qr_"), sandbox.wire_now());
    let link = format!("{}/collect/{id}", sandbox.public_url());
    let end_date_time = at + TimeDelta::seconds(asked.validity.into());
    let collection = Collection {
        id: id.clone(),
        provider: "sonatel",
        reference: asked.reference,
        amount,
        currency: asked.amount.unit,
        payer: None,
        callback: None,
        notif_token: None,
        transaction_id: sandbox.next_id("MP"),
        state: Standing::Waiting,
        reason: None,
        at,
    };
    sandbox.state().write(|books| books.collections.put(collection));
    if Faults::on(faults.early) {
        sandbox.approve_early(&id).await;
    }
    let valid_for = Some(ValidFor { start_date_time: at, end_date_time });
    let deep_links = [("OM".to_owned(), link.clone()), ("MAXIT".to_owned(), link.clone())].into();
    Json(Qr { qr_id: id, deep_links, deep_link: Some(link.clone()), short_link: Some(link), valid_for }).into_response()
}

/// `GET /api/eWallet/v1/transactions?reference=`: what nobody paid does not appear; with a type, nothing does.
async fn search(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refusal(&sandbox, &headers) {
        return refusal;
    }
    let tried = sandbox.state().read(|books| books.collections.tagged(&asked.reference.unwrap_or_default()));
    let decided = |row: &&Collection| matches!(row.state, Standing::Done | Standing::Failed);
    let mut found: Vec<Transaction> = tried.iter().filter(decided).map(transaction).collect();
    if asked.kind.is_some() || Faults::on(faults.pending) {
        found.clear();
    }
    for one in &mut found {
        if let Some(amount) = faults.amount {
            one.amount = (amount > 0).then(|| Sum { value: json!(amount), unit: "XOF".into() });
        }
        if let (Some(sum), Some(currency)) = (&mut one.amount, &faults.currency) {
            sum.unit.clone_from(currency);
        }
    }
    Json(found).into_response()
}

fn refusal(sandbox: &Sandbox, headers: &HeaderMap) -> Option<Response> {
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !json {
        return Some(error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "4099", "application/json, even to read"));
    }
    (!admitted(sandbox, "sonatel", headers))
        .then(|| error(StatusCode::UNAUTHORIZED, "unauthorized_client", "expired credentials"))
}
