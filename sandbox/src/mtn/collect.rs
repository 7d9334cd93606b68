//! Asking a payer on the phone (PROVIDERS §3.3), with the numbers of MTN's own sandbox (§3.7). Every other number waits
//! until somebody plays its owner.

use super::auth::{self, Product};
use super::{no, transaction};
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use crate::store::{Collection, State as Standing};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use integrations::payments::mtn::wire::{Balance, Order, Status};

/// The numbers of MTN's sandbox begin like this.
const PLAYED: &str = "467331234";
/// Number 54 succeeds after this.
const SLOW: TimeDelta = TimeDelta::seconds(30);

/// `POST /collection/v1_0/requesttopay`: 202 and nothing, 409 when the id was used.
pub(super) async fn ask(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match accept(&sandbox, &headers, &body) {
        Ok(collection) => {
            let id = collection.id.clone();
            sandbox.state().write(|books| books.collections.put(collection));
            if Faults::on(faults.early) {
                sandbox.approve_early(&id).await;
            }
            StatusCode::ACCEPTED.into_response()
        }
        Err(refusal) => *refusal,
    }
}

fn accept(sandbox: &Sandbox, headers: &HeaderMap, body: &[u8]) -> Result<Collection, Box<Response>> {
    auth::check(sandbox, Product::Collection, headers)?;
    let id = auth::reference(headers)?;
    let wrong = |words: &str| no(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", words);
    let order: Order = serde_json::from_slice(body).map_err(|_| wrong("unreadable order"))?;
    if sandbox.state().read(|books| books.collections.get(&id).is_some()) {
        return Err(no(StatusCode::CONFLICT, "RESOURCE_ALREADY_EXIST", "Duplicated reference id."));
    }
    let payer = order.payer.ok_or_else(|| wrong("no payer"))?.party_id;
    let fate = fate(&payer)?;
    if order.currency != sandbox.settings().mtn.currency() {
        return Err(no(StatusCode::INTERNAL_SERVER_ERROR, "INVALID_CURRENCY", "Currency not supported."));
    }
    let amount = order.amount.money("XOF").filter(|money| money.amount > 0).ok_or_else(|| wrong("amount"))?.amount;
    let callback = auth::text(headers, "x-callback-url").map(str::to_owned);
    if !callback.as_deref().is_none_or(|url| may_call(sandbox, url)) {
        let words = "Callback URL with different host name then configured for API user.";
        return Err(no(StatusCode::INTERNAL_SERVER_ERROR, "INVALID_CALLBACK_URL_HOST", words));
    }
    Ok(Collection {
        id,
        provider: "mtn",
        reference: order.external_id,
        amount,
        currency: order.currency,
        payer: Some(payer),
        callback,
        notif_token: None,
        transaction_id: format!("{}", rand::random::<u32>()),
        state: if fate.is_some() { Standing::Failed } else { Standing::Waiting },
        reason: fate.map(str::to_owned),
        at: sandbox.now(),
    })
}

fn may_call(sandbox: &Sandbox, url: &str) -> bool {
    let host = url.parse::<Uri>().ok().and_then(|url| url.host().map(str::to_owned));
    let registered = sandbox.settings().mtn.callback_host.as_deref();
    host.is_some_and(|host| registered.is_none_or(|registered| registered == host))
}

/// What happens to one of the played numbers: refused at once, or failing later.
fn fate(payer: &str) -> Result<Option<&'static str>, Box<Response>> {
    let now = |code| Err(no(StatusCode::INTERNAL_SERVER_ERROR, code, "as this number is played"));
    match payer.strip_prefix(PLAYED) {
        Some("50") => Ok(Some("FAILED")),
        Some("51") => Ok(Some("APPROVAL_REJECTED")),
        Some("52") => Ok(Some("EXPIRED")),
        Some("55") => Ok(Some("PAYER_NOT_FOUND")),
        Some("56") => Ok(Some("PAYEE_NOT_ALLOWED_TO_RECEIVE")),
        Some("57") => Ok(Some("NOT_ALLOWED")),
        Some("58") => now("NOT_ALLOWED_TARGET_ENVIRONMENT"),
        Some("59") => now("INVALID_CALLBACK_URL_HOST"),
        Some("60") => now("INVALID_CURRENCY"),
        Some("61") => now("INTERNAL_PROCESSING_ERROR"),
        Some("62") => now("SERVICE_UNAVAILABLE"),
        Some("63") => Ok(Some("COULD_NOT_PERFORM_TRANSACTION")),
        _ => Ok(None),
    }
}

/// `GET /collection/v1_0/requesttopay/{id}`.
pub(super) async fn read(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = auth::check(&sandbox, Product::Collection, &headers) {
        return *refusal;
    }
    let Some(collection) = sandbox.state().read(|books| books.collections.get(&id).cloned()) else {
        return *no(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "Requested resource was not found.");
    };
    let slow = collection.payer.as_deref() == Some("46733123454") && collection.at + SLOW <= sandbox.now();
    let collection = if slow { sandbox.approve(&id).unwrap_or(collection) } else { collection };
    let mut told = transaction(&collection);
    if Faults::on(faults.pending) {
        (told.status, told.reason, told.financial_transaction_id) = (Status::Pending, None, None);
    }
    if let Some(amount) = faults.amount {
        told.amount = (amount > 0).then(|| crate::wave::amount(amount));
    }
    told.currency = faults.currency.or(told.currency);
    Json(told).into_response()
}

/// `GET /collection/v1_0/account/balance`: what came in less what went out.
pub(super) async fn balance(State(sandbox): State<Sandbox>, headers: HeaderMap) -> Response {
    if let Err(refusal) = auth::check(&sandbox, Product::Collection, &headers) {
        return *refusal;
    }
    let held = sandbox.state().read(|books| books.held_at("mtn"));
    let currency = sandbox.settings().mtn.currency().to_owned();
    Json(Balance { available_balance: crate::wave::amount(held), currency }).into_response()
}
