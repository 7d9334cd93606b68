//! Reading sessions: by id, by transaction, by the merchant's reference (PROVIDERS §1.3).

use super::error::WaveError;
use crate::knobs::Faults;
use crate::sandbox::Sandbox;
use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use integrations::payments::wave::wire::{Amount, SearchResult, Session};
use serde::Deserialize;

/// The code for a session nobody has.
pub(super) const NO_SUCH_SESSION: &str = "checkout-session-not-found";

#[derive(Deserialize)]
pub(super) struct ByTransaction {
    transaction_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ByReference {
    pub(super) client_reference: Option<String>,
}

/// `GET /v1/checkout/sessions/{id}`.
pub(super) async fn by_id(
    State(sandbox): State<Sandbox>,
    Extension(faults): Extension<Faults>,
    Path(id): Path<String>,
) -> Result<Json<Session>, WaveError> {
    let now = sandbox.now();
    let found = sandbox.state().read(|books| books.checkouts.get(&id).map(|checkout| checkout.as_of(now)));
    let mut told = found.ok_or_else(|| WaveError::not_found(NO_SUCH_SESSION))?;
    if let Some(amount) = faults.amount {
        told.amount = Amount(if amount > 0 { amount.to_string() } else { String::new() });
    }
    told.currency = faults.currency.unwrap_or(told.currency);
    Ok(Json(told))
}

/// `GET /v1/checkout/sessions?transaction_id=`.
pub(super) async fn by_transaction(
    State(sandbox): State<Sandbox>,
    Query(query): Query<ByTransaction>,
) -> Result<Json<Session>, WaveError> {
    let wanted = query.transaction_id.ok_or_else(|| WaveError::field(&["transaction_id"], "is missing"))?;
    let now = sandbox.now();
    let found = sandbox.state().read(|books| {
        let sessions = books.checkouts.tagged(&wanted).into_iter().map(|checkout| checkout.as_of(now));
        sessions.into_iter().find(|session| session.transaction_id.as_ref() == Some(&wanted))
    });
    found.map(Json).ok_or_else(|| WaveError::not_found(NO_SUCH_SESSION))
}

/// `GET /v1/checkout/sessions/search?client_reference=`.
pub(super) async fn by_reference(
    State(sandbox): State<Sandbox>,
    Query(query): Query<ByReference>,
) -> Result<Json<SearchResult<Session>>, WaveError> {
    let wanted = query.client_reference.ok_or_else(|| WaveError::field(&["client_reference"], "is missing"))?;
    let now = sandbox.now();
    let mut result: Vec<Session> = sandbox
        .state()
        .read(|books| books.checkouts.tagged(&wanted))
        .iter()
        .map(|checkout| checkout.as_of(now))
        .collect();
    result.retain(|session| session.client_reference.as_ref() == Some(&wanted));
    Ok(Json(SearchResult { result }))
}
