//! `POST /trips/{id}/cancel` (I6, I17).

use super::{
    begin_to_end,
    view::{Trip, shown},
};
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
use domain::{ids::ResourceId, trips};

/// Cancel a trip
///
/// Every rider is told and, if they paid, paid back whole.
#[utoipa::path(post, path = "/trips/{id}/cancel", tag = "trips",
    params(("id" = Uuid, Path, description = "The trip"), MaybeKey, MaybeVersion),
    responses((status = 200, body = Data<Trip>)))]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    key: Option<IdempotencyKey>,
    seen: Option<IfMatch>,
) -> ApiResult<Reply> {
    let (mut tx, by) = begin_to_end(&app, &caller).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    if let Some(IfMatch(seen)) = seen {
        trips::unchanged_since(&mut tx, by, id, seen).await?;
    }
    let trip = trips::cancel(&mut tx, by, id).await?;
    let reply = shown(&mut tx, trip).await?;
    Ok(reply.commit(tx, key.as_ref()).await?)
}
