//! `GET /vehicles`, `GET /vehicles/{id}`.

use super::{Vehicle, shown};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
    routes::shared::page_of,
};
use axum::extract::State;
use domain::{ids::ResourceId, inventory::vehicles, permissions::Permission};

/// My vehicles
#[utoipa::path(get, path = "/vehicles", tag = "trips", params(Paging), responses((status = 200, body = List<Vehicle>)))]
pub async fn mine(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    let mine = vehicles::list(&mut tx, caller.user()).await?;
    Ok(Reply::list(page, page_of(mine, page).map(Vehicle::from)))
}

/// One of my vehicles
#[utoipa::path(get, path = "/vehicles/{id}", tag = "trips",
    params(("id" = Uuid, Path, description = "The vehicle")), responses((status = 200, body = Data<Vehicle>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<ResourceId>) -> ApiResult<Reply> {
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    Ok(shown(vehicles::find(&mut tx, caller.user(), id).await?))
}
