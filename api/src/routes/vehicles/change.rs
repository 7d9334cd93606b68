//! `PATCH, PUT, DELETE /vehicles/{id}` (T14, CX13, CX24).

use super::{Vehicle, shown};
use crate::{
    App,
    caller::Caller,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Version,
};
use axum::extract::State;
use domain::{
    ids::ResourceId,
    inventory::vehicles::{self, VehicleFacts},
    permissions::Permission,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What to change; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "color": "blue" }))]
pub struct PatchVehicle {
    /// Manufacturer.
    make: Option<String>,
    /// Model.
    model: Option<String>,
    /// Colour.
    color: Option<String>,
    /// Number plate, unique in the organization.
    plate_number: Option<String>,
    /// Seats including the driver's.
    seats_total: Option<i32>,
    /// `basic`, `standard` or `comfort`.
    comfort_level: Option<String>,
    /// Year of construction.
    year: Option<i32>,
}

/// Change a vehicle
#[utoipa::path(patch, path = "/vehicles/{id}", tag = "trips",
    params(("id" = Uuid, Path, description = "The vehicle"), Version), request_body = PatchVehicle,
    responses((status = 200, body = Data<Vehicle>)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ResourceId>,
    IfMatch(seen): IfMatch,
    Json(ask): Json<PatchVehicle>,
) -> ApiResult<Reply> {
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    let before = vehicles::find(&mut tx, caller.user(), id).await?;
    let vehicle = vehicles::update(&mut tx, caller.user(), id, seen, ask.onto(before.facts)).await?;
    tx.commit().await?;
    Ok(shown(vehicle))
}

/// Change a vehicle
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/vehicles/{id}", tag = "trips",
    params(("id" = Uuid, Path, description = "The vehicle"), Version), request_body = PatchVehicle,
    responses((status = 200, body = Data<Vehicle>)))]
pub async fn replace(
    app: State<App>,
    caller: Caller,
    id: Path<ResourceId>,
    seen: IfMatch,
    ask: Json<PatchVehicle>,
) -> ApiResult<Reply> {
    update(app, caller, id, seen, ask).await
}

/// Remove a vehicle
///
/// Refused while a published trip uses it.
#[utoipa::path(delete, path = "/vehicles/{id}", tag = "trips",
    params(("id" = Uuid, Path, description = "The vehicle")), responses((status = 200, body = Data<Vehicle>)))]
pub async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<ResourceId>) -> ApiResult<Reply> {
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    let vehicle = vehicles::remove(&mut tx, caller.user(), id).await?;
    tx.commit().await?;
    Ok(shown(vehicle))
}

impl PatchVehicle {
    fn onto(self, before: VehicleFacts) -> VehicleFacts {
        VehicleFacts {
            make: self.make.unwrap_or(before.make),
            model: self.model.unwrap_or(before.model),
            color: self.color.unwrap_or(before.color),
            plate_number: self.plate_number.unwrap_or(before.plate_number),
            seats_total: self.seats_total.unwrap_or(before.seats_total),
            comfort_level: self.comfort_level.unwrap_or(before.comfort_level),
            year: self.year.or(before.year),
        }
    }
}
