//! `POST /trips/{id}/publish` (I6, I15, SN28).

use super::view::{Trip, shown};
use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, IfMatch},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::MaybeKey,
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::{bookings::Authority, ids::ResourceId, permissions::Permission, trips};

/// Publish a draft
#[utoipa::path(post, path = "/trips/{id}/publish", tag = "trips",
    params(("id" = Uuid, Path, description = "The trip"), MaybeKey, MaybeVersion),
    responses((status = 200, body = Data<Trip>)))]
pub async fn publish(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    key: Option<IdempotencyKey>,
    seen: Option<IfMatch>,
) -> ApiResult<Reply> {
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    if let Some(IfMatch(seen)) = seen {
        trips::unchanged_since(&mut tx, Authority::Own(caller.user()), id, seen).await?;
    }
    let trip = trips::publish(&mut tx, caller.user(), id).await?;
    let reply = shown(&mut tx, trip).await?;
    Ok(reply.commit(tx, key.as_ref()).await?)
}
