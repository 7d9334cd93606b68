//! Where a trip passes and may pick up or drop off (I3, I7).

use super::{Place, Trip, lock};
use crate::{audit::Change, db::Tx, error::Result, ids::*, refusals::Refusal};
use serde::Serialize;

/// One stop, in the order of the journey.
#[derive(Debug, Clone, Serialize)]
pub struct Stop {
    /// Where, and what people call it.
    pub place: Place,
    /// Riders may get on.
    pub pickup_allowed: bool,
    /// Riders may get off.
    pub dropoff_allowed: bool,
}

/// Most stops a trip may have.
pub const MOST_STOPS: usize = 50;

/// Replaces all stops of a trip of `driver`.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::StateConflict`] once it left, [`Refusal::Invalid`].
pub async fn set_stops(tx: &mut Tx, driver: UserId, id: ResourceId, stops: Vec<Stop>) -> Result<Vec<Stop>> {
    let trip: Trip = lock(tx, id).await?;
    if trip.driver != driver {
        return Err(Refusal::NotFound.into());
    }
    if !["draft", "published"].contains(&trip.status.as_str()) {
        return Err(Refusal::StateConflict { status: trip.status }.into());
    }
    if stops.len() > MOST_STOPS {
        return Err(Refusal::invalid("stops", format!("at most {MOST_STOPS}")).into());
    }
    for (position, stop) in stops.iter().enumerate() {
        stop.place.check(&format!("stops[{position}]"))?;
    }
    let before = list_stops(tx, id).await?;
    let org = tx.org()?;
    sqlx::query!("delete from trip_stops where org_id = $1 and trip_id = $2", org.0, id.0).execute(tx.conn()).await?;
    sqlx::query!(
        "insert into trip_stops (org_id, trip_id, position, point, label, pickup_allowed, dropoff_allowed)
         select $1, $2, stop.position, st_point(stop.lon, stop.lat, 4326)::geography, stop.label, stop.pickup, stop.dropoff
         from unnest($3::float8[], $4::float8[], $5::text[], $6::boolean[], $7::boolean[])
              with ordinality as stop (lat, lon, label, pickup, dropoff, position)",
        org.0,
        id.0,
        &stops.iter().map(|s| s.place.lat).collect::<Vec<_>>(),
        &stops.iter().map(|s| s.place.lon).collect::<Vec<_>>(),
        &stops.iter().map(|s| s.place.text.clone()).collect::<Vec<_>>(),
        &stops.iter().map(|s| s.pickup_allowed).collect::<Vec<_>>(),
        &stops.iter().map(|s| s.dropoff_allowed).collect::<Vec<_>>()
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::updated("trip_stops", id, &before, &stops));
    Ok(stops)
}

/// The stops of a trip, in order.
///
/// # Errors
/// A fault when the database fails.
pub async fn list_stops(tx: &mut Tx, id: ResourceId) -> Result<Vec<Stop>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select st_y(point::geometry) as "lat!", st_x(point::geometry) as "lon!", label, pickup_allowed, dropoff_allowed
           from trip_stops where org_id = $1 and trip_id = $2 order by position"#,
        org.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Stop {
            place: Place { lat: row.lat, lon: row.lon, text: row.label },
            pickup_allowed: row.pickup_allowed,
            dropoff_allowed: row.dropoff_allowed,
        })
        .collect())
}
