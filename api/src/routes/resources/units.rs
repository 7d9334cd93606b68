//! `GET, POST /resources/{id}/units` (E17, SN20).

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, IdempotencyKey},
    envelope::{List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{MaybeKey, Paging},
    routes::units::{NewUnits, Unit, list_of},
};
use axum::extract::State;
use domain::{error::Result, ids::ResourceId, inventory::units, permissions::Permission};

/// Units of a resource
///
/// With `status_at=now`, or another instant, each says what holds it then.
#[utoipa::path(get, path = "/resources/{id}/units", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource"),
        ("status_at" = Option<String>, Query, example = "now", description = "`now`, or an instant"),
        ("state" = Option<String>, Query, example = "free",
            description = "With `status_at`: `free`, `held`, `booked`, `in_use`, `offered`, `closed`, `maintenance`, `retired`"),
        ("status" = Option<String>, Query, description = "`active`, `maintenance`, `retired`"),
        ("barcode" = Option<String>, Query, description = "The whole barcode"),
        ("features" = Option<String>, Query, example = "charger", description = "All of these"),
        ("include_deleted" = Option<bool>, Query, description = "Removed ones too; for who may manage units"),
        Paging),
    responses((status = 200, body = List<Unit>)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    asked: Asked,
) -> ApiResult<Reply> {
    list_of(&app, &caller, Some(id), asked).await
}

/// Add units
///
/// At most 500 at once, all or none.
#[utoipa::path(post, path = "/resources/{id}/units", tag = "inventory",
    params(("id" = Uuid, Path, description = "The resource"), MaybeKey), request_body = NewUnits,
    responses((status = 201, body = List<Unit>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewUnits>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::UnitManage).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let new = ask.units.into_iter().map(|unit| unit.unit()).collect::<Result<Vec<_>>>()?;
    let made = units::create(&mut tx, id, new).await?;
    let made: Vec<Unit> = made.into_iter().map(Unit::from).collect();
    let reply = Reply::created(format!("/api/v1/resources/{id}/units"), made);
    Ok(reply.commit(tx, key.as_ref()).await?)
}
