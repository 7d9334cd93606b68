//! What a person keeps with us, and what else the books say we owe them (K1–K6, CX20).

mod adjustments;
mod topup;
mod transactions;
mod withdraw;

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, Reply},
    error::ApiResult,
    routes::shared::MoneyView,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    ledger::{self, balances_of},
    money::Currency,
    wallet,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/wallet`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(transactions::transactions))
        .routes(routes!(topup::topup))
        .routes(routes!(withdraw::withdraw))
        .routes(routes!(adjustments::list, adjustments::adjust))
        .routes(routes!(adjustments::approve))
        .routes(routes!(adjustments::reject))
        .routes(routes!(adjustments::reverse))
}

/// A person's balances in one organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Wallet {
    /// What is in the wallet: zero before the first movement.
    balance: MoneyView,
    /// When something last moved in it.
    updated_at: Option<DateTime<Utc>>,
    /// Whether it can be filled and paid from; what is in it can be withdrawn in any case.
    enabled: bool,
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
///
/// `balance` is the wallet in one currency; `balances` has every account of mine.
#[utoipa::path(get, path = "/wallet", tag = "money",
    params(("currency" = Option<String>, Query, description = "The organization's when absent", example = "XOF")),
    responses((status = 200, body = Data<Wallet>)))]
pub async fn show(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let currency = asked.value::<Currency>("currency", "a currency we keep books in")?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    let wallet = wallet::of(&mut tx, caller.user(), currency).await?;
    let balances = balances_of(&mut tx, caller.user()).await?;
    Ok(Reply::ok(Wallet {
        balance: wallet.balance.into(),
        updated_at: wallet.updated_at,
        enabled: wallet.enabled,
        balances: balances.into_iter().map(Balance::from).collect(),
    }))
}

impl From<ledger::Balance> for Balance {
    fn from(ledger::Balance { kind, balance }: ledger::Balance) -> Self {
        Self { kind, balance: balance.into() }
    }
}
