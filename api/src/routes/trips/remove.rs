//! `DELETE /trips/{id}` (I5).

use super::{
    begin_to_end,
    view::{Trip, shown},
};
use crate::{
    App,
    caller::Caller,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::{ids::ResourceId, trips};

/// Remove a trip
///
/// Only while nobody paid for it; bookings that are not paid are cancelled with it.
#[utoipa::path(delete, path = "/trips/{id}", tag = "trips",
    params(("id" = Uuid, Path, description = "The trip"), MaybeVersion), responses((status = 200, body = Data<Trip>)))]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    seen: Option<IfMatch>,
) -> ApiResult<Reply> {
    let (mut tx, by) = begin_to_end(&app, &caller).await?;
    if let Some(IfMatch(seen)) = seen {
        trips::unchanged_since(&mut tx, by, id, seen).await?;
    }
    let trip = trips::remove(&mut tx, by, id).await?;
    let reply = shown(&mut tx, trip).await?;
    tx.commit().await?;
    Ok(reply)
}
