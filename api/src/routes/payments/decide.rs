//! `POST /payments/{id}/decide` (SN5).

use super::view::Payment;
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::MaybeKey,
};
use axum::extract::State;
use domain::{ids::PaymentId, payments, permissions::Permission};
use serde::Deserialize;
use utoipa::ToSchema;

/// What becomes of its money.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PaymentDecision)]
pub struct Ask {
    /// `refund`: all that came goes back. `keep`: it stays in suspense.
    decision: Decision,
}

/// Which.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentDecisionKind)]
pub enum Decision {
    /// All that came goes back.
    Refund,
    /// It stays in suspense.
    Keep,
}

/// Decide about money that does not agree
///
/// For a payment whose `standing` is `in_review` because its provider brought another currency or amount than was asked for,
/// or names another payment. It ends as `failed`, and what it was for may be paid again. Where the amount needs a second
/// person (`second_person_from` in the settings), a `refund` begins when somebody else decides the same; the first one stands
/// in `stated_by` until then.
#[utoipa::path(post, path = "/payments/{id}/decide", tag = "money",
    params(("id" = Uuid, Path, description = "The payment"), MaybeKey), request_body = Ask,
    responses((status = 200, body = Data<Payment>)))]
pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PaymentId>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Ask>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PayoutRun).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let decision = match ask.decision {
        Decision::Refund => payments::Decision::Refund,
        Decision::Keep => payments::Decision::Keep,
    };
    let payment = payments::decide(&mut tx, caller.user(), id, decision).await?;
    let (version, standing) = (payment.version, payments::standing(&mut tx, &payment).await?);
    let view = Payment::from(payment).standing(standing);
    Ok(Reply::ok(view).version(version).commit(tx, key.as_ref()).await?)
}
