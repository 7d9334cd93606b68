//! A driver corrects a trip (I5). What riders agreed to does not move under them: the time is fixed once somebody
//! holds a seat, and a new price is for new bookings.

use super::{
    Trip,
    create::{check_departure, check_seats, check_text},
    lock,
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    inventory::{units, vehicles},
    money::Money,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};

/// What shall change; absent fields stay (CX13).
#[derive(Debug, Clone, Default)]
pub struct TripPatch {
    /// New departure; the length of the journey stays.
    pub departure_at: Option<DateTime<Utc>>,
    /// New price of a seat, for new bookings.
    pub price_per_seat: Option<i64>,
    /// New number of seats.
    pub seats: Option<i32>,
    /// Accept bookings without asking.
    pub auto_accept: Option<bool>,
    /// What may be brought.
    pub luggage_policy: Option<String>,
    /// House rules.
    pub rules: Option<String>,
}

/// Changes a trip of `driver` that nobody changed since version `seen`.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::VersionMismatch`], [`Refusal::StateConflict`] once it left or when seats are held
/// and the time would move, [`Refusal::NotEnoughFree`] when held seats would vanish, [`Refusal::TripOverlap`].
pub async fn update(tx: &mut Tx, driver: UserId, id: ResourceId, seen: i32, patch: TripPatch) -> Result<Trip> {
    let trip = lock(tx, id).await?;
    if trip.driver != driver {
        return Err(Refusal::NotFound.into());
    }
    if trip.version != seen {
        return Err(Refusal::VersionMismatch { current: trip.version }.into());
    }
    if !["draft", "published"].contains(&trip.status.as_str()) {
        return Err(Refusal::StateConflict { status: trip.status }.into());
    }
    check_text("luggage_policy", patch.luggage_policy.as_deref(), 500)?;
    check_text("rules", patch.rules.as_deref(), 1_000)?;
    let after = merge(tx, &trip, patch).await?;
    resize(tx, &trip, after.seats).await?;
    store(tx, &after).await?;
    tx.record(Change::updated("trip", id, &trip, &after));
    Ok(after)
}

async fn merge(tx: &mut Tx, trip: &Trip, patch: TripPatch) -> Result<Trip> {
    let mut after = Trip { version: trip.version + 1, ..trip.clone() };
    if let Some(departure_at) = patch.departure_at.filter(|at| *at != trip.departure_at) {
        check_departure(tx.now(), departure_at)?;
        if anybody_on_board(tx, trip.id).await? {
            return Err(Refusal::StateConflict { status: "booked".into() }.into());
        }
        after.arrival_eta = departure_at + (trip.arrival_eta - trip.departure_at);
        after.departure_at = departure_at;
        if trip.status == "published" && trip.vehicle.is_some() {
            move_vehicle(tx, &after).await?;
        }
    }
    if let Some(amount) = patch.price_per_seat {
        after.price_per_seat = Money::asked(amount, trip.price_per_seat.currency)?;
    }
    if let Some(seats) = patch.seats {
        check_seats(seats)?;
        if let Some(vehicle) = trip.vehicle.filter(|_| seats > trip.seats) {
            vehicles::find(tx, trip.driver, vehicle).await?.must_seat(seats)?;
        }
        after.seats = seats;
    }
    after.auto_accept = patch.auto_accept.unwrap_or(trip.auto_accept);
    after.luggage_policy = patch.luggage_policy.or_else(|| trip.luggage_policy.clone());
    after.rules = patch.rules.or_else(|| trip.rules.clone());
    Ok(after)
}

async fn anybody_on_board(tx: &mut Tx, trip: ResourceId) -> Result<bool> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select from bookings where org_id = $1 and resource_id = $2
                          and status in ('pending', 'approved', 'confirmed', 'in_use')) as "held!""#,
        org.0,
        trip.0
    )
    .fetch_one(tx.conn())
    .await?)
}

async fn move_vehicle(tx: &mut Tx, trip: &Trip) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update claims set during = tstzrange($3, $4) where org_id = $1 and source_id = $2 and source = 'trip' and active",
        org.0,
        trip.id.0,
        trip.departure_at,
        trip.arrival_eta
    )
    .execute(tx.conn())
    .await
    .refuse_on("claims_no_overlap", Refusal::TripOverlap)?;
    Ok(())
}

/// Adds seats, or retires free ones from the end.
async fn resize(tx: &mut Tx, trip: &Trip, seats: i32) -> Result<()> {
    if seats >= trip.seats {
        let highest = highest_label(tx, trip.id).await?;
        return units::add(tx, trip.id, highest, seats - trip.seats).await;
    }
    let surplus = usize::try_from(trip.seats - seats).unwrap_or_default();
    let free = units::free(tx, trip.id, trip.span()).await?;
    if free.len() < surplus {
        let available = i64::try_from(free.len()).unwrap_or(i64::MAX);
        return Err(Refusal::NotEnoughFree { available, requested: i64::from(trip.seats - seats) }.into());
    }
    let going: Vec<uuid::Uuid> = free.iter().rev().take(surplus).map(|unit| unit.id.into()).collect();
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update units set status = 'retired', deleted_at = $3 where org_id = $1 and id = any($2)",
        org.0,
        &going,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Labels are never used twice, so that history stays readable (CX56).
async fn highest_label(tx: &mut Tx, trip: ResourceId) -> Result<i32> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select coalesce(max(label::int), 0) as "n!" from units where org_id = $1 and resource_id = $2"#,
        org.0,
        trip.0
    )
    .fetch_one(tx.conn())
    .await?)
}

async fn store(tx: &mut Tx, trip: &Trip) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update trips set departure_at = $3, arrival_eta = $4, price_per_seat = $5, seats = $6, auto_accept = $7,
                          luggage_policy = $8, rules = $9, version = $10
         where org_id = $1 and id = $2",
        org.0,
        trip.id.0,
        trip.departure_at,
        trip.arrival_eta,
        trip.price_per_seat.amount,
        trip.seats,
        trip.auto_accept,
        trip.luggage_policy,
        trip.rules,
        trip.version
    )
    .execute(tx.conn())
    .await
    .refuse_on("trips_driver_no_overlap", Refusal::TripOverlap)?;
    Ok(())
}
