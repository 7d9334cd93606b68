//! `POST /payments/{id}/sent-by-hand` (J14).

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
use domain::{ids::PaymentId, permissions::Permission, refunds};
use serde::Deserialize;
use utoipa::ToSchema;

/// How the money was sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Under which reference it can be found at the provider: 1 to 255 characters.
    #[schema(example = "MP261120.1001.A00001")]
    reference: String,
}

/// I sent this refund
///
/// For a refund with status `manual`, whose provider has none, or `failed`, which the provider refused or took back: a
/// person sends the money another way and says so here.
/// From then on it is a refund like any other: in the books, in the booking, and the payer is told.
#[utoipa::path(post, path = "/payments/{id}/sent-by-hand", tag = "money",
    params(("id" = Uuid, Path, description = "The refund"), MaybeKey), request_body = Sent,
    responses((status = 200, body = Data<Payment>)))]
pub async fn sent_by_hand(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PaymentId>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Sent>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PayoutRun).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let refund = refunds::sent_by_hand(&mut tx, id, &ask.reference).await?;
    let version = refund.version;
    Ok(Reply::ok(Payment::from(refund)).version(version).commit(tx, key.as_ref()).await?)
}
