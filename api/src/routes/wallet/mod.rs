//! `GET /wallet`: what the books say we owe a person (K1, CX20).

mod transactions;

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    routes::shared::MoneyView,
};
use axum::extract::State;
use domain::ledger::{self, balances_of};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/wallet`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(transactions::transactions))
}

/// A person's balances in one organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Wallet {
    /// One per kind and currency; none before the first movement.
    balances: Vec<Balance>,
}

/// One balance; what we owe is positive.
#[derive(Debug, Serialize, ToSchema)]
pub struct Balance {
    /// `wallet`, or `earnings` that wait for a payout.
    #[schema(example = "earnings")]
    kind: String,
    /// How much.
    balance: MoneyView,
}

/// My balances
#[utoipa::path(get, path = "/wallet", tag = "money", responses((status = 200, body = Data<Wallet>)))]
pub async fn show(State(app): State<App>, caller: Caller) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let balances = balances_of(&mut tx, caller.user()).await?;
    Ok(Reply::ok(Wallet { balances: balances.into_iter().map(Balance::from).collect() }))
}

impl From<ledger::Balance> for Balance {
    fn from(ledger::Balance { kind, balance }: ledger::Balance) -> Self {
        Self { kind, balance: balance.into() }
    }
}
