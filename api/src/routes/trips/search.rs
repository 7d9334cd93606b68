//! `GET /trips/search` (I8, I9, CX4): open to everybody.

use super::{view::Trip, visitor::Visitor};
use crate::{
    App,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{
    localtime,
    money::LARGEST_AMOUNT,
    organizations,
    paging::{Listed, Page},
    refusals::Refusal,
    trips::{self, Search},
};
use serde::Serialize;
use std::{fmt::Display, str::FromStr};
use utoipa::{IntoParams, ToSchema};

/// A trip that fits a wish.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundTrip {
    /// The trip.
    #[serde(flatten)]
    trip: Trip,
    /// Metres between its origin and the one wished for.
    #[schema(example = 850)]
    origin_distance_m: i64,
    /// Metres between its destination and the one wished for.
    #[schema(example = 1200)]
    destination_distance_m: i64,
}

/// A wish, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
struct Wish {
    /// Latitude and longitude to leave from.
    #[param(example = "5.3575,-4.0083")]
    from: String,
    /// Latitude and longitude to go to.
    #[param(example = "6.8276,-5.2893")]
    to: String,
    /// The day of departure in the organization's zone; every coming day unless told.
    date: Option<NaiveDate>,
    /// The first day; instead of `date`.
    date_gte: Option<NaiveDate>,
    /// The last day; instead of `date`.
    date_lte: Option<NaiveDate>,
    /// How far both ends may be, in kilometres; the organization's default unless told.
    #[param(minimum = 0.1, maximum = 200)]
    radius_km: Option<f64>,
    /// Lowest price of a seat, in minor units.
    #[param(minimum = 0)]
    price_min: Option<i64>,
    /// Highest price of a seat, in minor units.
    #[param(minimum = 0)]
    price_max: Option<i64>,
    /// At least this many free seats; `seats` means the same.
    #[param(minimum = 1, maximum = 60, example = 1)]
    seats_gte: Option<i32>,
    /// `basic`, `standard` or `comfort`.
    comfort: Option<String>,
    /// The driver's mean of stars at least this.
    #[param(minimum = 0, maximum = 5)]
    driver_rating_gte: Option<f64>,
}

/// Find trips
///
/// Published trips near both ends, soonest departure first.
#[utoipa::path(get, path = "/trips/search", tag = "trips", security((), ("bearer" = [])), params(Wish, Paging),
    responses((status = 200, body = List<FoundTrip>)))]
pub async fn search(State(app): State<App>, visitor: Visitor, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    let mut tx = visitor.begin(&app).await?;
    let zone = organizations::load(&mut tx).await?.timezone;
    let wish = read(&mut asked, page, zone, tx.now())?;
    asked.end()?;
    let (found, total) = trips::search(&mut tx, wish).await?;
    let items = found.into_iter().map(|found| FoundTrip::new(found, zone)).collect();
    Ok(Reply::list(page, Listed { items, total }))
}

fn read(asked: &mut Asked, page: Page, zone: Tz, now: DateTime<Utc>) -> Result<Search, Refusal> {
    let (leaving_from, leaving_before) = days(asked, zone, now)?;
    let (seats_gte, seats) = (whole(asked, "seats_gte", 1, 60)?, whole(asked, "seats", 1, 60)?);
    if seats_gte.is_some() && seats.is_some() {
        return Err(Refusal::invalid("seats", "means the same as seats_gte: give one of them"));
    }
    let rating = asked.value::<f64>("driver_rating_gte", "a number from 0 to 5")?;
    if rating.is_some_and(|rating| !(0.0..=5.0).contains(&rating)) {
        return Err(Refusal::invalid("driver_rating_gte", "expected a number from 0 to 5"));
    }
    Ok(Search {
        from: point(asked, "from")?,
        to: point(asked, "to")?,
        leaving_from,
        leaving_before,
        radius_km: asked.value("radius_km", "a number")?,
        price_min: whole(asked, "price_min", 0, LARGEST_AMOUNT)?,
        price_max: whole(asked, "price_max", 0, LARGEST_AMOUNT)?,
        seats: seats_gte.or(seats).unwrap_or(1),
        comfort: comfort(asked)?,
        driver_rating: rating,
        offset: page.offset,
        limit: page.limit,
    })
}

fn comfort(asked: &mut Asked) -> Result<Option<String>, Refusal> {
    let mut words = asked.words("comfort", &["basic", "standard", "comfort"])?;
    match words.len() {
        0 | 1 => Ok(words.pop()),
        _ => Err(Refusal::invalid("comfort", "give one of them")),
    }
}

fn whole<N>(asked: &mut Asked, name: &'static str, least: N, most: N) -> Result<Option<N>, Refusal>
where
    N: Copy + FromStr + Display + PartialOrd,
{
    let expected = format!("a whole number from {least} to {most}");
    match asked.value::<N>(name, &expected)? {
        Some(number) if number < least || number > most => Err(Refusal::invalid(name, format!("expected {expected}"))),
        number => Ok(number),
    }
}

fn point(asked: &mut Asked, name: &'static str) -> Result<(f64, f64), Refusal> {
    let text = asked.text(name).unwrap_or_default();
    let point = text.split_once(',').and_then(|(lat, lon)| Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?)));
    point.ok_or_else(|| Refusal::invalid(name, "expected latitude and longitude, such as 5.3575,-4.0083"))
}

/// From the first instant of the first day to the first instant after the last one.
fn days(asked: &mut Asked, zone: Tz, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), Refusal> {
    let (date, first, last) = (day(asked, "date")?, day(asked, "date_gte")?, day(asked, "date_lte")?);
    if date.is_some() && (first.is_some() || last.is_some()) {
        return Err(Refusal::invalid("date", "give a date, or date_gte and date_lte, not both"));
    }
    let from = date.or(first).map_or(now, |day| start_of(day, zone));
    let before = match date.or(last) {
        Some(day) => start_of(day + Days::new(1), zone),
        // nothing is published further ahead
        None => now + TimeDelta::days(366),
    };
    Ok((from, before))
}

fn day(asked: &mut Asked, name: &'static str) -> Result<Option<NaiveDate>, Refusal> {
    let day = asked.value::<NaiveDate>(name, "a day such as 2027-03-01")?;
    match day {
        Some(day) if !(2000..=2200).contains(&day.year()) => Err(Refusal::invalid(name, "is out of reach")),
        day => Ok(day),
    }
}

/// The first instant of a day. Where the clocks jump over midnight, the day starts later.
fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    localtime::first_showing(day.and_time(NaiveTime::MIN), zone)
}

impl FoundTrip {
    #[allow(clippy::cast_possible_truncation)] // at most half the globe
    fn new(found: trips::Found, zone: Tz) -> Self {
        Self {
            trip: Trip::new(found.trip, found.seats, zone),
            origin_distance_m: found.origin_distance_m.round() as i64,
            destination_distance_m: found.destination_distance_m.round() as i64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_starts_where_its_people_are() {
        let start = |day: &str, zone| start_of(day.parse().unwrap(), zone).to_rfc3339();
        assert_eq!(start("2027-03-01", Tz::Africa__Abidjan), "2027-03-01T00:00:00+00:00");
        assert_eq!(start("2027-03-01", Tz::Africa__Lagos), "2027-02-28T23:00:00+00:00");
        // Beirut jumps from midnight to one o'clock
        assert_eq!(start("2027-03-28", Tz::Asia__Beirut), "2027-03-27T22:00:00+00:00");
    }
}
