//! `DELETE /resources/{id}`, `POST /resources/{id}/restore` (E16, CX24).

use super::view::{Resource, shown};
use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IfMatch},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::{
    ids::ResourceId,
    inventory::{OnBookings, resources},
    permissions::Permission,
    refusals::Refusal,
};

/// Remove a resource
///
/// Refused while somebody has it or will: `details.bookings` lists them, and `force=cancel` cancels them and tells their
/// people. What is in use must come back first. It can be restored.
#[utoipa::path(delete, path = "/resources/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource"), MaybeVersion,
        ("force" = Option<String>, Query, example = "cancel", description = "`cancel`: cancel the bookings in the way")),
    responses((status = 200, body = Data<Resource>)))]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    seen: Option<IfMatch>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let bookings = on_bookings(&mut asked)?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::ResourceCreate).await?;
    let resource = resources::remove(&mut tx, id, seen.map(|IfMatch(seen)| seen), bookings).await?;
    tx.commit().await?;
    Ok(shown(resource))
}

/// `force=cancel`, or nothing.
pub(in crate::routes) fn on_bookings(asked: &mut Asked) -> Result<OnBookings, Refusal> {
    match asked.text("force").as_deref() {
        None => Ok(OnBookings::Refuse),
        Some("cancel") => Ok(OnBookings::Cancel),
        Some(_) => Err(Refusal::invalid("force", "allowed: cancel")),
    }
}

/// Restore a removed resource
///
/// With the units that went with it.
#[utoipa::path(post, path = "/resources/{id}/restore", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource")), responses((status = 200, body = Data<Resource>)))]
pub async fn restore(State(app): State<App>, caller: Caller, Path(id): Path<ResourceId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::ResourceCreate).await?;
    let resource = resources::restore(&mut tx, id).await?;
    tx.commit().await?;
    Ok(shown(resource))
}
