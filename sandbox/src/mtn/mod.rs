//! MTN MoMo: collections and disbursements (PROVIDERS §3).

mod auth;
mod collect;
mod disburse;

use crate::fault::operation;
use crate::sandbox::Sandbox;
use crate::store::{Collection, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use integrations::payments::mtn::wire::{ErrorBody, Party, Reason, Status, TextOrNumber, Transaction};

/// The contract played here.
#[derive(Debug, Clone)]
pub struct MtnContract {
    /// The API user.
    pub api_user: String,
    /// What proves it.
    pub api_key: integrations::Secret,
    /// The subscription to collections.
    pub collection_key: integrations::Secret,
    /// The subscription to disbursements.
    pub disbursement_key: integrations::Secret,
    /// `X-Target-Environment`; in `sandbox` the only currency is `EUR`.
    pub target_environment: String,
    /// The only host callbacks may go to; none: any.
    pub callback_host: Option<String>,
}

impl Default for MtnContract {
    fn default() -> Self {
        Self {
            api_user: "mtn-user".into(),
            api_key: "mtn-api-key".into(),
            collection_key: "mtn-collection-key".into(),
            disbursement_key: "mtn-disbursement-key".into(),
            target_environment: "mtnivorycoast".into(),
            callback_host: None,
        }
    }
}

impl MtnContract {
    fn currency(&self) -> &'static str {
        if self.target_environment == "sandbox" { "EUR" } else { "XOF" }
    }
}

/// MTN's routes.
pub(crate) fn routes(sandbox: &Sandbox) -> Router<Sandbox> {
    let guarded = |name, route| operation(sandbox, name, route);
    Router::new()
        .route("/collection/token/", guarded("mtn.token", post(auth::collection_token)))
        .route("/disbursement/token/", guarded("mtn.token", post(auth::disbursement_token)))
        .route("/collection/v1_0/requesttopay", guarded("mtn.collect", post(collect::ask)))
        .route("/collection/v1_0/requesttopay/{id}", guarded("mtn.collect_status", get(collect::read)))
        .route("/collection/v1_0/account/balance", guarded("mtn.balance", get(collect::balance)))
        .route("/disbursement/v1_0/transfer", guarded("mtn.transfer", post(disburse::transfer)))
        .route("/disbursement/v1_0/transfer/{id}", guarded("mtn.transfer_status", get(disburse::read)))
        .route("/disbursement/v1_0/refund", guarded("mtn.refund", post(disburse::refund)))
        .route("/disbursement/v1_0/refund/{id}", guarded("mtn.refund_status", get(disburse::read)))
}

/// A refusal in MTN's form.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(ErrorBody { code: code.into(), message: message.into() })).into_response()
}

/// The same for those who may also say yes.
fn no(status: StatusCode, code: &str, words: &str) -> Box<Response> {
    Box::new(error(status, code, words))
}

/// The callback's body: like the answer to a status call.
pub(crate) fn news(collection: &Collection) -> String {
    serde_json::to_string(&transaction(collection)).unwrap_or_default()
}

fn transaction(collection: &Collection) -> Transaction {
    let paid = collection.state == State::Done;
    Transaction {
        amount: Some(crate::wave::amount(collection.amount)),
        currency: Some(collection.currency.clone()),
        external_id: Some(collection.reference.clone()),
        financial_transaction_id: paid.then(|| TextOrNumber::Text(collection.transaction_id.clone())),
        payer: collection.payer.as_deref().map(Party::msisdn),
        payee: None,
        status: status(collection.state),
        reason: collection.reason.clone().map(Reason::Word),
    }
}

fn status(state: State) -> Status {
    match state {
        State::Waiting => Status::Pending,
        State::Done => Status::Successful,
        State::Failed | State::Expired => Status::Failed,
    }
}
