//! A driver's vehicles (E18, CX24).

mod change;
mod list;
mod register;

use crate::{App, envelope::Reply};
use chrono::{DateTime, Utc};
use domain::inventory::vehicles;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes under `/vehicles`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::mine, register::register)).routes(routes!(
        list::show,
        change::update,
        change::replace,
        change::remove
    ))
}

/// A vehicle of a driver.
#[derive(Debug, Serialize, ToSchema)]
pub struct Vehicle {
    /// Its id.
    id: Uuid,
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
    #[schema(example = 5)]
    seats_total: i32,
    /// `basic`, `standard` or `comfort`.
    #[schema(example = "standard")]
    comfort_level: String,
    /// Year of construction.
    year: Option<i32>,
    /// The number in its `ETag`.
    version: i32,
    /// When it was registered.
    created_at: DateTime<Utc>,
}

impl From<vehicles::Vehicle> for Vehicle {
    fn from(vehicle: vehicles::Vehicle) -> Self {
        let facts = vehicle.facts;
        Self {
            id: vehicle.id.into(),
            make: facts.make,
            model: facts.model,
            color: facts.color,
            plate_number: facts.plate_number,
            seats_total: facts.seats_total,
            comfort_level: facts.comfort_level,
            year: facts.year,
            version: vehicle.version,
            created_at: vehicle.created_at,
        }
    }
}

fn shown(vehicle: vehicles::Vehicle) -> Reply {
    let version = vehicle.version;
    Reply::ok(Vehicle::from(vehicle)).version(version)
}
