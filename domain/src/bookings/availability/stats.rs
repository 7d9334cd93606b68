//! How a resource is used (F5): what was booked, what is on, and how full the days to come are.

use super::week::{held, place};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    inventory::units::Span,
    localtime::{first_showing, wall},
};
use chrono::{Days, NaiveTime};

/// A resource in figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// Bookings ever made of it, drafts and wishes apart.
    pub total_bookings: i64,
    /// Of these, those that are on.
    pub active_bookings: i64,
    /// Of these, those to come.
    pub upcoming_bookings: i64,
    /// Percent of its open time that is booked, over 7 days from today on.
    pub occupancy_7_days: f64,
    /// Unit hours booked over 30 days from today on.
    pub booked_hours_30_days: f64,
    /// Minutes a booking takes, of those that were not given up; none when there are none.
    pub mean_minutes: Option<f64>,
}

/// The figures of a resource.
///
/// # Errors
/// [`crate::refusals::Refusal::NotFound`].
pub async fn stats(tx: &mut Tx, resource: ResourceId) -> Result<Stats> {
    let place = place(tx, resource).await?;
    let today = wall(tx.now(), place.zone).date();
    let after = |days| first_showing((today + Days::new(days)).and_time(NaiveTime::MIN), place.zone);
    let (org, now, start) = (tx.org()?, tx.now(), after(0));
    let row = sqlx::query!(
        r#"select count(*) filter (where b.status not in ('draft', 'waitlisted')) as "total!",
                  count(*) filter (where b.status in ('pending', 'approved', 'confirmed', 'in_use')
                                   and b.start_at <= $3 and b.end_at > $3) as "active!",
                  count(*) filter (where b.status in ('pending', 'approved', 'confirmed') and b.start_at > $3) as "upcoming!",
                  coalesce(sum(i.units * extract(epoch from least(b.end_at, $5) - greatest(b.start_at, $4)))
                           filter (where b.status in ('pending', 'approved', 'confirmed', 'in_use', 'completed')
                                   and b.start_at < $5 and b.end_at > $4), 0)::float8 / 3600 as "hours!",
                  (avg(extract(epoch from b.end_at - b.start_at))
                   filter (where b.status in ('pending', 'approved', 'confirmed', 'in_use', 'completed', 'no_show')))::float8
                  / 60 as mean
           from (select booking_id, count(*) as units from booking_items
                 where org_id = $1 and resource_id = $2 group by booking_id) i
           join bookings b on b.org_id = $1 and b.id = i.booking_id"#,
        org.0,
        resource.0,
        now,
        start,
        after(30)
    )
    .fetch_one(tx.conn())
    .await?;
    let week = Span { start, end: after(7) };
    let seconds = |span: Span| (span.end - span.start).num_seconds().max(0);
    let open: Vec<Span> = place.schedule.open(place.zone, week).into_iter().map(|open| overlap(open, week)).collect();
    let units = i64::try_from(place.units).unwrap_or(i64::MAX);
    let whole: i64 = open.iter().copied().map(seconds).sum::<i64>().saturating_mul(units);
    let mut booked = 0;
    for held in held(tx, resource, week).await?.iter().filter(|held| held.source == "booking") {
        let span = Span { start: held.start, end: held.end };
        booked += open.iter().map(|open| seconds(overlap(*open, span))).sum::<i64>();
    }
    Ok(Stats {
        total_bookings: row.total,
        active_bookings: row.active,
        upcoming_bookings: row.upcoming,
        occupancy_7_days: percent(booked, whole),
        booked_hours_30_days: tenths(row.hours),
        mean_minutes: row.mean.map(tenths),
    })
}

fn overlap(of: Span, within: Span) -> Span {
    Span { start: of.start.max(within.start), end: of.end.min(within.end) }
}

#[allow(clippy::cast_precision_loss, reason = "a week has few seconds")]
fn percent(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { tenths(part as f64 * 100.0 / whole as f64) }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
