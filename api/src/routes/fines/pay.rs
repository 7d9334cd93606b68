//! `POST /fines/{id}/payments`, and `POST /fines/payments` that names the fine in its body (J21).

use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, Prefer},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{Key, Wait},
    routes::{
        operations::OperationView,
        payments::{Order, Payment, pay_for},
    },
};
use axum::extract::State;
use domain::{ids::FineId, payments::Due};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a fine is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayFine {
    /// As for `POST /payments`.
    #[schema(example = "wave")]
    method: String,
    /// The wallet that is asked, E.164, for `mtn`.
    #[schema(example = "+2250500000000")]
    payer_phone: Option<String>,
    /// Where the payer's browser goes afterwards; https, at most 500 characters.
    #[schema(example = "https://app.example.org/paid")]
    return_url: Option<String>,
}

/// Which fine is paid, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayNamedFine {
    /// A fine of mine that is due.
    fine_id: Uuid,
    /// As for `POST /payments`.
    #[schema(example = "wave")]
    method: String,
    /// The wallet that is asked, E.164, for `mtn`.
    #[schema(example = "+2250500000000")]
    payer_phone: Option<String>,
    /// Where the payer's browser goes afterwards; https, at most 500 characters.
    #[schema(example = "https://app.example.org/paid")]
    return_url: Option<String>,
}

/// Pay my fine
///
/// As `POST /payments` does for a booking: the same answers, the same waiting, once per key.
#[utoipa::path(post, path = "/fines/{id}/payments", tag = "money",
    params(("id" = Uuid, Path, description = "The fine"), Key, Wait), request_body = PayFine,
    responses((status = 201, body = Data<Payment>), (status = 202, body = Data<OperationView>)))]
pub async fn pay(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<FineId>,
    key: IdempotencyKey,
    prefer: Prefer,
    Json(ask): Json<PayFine>,
) -> ApiResult<Reply> {
    let PayFine { method, payer_phone, return_url } = ask;
    let order = Order { due: Due::Fine(id), method, payer_phone, return_url };
    pay_for(&app, &caller, &key, prefer, order).await
}

/// Pay my fine
///
/// The same as `POST /fines/{id}/payments`.
#[utoipa::path(post, path = "/fines/payments", tag = "money", params(Key, Wait), request_body = PayNamedFine,
    responses((status = 201, body = Data<Payment>), (status = 202, body = Data<OperationView>)))]
pub async fn pay_named(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    prefer: Prefer,
    Json(ask): Json<PayNamedFine>,
) -> ApiResult<Reply> {
    let PayNamedFine { fine_id, method, payer_phone, return_url } = ask;
    let order = Order { due: Due::Fine(FineId(fine_id)), method, payer_phone, return_url };
    pay_for(&app, &caller, &key, prefer, order).await
}
