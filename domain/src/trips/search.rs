//! Public search: published trips near both ends of a wish, soonest first (I8, I9). The spatial index narrows by
//! radius; seats are counted as they stand, holds whose deadline passed counting as free.

use super::{
    Seats, Trip,
    place::check_point,
    queries::{self, trip_rows},
};
use crate::{db::Tx, error::Result, ids::ResourceId, organizations, refusals::Refusal};
use chrono::{DateTime, Utc};

/// A wish.
#[derive(Debug, Clone)]
pub struct Search {
    /// Latitude and longitude of the departure.
    pub from: (f64, f64),
    /// Latitude and longitude of the arrival.
    pub to: (f64, f64),
    /// Leaving not before; the past is never searched.
    pub leaving_from: DateTime<Utc>,
    /// Leaving before.
    pub leaving_before: DateTime<Utc>,
    /// How far the ends may be, in kilometres; the organization's default when unset.
    pub radius_km: Option<f64>,
    /// Lowest price of a seat.
    pub price_min: Option<i64>,
    /// Highest price of a seat.
    pub price_max: Option<i64>,
    /// At least this many free seats.
    pub seats: i32,
    /// `basic`, `standard` or `comfort`.
    pub comfort: Option<String>,
    /// The driver's average stars at least this.
    pub driver_rating: Option<f64>,
    /// Rows to skip.
    pub offset: i64,
    /// Rows to give.
    pub limit: i64,
}

/// A trip that fits.
#[derive(Debug, Clone)]
pub struct Found {
    /// The trip.
    pub trip: Trip,
    /// How its seats stand.
    pub seats: Seats,
    /// How far its origin is from the wish, in metres.
    pub origin_distance_m: f64,
    /// How far its destination is from the wish, in metres.
    pub destination_distance_m: f64,
}

/// Widest radius one may ask for.
pub const WIDEST_RADIUS_KM: f64 = 200.0;

/// Finds trips, soonest departure first, with the number of all that fit.
///
/// # Errors
/// [`Refusal::Invalid`] for a point off the globe or a radius out of bounds.
pub async fn search(tx: &mut Tx, wish: Search) -> Result<(Vec<Found>, i64)> {
    check_point(wish.from.0, wish.from.1, "from")?;
    check_point(wish.to.0, wish.to.1, "to")?;
    let default = f64::from(organizations::load(tx).await?.settings.search_radius_km);
    let radius_km = wish.radius_km.unwrap_or(default);
    if !(0.1..=WIDEST_RADIUS_KM.max(default)).contains(&radius_km) {
        return Err(Refusal::invalid("radius_km", format!("must be between 0.1 and {WIDEST_RADIUS_KM}")).into());
    }
    let hits = hits(tx, &wish, radius_km * 1_000.0).await?;
    let total = hits.first().map_or(0, |hit| hit.total);
    let mut found = Vec::with_capacity(hits.len());
    let mut trips = load(tx, hits.iter().map(|hit| hit.id).collect()).await?;
    for hit in hits {
        let Some(place) = trips.iter().position(|trip| trip.id.0 == hit.id) else { continue };
        let trip = trips.swap_remove(place);
        let total = i64::from(trip.seats);
        let seats = Seats { total, held: hit.held, sold: hit.sold, available: total - hit.held - hit.sold };
        found.push(Found { trip, seats, origin_distance_m: hit.origin_m, destination_distance_m: hit.destination_m });
    }
    Ok((found, total))
}

struct Hit {
    id: uuid::Uuid,
    held: i64,
    sold: i64,
    origin_m: f64,
    destination_m: f64,
    total: i64,
}

async fn hits(tx: &mut Tx, wish: &Search, radius_m: f64) -> Result<Vec<Hit>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_as!(
        Hit,
        r#"select t.id as "id!", s.held as "held!", s.sold as "sold!",
                  st_distance(t.origin, st_point($2, $3, 4326)::geography) as "origin_m!",
                  st_distance(t.destination, st_point($4, $5, 4326)::geography) as "destination_m!",
                  count(*) over () as "total!"
           from trips t
           join users d on d.id = t.driver_user_id
           cross join lateral (
               select coalesce(sum(quantity) filter (where b.status in ('confirmed', 'in_use', 'completed')), 0)::bigint as sold,
                      coalesce(sum(quantity) filter (where b.status in ('pending', 'approved')
                                                       and b.hold_expires_at > $6), 0)::bigint as held
               from bookings b where b.org_id = t.org_id and b.resource_id = t.id) s
           where t.org_id = $1 and t.status = 'published'
             and t.departure_at >= greatest($7, $6) and t.departure_at < $8
             and st_dwithin(t.origin, st_point($2, $3, 4326)::geography, $9)
             and st_dwithin(t.destination, st_point($4, $5, 4326)::geography, $9)
             and t.price_per_seat between coalesce($10::bigint, 0) and coalesce($11::bigint, 9223372036854775807)
             and ($12::text is null or t.comfort = $12)
             and ($13::float8 is null or (d.rating_count > 0 and d.rating_sum::float8 / d.rating_count >= $13))
             and t.seats - s.held - s.sold >= $14
           order by t.departure_at, t.id limit $15 offset $16"#,
        org.0,
        wish.from.1,
        wish.from.0,
        wish.to.1,
        wish.to.0,
        now,
        wish.leaving_from,
        wish.leaving_before,
        radius_m,
        wish.price_min,
        wish.price_max,
        wish.comfort,
        wish.driver_rating,
        i64::from(wish.seats),
        wish.limit,
        wish.offset
    )
    .fetch_all(tx.conn())
    .await?)
}

async fn load(tx: &mut Tx, ids: Vec<uuid::Uuid>) -> Result<Vec<Trip>> {
    let org = tx.org()?;
    let rows = trip_rows!("and t.id = any($2)", org.0, &ids).fetch_all(tx.conn()).await?;
    rows.into_iter().map(|row| Ok(Trip::try_from(row)?)).collect()
}

/// How the seats of one trip stand, for its page.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn with_seats(tx: &mut Tx, id: ResourceId) -> Result<(Trip, Seats)> {
    let trip = queries::find(tx, id).await?;
    let seats = queries::seats(tx, &trip).await?;
    Ok((trip, seats))
}
