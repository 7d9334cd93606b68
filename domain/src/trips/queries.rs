//! Reads shared by the operations on trips.

use super::place::Place;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    inventory::units::Span,
    money::Money,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A driver's offer of seats.
#[derive(Debug, Clone, Serialize)]
pub struct Trip {
    /// Its id; also the id of the resource whose units are the seats.
    pub id: ResourceId,
    /// Who drives.
    pub driver: UserId,
    /// With which vehicle.
    pub vehicle: Option<ResourceId>,
    /// From where.
    pub origin: Place,
    /// To where.
    pub destination: Place,
    /// When it leaves.
    pub departure_at: DateTime<Utc>,
    /// When it should arrive.
    pub arrival_eta: DateTime<Utc>,
    /// For one seat.
    pub price_per_seat: Money,
    /// How many seats are offered.
    pub seats: i32,
    /// Bookings are accepted without asking the driver (G38).
    pub auto_accept: bool,
    /// What may be brought.
    pub luggage_policy: Option<String>,
    /// House rules.
    pub rules: Option<String>,
    /// `basic`, `standard` or `comfort`; the vehicle's when it has one.
    pub comfort: Option<String>,
    /// `draft`, `published`, `ongoing`, `completed` or `cancelled` (I2).
    pub status: String,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Trip {
    /// The time its seats and its vehicle are taken.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { start: self.departure_at, end: self.arrival_eta }
    }
}

/// How the seats stand (CX18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Seats {
    /// Offered.
    pub total: i64,
    /// Held by bookings that are not paid yet.
    pub held: i64,
    /// Paid for.
    pub sold: i64,
    /// Free to book.
    pub available: i64,
}

pub(super) struct Row {
    pub id: uuid::Uuid,
    pub driver_user_id: uuid::Uuid,
    pub vehicle_id: Option<uuid::Uuid>,
    pub origin_lat: f64,
    pub origin_lon: f64,
    pub origin_text: String,
    pub destination_lat: f64,
    pub destination_lon: f64,
    pub destination_text: String,
    pub departure_at: DateTime<Utc>,
    pub arrival_eta: DateTime<Utc>,
    pub price_per_seat: i64,
    pub currency: String,
    pub seats: i32,
    pub auto_accept: bool,
    pub luggage_policy: Option<String>,
    pub rules: Option<String>,
    pub comfort: Option<String>,
    pub status: String,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Trip {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("trips.currency", e))?;
        Ok(Self {
            id: row.id.into(),
            driver: row.driver_user_id.into(),
            vehicle: row.vehicle_id.map(ResourceId),
            origin: Place { lat: row.origin_lat, lon: row.origin_lon, text: row.origin_text },
            destination: Place { lat: row.destination_lat, lon: row.destination_lon, text: row.destination_text },
            departure_at: row.departure_at,
            arrival_eta: row.arrival_eta,
            price_per_seat: Money { amount: row.price_per_seat, currency },
            seats: row.seats,
            auto_accept: row.auto_accept,
            luggage_policy: row.luggage_policy,
            rules: row.rules,
            comfort: row.comfort,
            status: row.status,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

macro_rules! trip_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            $crate::trips::queries::Row,
            r#"select t.id, driver_user_id, vehicle_id,
                      st_y(origin::geometry) as "origin_lat!", st_x(origin::geometry) as "origin_lon!", origin_text,
                      st_y(destination::geometry) as "destination_lat!",
                      st_x(destination::geometry) as "destination_lon!", destination_text, departure_at, arrival_eta,
                      price_per_seat, currency, seats, auto_accept, luggage_policy, rules, comfort, t.status, t.version,
                      t.created_at
               from trips t join resources r on r.org_id = t.org_id and r.id = t.id where t.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}
pub(super) use trip_rows;

/// The trip with this id.
///
/// # Errors
/// [`Refusal::NotFound`], also when it was removed.
pub async fn find(tx: &mut Tx, id: ResourceId) -> Result<Trip> {
    read(tx, id, Removed::Hidden).await
}

/// The trip of a booking, even a removed one: money and history outlive it.
pub(crate) async fn of_booking(tx: &mut Tx, id: ResourceId) -> Result<Trip> {
    read(tx, id, Removed::Seen).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Removed {
    Hidden,
    Seen,
}

async fn read(tx: &mut Tx, id: ResourceId, removed: Removed) -> Result<Trip> {
    let org = tx.org()?;
    let row = trip_rows!("and t.id = $2 and ($3 or r.deleted_at is null)", org.0, id.0, removed == Removed::Seen)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}

/// Locks the trip against rival bookings and changes, then reads it. Whoever locks a trip and a booking locks the
/// trip first.
pub(crate) async fn lock(tx: &mut Tx, id: ResourceId) -> Result<Trip> {
    let org = tx.org()?;
    sqlx::query!("select id from resources where org_id = $1 and id = $2 for no key update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    find(tx, id).await
}

/// A driver's trips, newest departure first, with their total number.
///
/// # Errors
/// A fault when the database fails.
pub async fn mine(tx: &mut Tx, driver: UserId, offset: i64, limit: i64) -> Result<(Vec<Trip>, i64)> {
    let org = tx.org()?;
    let rows = trip_rows!(
        "and t.driver_user_id = $2 and r.deleted_at is null order by departure_at desc, t.id limit $3 offset $4",
        org.0,
        driver.0,
        limit,
        offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from trips t join resources r on r.org_id = t.org_id and r.id = t.id
           where t.org_id = $1 and t.driver_user_id = $2 and r.deleted_at is null"#,
        org.0,
        driver.0
    )
    .fetch_one(tx.conn())
    .await?;
    let trips = rows.into_iter().map(|row| Ok(Trip::try_from(row)?)).collect::<Result<Vec<_>>>()?;
    Ok((trips, total))
}

/// How a trip's seats stand. A hold whose deadline passed counts as free: deadlines are enforced by every reader.
///
/// # Errors
/// A fault when the database fails.
pub async fn seats(tx: &mut Tx, trip: &Trip) -> Result<Seats> {
    let (org, now) = (tx.org()?, tx.now());
    let row = sqlx::query!(
        r#"select coalesce(sum(quantity) filter (where status in ('confirmed', 'in_use', 'completed')), 0) as "sold!",
                  coalesce(sum(quantity) filter (where status in ('pending', 'approved') and hold_expires_at > $3), 0)
                      as "held!"
           from bookings where org_id = $1 and resource_id = $2"#,
        org.0,
        trip.id.0,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    let total = i64::from(trip.seats);
    Ok(Seats { total, held: row.held, sold: row.sold, available: (total - row.held - row.sold).max(0) })
}

/// Moves a locked trip to another status.
pub(crate) async fn set_status(tx: &mut Tx, trip: &Trip, status: &str) -> Result<Trip> {
    let org = tx.org()?;
    sqlx::query!(
        "update trips set status = $3, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        trip.id.0,
        status
    )
    .execute(tx.conn())
    .await?;
    let after = Trip { status: status.into(), version: trip.version + 1, ..trip.clone() };
    tx.record(crate::audit::Change::moved("trip", trip.id, trip, &after));
    Ok(after)
}
