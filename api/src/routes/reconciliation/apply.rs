//! `POST /reconciliation-items/{id}/{apply,dismiss}` (J15).

use super::view::Item;
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
use domain::{ids::ReconciliationItemId, permissions::Permission, reconciliation};
use serde::Deserialize;
use utoipa::ToSchema;

/// Apply the proposed fix
///
/// `settle`: the payment is settled as if its provider had told in time. `adjust`: the books follow the provider's list, and
/// the rest waits in suspense. `adjust_fee`: the provider's fee is booked. `accept`: the difference in time is accepted.
/// Once: a ticket that is closed is refused.
#[utoipa::path(post, path = "/reconciliation-items/{id}/apply", tag = "money",
    params(("id" = Uuid, Path, description = "The difference"), MaybeKey), responses((status = 200, body = Data<Item>)))]
pub async fn apply(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ReconciliationItemId>,
    key: Option<IdempotencyKey>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::BooksCorrect).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let item = reconciliation::apply(&mut tx, id).await?;
    let version = item.version;
    Ok(Reply::ok(Item::from(item)).version(version).commit(tx, key.as_ref()).await?)
}

/// Why a difference is left as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dismissal {
    /// 3 to 500 characters; no personal data.
    #[schema(example = "A test of the provider's own, told by its support")]
    reason: String,
}

/// Leave a difference as it is
///
/// It is not told of again.
#[utoipa::path(post, path = "/reconciliation-items/{id}/dismiss", tag = "money", request_body = Dismissal,
    params(("id" = Uuid, Path, description = "The difference"), MaybeKey), responses((status = 200, body = Data<Item>)))]
pub async fn dismiss(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ReconciliationItemId>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Dismissal>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::BooksCorrect).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let item = reconciliation::dismiss(&mut tx, id, &ask.reason).await?;
    let version = item.version;
    Ok(Reply::ok(Item::from(item)).version(version).commit(tx, key.as_ref()).await?)
}
