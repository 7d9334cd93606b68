//! A driver makes a trip, as a draft (I4).

use super::{Place, Trip, find};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::*,
    inventory::{units, vehicles},
    money::Money,
    organizations,
    refusals::Refusal,
};
use chrono::{DateTime, TimeDelta, Utc};

/// What a driver offers.
#[derive(Debug, Clone)]
pub struct NewTrip {
    /// Who drives.
    pub driver: UserId,
    /// With which of the own vehicles.
    pub vehicle: Option<ResourceId>,
    /// From where.
    pub origin: Place,
    /// To where.
    pub destination: Place,
    /// When it leaves: in the future, at most a year ahead.
    pub departure_at: DateTime<Utc>,
    /// When it should arrive; estimated from the distance when unknown.
    pub arrival_eta: Option<DateTime<Utc>>,
    /// For one seat, in minor units of the organization's currency.
    pub price_per_seat: i64,
    /// 1 to 60, and not more than the vehicle has beside the driver's.
    pub seats: i32,
    /// Accept bookings without asking.
    pub auto_accept: bool,
    /// What may be brought.
    pub luggage_policy: Option<String>,
    /// House rules.
    pub rules: Option<String>,
}

/// Makes a draft; [`super::publish`] offers it.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::DeparturePassed`], [`Refusal::NotFound`] for a vehicle that is
/// not the driver's.
pub async fn create(tx: &mut Tx, new: NewTrip) -> Result<Trip> {
    let organization = organizations::load(tx).await?;
    new.origin.check("origin")?;
    new.destination.check("destination")?;
    check_seats(new.seats)?;
    check_text("luggage_policy", new.luggage_policy.as_deref(), 500)?;
    check_text("rules", new.rules.as_deref(), 1_000)?;
    check_departure(tx.now(), new.departure_at)?;
    let arrival = arrival(&new)?;
    let price = Money::asked(new.price_per_seat, organization.currency)?;
    let comfort = comfort_of_vehicle(tx, &new).await?;
    let id = insert(tx, &new, arrival, price, comfort.as_deref()).await?;
    units::add(tx, id, 0, new.seats).await?;
    let trip = find(tx, id).await?;
    tx.record(Change::created("trip", id, &trip));
    Ok(trip)
}

async fn insert(
    tx: &mut Tx,
    new: &NewTrip,
    arrival: DateTime<Utc>,
    price: Money,
    comfort: Option<&str>,
) -> Result<ResourceId> {
    let (org, id) = (tx.org()?, ResourceId::new());
    let name: String = format!("{} → {}", new.origin.text, new.destination.text).chars().take(200).collect();
    sqlx::query!(
        "insert into resources (org_id, id, kind, owner_user_id, name) values ($1, $2, 'trip', $3, $4)",
        org.0,
        id.0,
        new.driver.0,
        name
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into trips (org_id, id, driver_user_id, vehicle_id, origin, origin_text, destination, destination_text,
                            departure_at, arrival_eta, price_per_seat, currency, seats, auto_accept, luggage_policy,
                            rules, comfort)
         values ($1, $2, $3, $4, st_point($5, $6, 4326)::geography, $7, st_point($8, $9, 4326)::geography, $10,
                 $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        org.0,
        id.0,
        new.driver.0,
        new.vehicle.map(|v| v.0),
        new.origin.lon,
        new.origin.lat,
        new.origin.text,
        new.destination.lon,
        new.destination.lat,
        new.destination.text,
        new.departure_at,
        arrival,
        price.amount,
        price.currency.code(),
        new.seats,
        new.auto_accept,
        new.luggage_policy,
        new.rules,
        comfort
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

async fn comfort_of_vehicle(tx: &mut Tx, new: &NewTrip) -> Result<Option<String>> {
    let Some(vehicle) = new.vehicle else { return Ok(None) };
    let vehicle = vehicles::find(tx, new.driver, vehicle).await?;
    vehicle.must_seat(new.seats)?;
    Ok(Some(vehicle.facts.comfort_level))
}

/// The arrival as told, or an estimate: the road is some 1.3 times the straight line, at 60 km/h.
fn arrival(new: &NewTrip) -> Result<DateTime<Utc>> {
    let Some(told) = new.arrival_eta else {
        #[allow(clippy::cast_possible_truncation)] // at most half the globe: some 26 000 minutes
        let minutes = (new.origin.kilometres_to(&new.destination) * 1.3).ceil() as i64;
        return Ok(new.departure_at + TimeDelta::minutes(minutes.max(15)));
    };
    if told <= new.departure_at || told > new.departure_at + TimeDelta::days(3) {
        return Err(Refusal::invalid("arrival_eta", "must be after the departure, by at most three days").into());
    }
    Ok(told)
}

pub(super) fn check_departure(now: DateTime<Utc>, departure_at: DateTime<Utc>) -> Result<()> {
    if departure_at <= now {
        return Err(Refusal::DeparturePassed { departure_at }.into());
    }
    if departure_at > now + TimeDelta::days(365) {
        return Err(Refusal::invalid("departure_time", "must be within a year").into());
    }
    Ok(())
}

pub(super) fn check_seats(seats: i32) -> Result<()> {
    if !(1..=60).contains(&seats) {
        return Err(Refusal::invalid("seats_available", "must be between 1 and 60").into());
    }
    Ok(())
}

pub(super) fn check_text(field: &str, text: Option<&str>, most: usize) -> Result<()> {
    if text.is_some_and(|text| text.chars().count() > most || text.contains('\0')) {
        return Err(Refusal::invalid(field, format!("must have at most {most} characters")).into());
    }
    Ok(())
}
