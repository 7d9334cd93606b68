//! `POST /vehicles`.

use super::Vehicle;
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
};
use axum::extract::State;
use domain::{
    inventory::vehicles::{self, VehicleFacts},
    permissions::Permission,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A vehicle to drive with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVehicle {
    /// Manufacturer.
    #[schema(example = "Toyota")]
    make: String,
    /// Model.
    #[schema(example = "Corolla")]
    model: String,
    /// Colour.
    #[schema(example = "grey")]
    color: String,
    /// Number plate, unique in the organization.
    #[schema(example = "1234 AB 01")]
    plate_number: String,
    /// Seats including the driver's.
    #[schema(example = 5, minimum = 1, maximum = 60)]
    seats_total: i32,
    /// `basic`, `standard` or `comfort`; `standard` unless told.
    #[schema(example = "standard")]
    comfort_level: Option<String>,
    /// Year of construction.
    #[schema(example = 2019)]
    year: Option<i32>,
}

/// Register a vehicle
#[utoipa::path(post, path = "/vehicles", tag = "trips", params(MaybeKey), request_body = NewVehicle,
    responses((status = 201, body = Data<Vehicle>)))]
pub async fn register(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewVehicle>,
) -> ApiResult<Reply> {
    caller.require(Permission::TripManageOwn)?;
    let mut tx = caller.begin(&app).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let vehicle = vehicles::register(&mut tx, caller.user(), ask.into()).await?;
    let (id, version) = (vehicle.id, vehicle.version);
    let reply = Reply::created(format!("/api/v1/vehicles/{id}"), Vehicle::from(vehicle)).version(version);
    Ok(reply.commit(tx, key.as_ref()).await?)
}

impl From<NewVehicle> for VehicleFacts {
    fn from(ask: NewVehicle) -> Self {
        let NewVehicle { make, model, color, plate_number, seats_total, comfort_level, year } = ask;
        let comfort_level = comfort_level.unwrap_or_else(|| "standard".to_owned());
        Self { make, model, color, plate_number, seats_total, comfort_level, year }
    }
}
