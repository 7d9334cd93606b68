//! A trip as it is shown.

use super::ask::Place;
use crate::{
    envelope::Reply,
    routes::shared::{MoneyView, wall_clock},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use domain::{
    db::Tx,
    error::Result,
    organizations,
    trips::{self, Seats},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A driver's offer of seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct Trip {
    /// Its id; book seats with it.
    id: Uuid,
    /// Who drives.
    driver_id: Uuid,
    /// With which vehicle.
    vehicle_id: Option<Uuid>,
    /// From where.
    origin: Place,
    /// To where.
    destination: Place,
    /// When it leaves.
    departure_time: DateTime<Utc>,
    /// When it should arrive.
    arrival_eta: DateTime<Utc>,
    /// The same times on the clocks of `timezone`.
    local: Local,
    /// The zone its people think in.
    #[schema(example = "Africa/Abidjan")]
    timezone: &'static str,
    /// For one seat.
    price_per_seat: MoneyView,
    /// How the seats stand.
    seats: SeatsView,
    /// Bookings are accepted without asking the driver.
    allow_auto_accept: bool,
    /// What may be brought.
    luggage_policy: Option<String>,
    /// House rules.
    rules: Option<String>,
    /// `basic`, `standard` or `comfort`.
    comfort: Option<String>,
    /// `draft`, `published`, `ongoing`, `completed` or `cancelled`.
    #[schema(example = "published")]
    status: String,
    /// The number in its `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// The times of a trip on local clocks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TripLocal)]
pub struct Local {
    /// When it leaves.
    departure_time: NaiveDateTime,
    /// When it should arrive.
    arrival_eta: NaiveDateTime,
}

/// How the seats of a trip stand (CX18).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Seats)]
pub struct SeatsView {
    /// Offered.
    #[schema(example = 4)]
    total: i64,
    /// Held by bookings that are not paid yet.
    #[schema(example = 1)]
    held: i64,
    /// Paid for.
    #[schema(example = 1)]
    sold: i64,
    /// Free to book.
    #[schema(example = 2)]
    available: i64,
}

impl Trip {
    /// A trip with its seats, its times also on the clocks of `zone`.
    pub fn new(trip: trips::Trip, seats: Seats, zone: Tz) -> Self {
        Self {
            id: trip.id.into(),
            driver_id: trip.driver.into(),
            vehicle_id: trip.vehicle.map(Into::into),
            origin: trip.origin.into(),
            destination: trip.destination.into(),
            departure_time: trip.departure_at,
            arrival_eta: trip.arrival_eta,
            local: Local {
                departure_time: wall_clock(trip.departure_at, zone),
                arrival_eta: wall_clock(trip.arrival_eta, zone),
            },
            timezone: zone.name(),
            price_per_seat: trip.price_per_seat.into(),
            seats: seats.into(),
            allow_auto_accept: trip.auto_accept,
            luggage_policy: trip.luggage_policy,
            rules: trip.rules,
            comfort: trip.comfort,
            status: trip.status,
            version: trip.version,
            created_at: trip.created_at,
        }
    }

    /// The same, with the seats as they stand now and the organization's zone.
    pub async fn load(tx: &mut Tx, trip: trips::Trip) -> Result<Self> {
        let zone = organizations::load(tx).await?.timezone;
        let seats = trips::seats(tx, &trip).await?;
        Ok(Self::new(trip, seats, zone))
    }
}

/// 200 with a trip as it stands now.
pub async fn shown(tx: &mut Tx, trip: trips::Trip) -> Result<Reply> {
    let version = trip.version;
    Ok(Reply::ok(Trip::load(tx, trip).await?).version(version))
}

impl From<Seats> for SeatsView {
    fn from(Seats { total, held, sold, available }: Seats) -> Self {
        Self { total, held, sold, available }
    }
}
