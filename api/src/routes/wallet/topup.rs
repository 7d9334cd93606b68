//! `POST /wallet/topup` (K4, CX54).

use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, Prefer},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::{Key, Wait},
    routes::{
        operations::OperationView,
        payments::{Order, Payment, pay_for},
    },
};
use axum::extract::State;
use domain::{money::Money, organizations, payments::Due, refusals::Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

/// How much is put into my wallet, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Topup {
    /// In minor units of the organization's currency.
    #[schema(example = 5000)]
    amount: i64,
    /// As for `POST /payments`.
    #[schema(example = "wave")]
    method: String,
    /// The wallet that is asked, E.164, for `mtn`.
    payer_phone: Option<String>,
    /// Where the payer's browser goes afterwards; https, at most 500 characters.
    #[schema(example = "https://app.example.org/paid")]
    return_url: Option<String>,
}

/// Fill my wallet
///
/// As `POST /payments` does for a booking: the same answers, the same waiting, once per key. The money is in the wallet when
/// the provider says that it was paid.
#[utoipa::path(post, path = "/wallet/topup", tag = "money", params(Key, Wait), request_body = Topup,
    responses((status = 201, body = Data<Payment>), (status = 202, body = Data<OperationView>)))]
pub async fn topup(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    prefer: Prefer,
    Json(ask): Json<Topup>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let currency = organizations::load(&mut tx).await?.currency;
    drop(tx);
    if ask.amount < 1 {
        return Err(Refusal::InvalidAmount.into());
    }
    let due = Due::Topup(Money::asked(ask.amount, currency)?);
    let Topup { method, payer_phone, return_url, .. } = ask;
    pay_for(&app, &caller, &key, prefer, Order { due, method, payer_phone, return_url }).await
}
