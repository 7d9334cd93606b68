//! Wave: checkout, refund, payout, balance and statement (PROVIDERS §1).

mod auth;
mod balance;
mod create_checkout;
mod doctor;
mod error;
mod fees;
mod find_checkouts;
mod payer;
mod payout;
mod payout_reads;
mod refund;
mod transactions;

pub use doctor::{Doctored, Stray};
pub(crate) use error::WaveError;
pub(crate) use fees::amount;
pub use payer::PayRefused;

use crate::fault::operation;
use crate::sandbox::Sandbox;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

/// The currency of the one wallet played here.
pub(crate) const CURRENCY: &str = "XOF";

/// Wave's routes behind Wave's authentication.
pub(crate) fn routes(sandbox: &Sandbox) -> Router<Sandbox> {
    let guarded = |name, route| operation(sandbox, name, route);
    let create = guarded("checkout.create", post(create_checkout::create));
    let find = guarded("checkout.find", get(find_checkouts::by_transaction));
    Router::new()
        .route("/v1/checkout/sessions", create.merge(find))
        .route("/v1/checkout/sessions/search", guarded("checkout.search", get(find_checkouts::by_reference)))
        .route("/v1/checkout/sessions/{id}", guarded("checkout.get", get(find_checkouts::by_id)))
        .route("/v1/checkout/sessions/{id}/expire", guarded("checkout.expire", post(payer::expire)))
        .route("/v1/checkout/sessions/{id}/refund", guarded("checkout.refund", post(refund::of_checkout)))
        .route("/v1/transactions/{id}/refund", guarded("transaction.refund", post(refund::of_transaction)))
        .route("/v1/transactions", guarded("transactions.list", get(transactions::list)))
        .route("/v1/payout", guarded("payout.create", post(payout::create)))
        .route("/v1/payout/{id}", guarded("payout.get", get(payout_reads::by_id)))
        .route("/v1/payouts/search", guarded("payout.search", get(payout_reads::by_reference)))
        .route("/v1/payout/{id}/reverse", guarded("payout.reverse", post(payout_reads::reverse)))
        .route("/v1/balance", guarded("balance.get", get(balance::read)))
        .layer(from_fn_with_state(sandbox.clone(), auth::check))
}
