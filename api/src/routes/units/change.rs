//! `PATCH, DELETE /units/{id}`, `POST /units/{id}/restore` (SN20, T14, CX24, CX51).

use super::view::{PatchUnit, Unit, shown};
use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IfMatch},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Version,
    routes::{resources::on_bookings, shared::MaybeVersion},
};
use axum::extract::State;
use domain::{ids::UnitId, inventory::units, permissions::Permission};

/// Change a unit
///
/// Bookings keep the label it had when they were made.
#[utoipa::path(patch, path = "/units/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The unit"), Version), request_body = PatchUnit,
    responses((status = 200, body = Data<Unit>)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UnitId>,
    IfMatch(seen): IfMatch,
    Json(ask): Json<PatchUnit>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::UnitManage).await?;
    let unit = units::update(&mut tx, id, seen, |before| ask.onto(before)).await?;
    tx.commit().await?;
    Ok(shown(unit))
}

/// Remove a unit
///
/// Refused while somebody has it or will: `details.bookings` lists them, and `force=cancel` cancels them and tells their
/// people. What is in use must come back first. It can be restored.
#[utoipa::path(delete, path = "/units/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The unit"), MaybeVersion,
        ("force" = Option<String>, Query, example = "cancel", description = "`cancel`: cancel the bookings in the way")),
    responses((status = 200, body = Data<Unit>)))]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UnitId>,
    seen: Option<IfMatch>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let bookings = on_bookings(&mut asked)?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::UnitManage).await?;
    let unit = units::remove(&mut tx, id, seen.map(|IfMatch(seen)| seen), bookings).await?;
    tx.commit().await?;
    Ok(shown(unit))
}

/// Restore a removed unit
#[utoipa::path(post, path = "/units/{id}/restore", tag = "inventory",
    params(("id" = Uuid, Path, description = "The unit")), responses((status = 200, body = Data<Unit>)))]
pub async fn restore(State(app): State<App>, caller: Caller, Path(id): Path<UnitId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::UnitManage).await?;
    let unit = units::restore(&mut tx, id).await?;
    tx.commit().await?;
    Ok(shown(unit))
}
