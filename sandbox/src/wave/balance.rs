//! `GET /v1/balance` (PROVIDERS §1.6).

use super::CURRENCY;
use super::fees::amount;
use crate::sandbox::Sandbox;
use axum::Json;
use axum::extract::State;
use integrations::payments::wave::wire::Balance;

/// What the wallet holds.
pub(super) async fn read(State(sandbox): State<Sandbox>) -> Json<Balance> {
    Json(Balance { amount: amount(sandbox.state().balance()), currency: CURRENCY.into() })
}
