//! The days to come of one resource (F4): when it is open, when something of it is free, and why not.

use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    inventory::{
        hours::{self, Opening, Schedule},
        units::Span,
    },
    localtime::{first_showing, wall},
    refusals::Refusal,
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sqlx::postgres::types::PgRange;
use std::collections::BTreeSet;
use uuid::Uuid;

/// How long a slot is that is counted.
const SLOT: TimeDelta = TimeDelta::minutes(60);

/// One day of a resource, on the clocks of its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Which day.
    pub date: NaiveDate,
    /// Whether anything of it is free for a while.
    pub available: bool,
    /// Why not: `maintenance`, `retired`, `no_units`, `closed`, `closure`, `fully_booked` or `over`.
    pub reason: Option<&'static str>,
    /// What people call the day, or what they should know of the closure.
    pub note: Option<String>,
    /// When it is open.
    pub opening_hours: Vec<Opening>,
    /// Whole hours from each opening on, to come, in which one unit is free throughout.
    pub free_slots: usize,
    /// When at least one unit is free, from now on.
    pub free: Vec<Span>,
}

/// A resource as its days need it.
pub(super) struct Place {
    pub status: String,
    pub zone: Tz,
    pub units: usize,
    pub schedule: Schedule,
}

/// What holds a unit for a while.
pub(super) struct Held {
    pub unit: Uuid,
    pub source: String,
    pub note: Option<String>,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// So many days of a resource, from a day on; from today when none is said.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn week(tx: &mut Tx, resource: ResourceId, from: Option<NaiveDate>, days: u32) -> Result<Vec<Day>> {
    let place = place(tx, resource).await?;
    let first = from.unwrap_or_else(|| wall(tx.now(), place.zone).date());
    let bounds: Vec<NaiveDate> = (0..=days).map(|n| first + Days::new(n.into())).collect();
    let midnight = |day: NaiveDate| first_showing(day.and_time(NaiveTime::MIN), place.zone);
    let whole = Span { start: midnight(bounds[0]), end: midnight(bounds[bounds.len() - 1]) };
    let held = held(tx, resource, whole).await?;
    let now = tx.now();
    let day = |two: &[NaiveDate]| {
        let span = Span { start: midnight(two[0]), end: midnight(two[1]) };
        let held: Vec<&Held> = held.iter().filter(|held| held.start < span.end && span.start < held.end).collect();
        one_day(two[0], span, &place, &held, now)
    };
    Ok(bounds.windows(2).map(day).collect())
}

fn one_day(date: NaiveDate, span: Span, place: &Place, held: &[&Held], now: DateTime<Utc>) -> Day {
    let open: Vec<Span> =
        place.schedule.open(place.zone, span).into_iter().filter_map(|open| cut(open, span)).collect();
    let left = |open: &Span| cut(*open, Span { start: now, end: span.end.max(now) });
    let edges = edges(held);
    let mut free: Vec<Span> = Vec::new();
    if place.status == "active" {
        free = open.iter().filter_map(left).flat_map(|open| gaps(open, &edges, place.units)).collect();
    }
    let slots = open.iter().flat_map(|open| slots(*open)).filter(|slot| slot.start >= now);
    let is_free = |slot: &Span| {
        let taken = held.iter().filter(|held| held.start < slot.end && slot.start < held.end).map(|held| held.unit);
        taken.collect::<BTreeSet<_>>().len() < place.units
    };
    let free_slots = if free.is_empty() { 0 } else { slots.filter(is_free).count() };
    let (reason, note) = if free.is_empty() { why(date, span, place, &open, held, now) } else { (None, None) };
    let opening_hours = place.schedule.on(date);
    Day { date, available: !free.is_empty(), reason, note, opening_hours, free_slots, free }
}

fn why(
    date: NaiveDate,
    span: Span,
    place: &Place,
    open: &[Span],
    held: &[&Held],
    now: DateTime<Utc>,
) -> (Option<&'static str>, Option<String>) {
    match place.status.as_str() {
        "maintenance" => return (Some("maintenance"), None),
        "retired" => return (Some("retired"), None),
        _ => {}
    }
    if place.units == 0 {
        return (Some("no_units"), None);
    }
    if open.is_empty() {
        return (Some("closed"), place.schedule.occasion(date).map(str::to_owned));
    }
    if span.end <= now || open.iter().all(|open| open.end <= now) {
        return (Some("over"), None);
    }
    match held.iter().find(|held| held.source == "closure") {
        Some(closure) if held.iter().all(|held| held.source == "closure") => (Some("closure"), closure.note.clone()),
        _ => (Some("fully_booked"), None),
    }
}

fn cut(of: Span, within: Span) -> Option<Span> {
    let span = Span { start: of.start.max(within.start), end: of.end.min(within.end) };
    (span.start < span.end).then_some(span)
}

/// How the number of held units goes up and down.
fn edges(held: &[&Held]) -> Vec<(DateTime<Utc>, i32)> {
    let mut edges: Vec<_> = held.iter().flat_map(|held| [(held.start, 1), (held.end, -1)]).collect();
    edges.sort_unstable();
    edges
}

/// When fewer units are held than there are.
fn gaps(open: Span, edges: &[(DateTime<Utc>, i32)], units: usize) -> Vec<Span> {
    let units = i32::try_from(units).unwrap_or(i32::MAX);
    let (mut free, mut held) = (Vec::new(), 0);
    let mut since = (units > 0).then_some(open.start);
    for (at, step) in edges.iter().take_while(|(at, _)| *at < open.end) {
        held += step;
        let at = (*at).max(open.start);
        if held < units {
            since = since.or(Some(at));
        } else if let Some(start) = since.take().filter(|start| *start < at) {
            free.push(Span { start, end: at });
        }
    }
    free.extend(since.map(|start| Span { start, end: open.end }));
    free
}

fn slots(open: Span) -> impl Iterator<Item = Span> {
    let first = Span { start: open.start, end: open.start + SLOT };
    std::iter::successors(Some(first), |last| Some(Span { start: last.end, end: last.end + SLOT }))
        .take_while(move |slot| slot.end <= open.end)
}

pub(super) async fn place(tx: &mut Tx, resource: ResourceId) -> Result<Place> {
    let org = tx.org()?;
    let row = sqlx::query!(
        r#"select r.status, coalesce(s.timezone, o.timezone) as "timezone!",
                  (select count(*) from units u where u.org_id = r.org_id and u.resource_id = r.id
                   and u.status = 'active' and u.deleted_at is null) as "units!"
           from resources r join organizations o on o.id = r.org_id
           left join sites s on s.org_id = r.org_id and s.id = r.site_id
           where r.org_id = $1 and r.id = $2 and r.owner_user_id is null and r.kind <> 'trip' and r.deleted_at is null"#,
        org.0,
        resource.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    let schedule = hours::of_resources(tx, &[resource]).await?.pop().unwrap_or_default();
    let zone = row.timezone.parse().map_err(|e| Fault::corrupt("sites.timezone", e))?;
    Ok(Place { status: row.status, zone, units: usize::try_from(row.units).unwrap_or_default(), schedule })
}

pub(super) async fn held(tx: &mut Tx, resource: ResourceId, span: Span) -> Result<Vec<Held>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_as!(
        Held,
        r#"select c.unit_id as unit, c.source, coalesce(k.reason, k.kind) as "note?", lower(c.during) as "start!",
                  upper(c.during) as "end!"
           from units u join claims c on c.org_id = u.org_id and c.unit_id = u.id and c.active and c.during && $3
           left join closures k on c.source = 'closure' and k.org_id = c.org_id and k.id = c.source_id
           where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
             and not claim_lapsed(c.org_id, c.source, c.source_id, $4)"#,
        org.0,
        resource.0,
        PgRange::from(span),
        now
    )
    .fetch_all(tx.conn())
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        NaiveDate::from_ymd_opt(2026, 11, 30).unwrap().and_hms_opt(hour, 0, 0).unwrap().and_utc()
    }

    fn span(from: u32, to: u32) -> Span {
        Span { start: at(from), end: at(to) }
    }

    fn held(unit: u128, from: u32, to: u32) -> Held {
        let (start, end) = (at(from), at(to));
        Held { unit: Uuid::from_u128(unit), source: "booking".into(), note: None, start, end }
    }

    #[test]
    fn something_is_free_while_fewer_are_held_than_there_are() {
        let all = [held(1, 7, 10), held(2, 9, 11), held(1, 10, 12), held(2, 14, 20)];
        let held: Vec<&Held> = all.iter().collect();
        assert_eq!(gaps(span(8, 18), &edges(&held), 2), [span(8, 9), span(11, 18)]);
        assert_eq!(gaps(span(8, 18), &edges(&held), 1), [span(12, 14)]);
        assert_eq!(gaps(span(8, 18), &edges(&[]), 1), [span(8, 18)]);
        assert_eq!(gaps(span(8, 18), &edges(&held), 0), []);
    }

    #[test]
    fn a_slot_needs_one_unit_throughout_and_the_past_is_over() {
        let place = Place { status: "active".into(), zone: Tz::UTC, units: 2, schedule: Schedule::default() };
        let all = [held(1, 0, 9), held(2, 8, 24 - 1)];
        let held: Vec<&Held> = all.iter().collect();
        let date = at(0).date_naive();
        let day = Span { start: at(0), end: at(0) + TimeDelta::days(1) };
        let whole = one_day(date, day, &place, &held, at(0));
        assert_eq!((whole.available, whole.free_slots, whole.reason), (true, 23, None));
        assert_eq!(whole.free, [span(0, 8), Span { start: at(9), end: day.end }]);
        assert_eq!(one_day(date, day, &place, &held, at(12)).free_slots, 12);
        assert_eq!(one_day(date, day, &place, &held, day.end).reason, Some("over"));
        let none = Place { units: 0, ..place };
        assert_eq!(one_day(date, day, &none, &held, at(0)).reason, Some("no_units"));
    }
}
