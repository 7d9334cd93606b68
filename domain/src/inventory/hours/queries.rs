//! Reads of opening hours: as their keepers wrote them, and as they are in force for a thing or for all.

use super::{Opening, OpeningHours, Place, Schedule, SpecialDay, Weekly};
use crate::{db::Tx, error::Result, ids::*, policies::TimeOfDay};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Whose hours they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// Of every resource of a site.
    Site(Uuid),
    /// Of one resource.
    Resource(Uuid),
}

struct Row {
    owner: Uuid,
    of_site: bool,
    weekday: Option<i16>,
    day: Option<NaiveDate>,
    opens: Option<i16>,
    closes: Option<i16>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    name: Option<String>,
}

/// The hours of each owner, and whether it has a week at all: a season may be over.
#[derive(Debug, Default)]
pub(crate) struct AllHours {
    hours: BTreeMap<Owner, OpeningHours>,
    weeks: BTreeSet<Owner>,
}

impl AllHours {
    fn of(rows: Vec<Row>) -> Self {
        let mut all = Self::default();
        for row in rows {
            let owner = if row.of_site { Owner::Site(row.owner) } else { Owner::Resource(row.owner) };
            let hours = all.hours.entry(owner).or_default();
            let opening = row.opens.zip(row.closes).map(|(opens, closes)| opening(opens, closes));
            match (row.weekday, row.day, opening) {
                (Some(weekday), _, Some(opening)) => {
                    all.weeks.insert(owner);
                    let (valid_from, valid_to) = (row.valid_from, row.valid_to);
                    hours.weekly.push(Weekly { weekday, opening, valid_from, valid_to });
                }
                (_, Some(day), opening) => match hours.days.last_mut().filter(|last| last.day == day) {
                    Some(last) => last.hours.extend(opening),
                    None => hours.days.push(SpecialDay { day, name: row.name, hours: opening.into_iter().collect() }),
                },
                _ => {}
            }
        }
        all
    }

    /// What is in force for a resource on a site.
    pub(crate) fn schedule(&self, resource: Option<Uuid>, site: Option<Uuid>) -> Schedule {
        let said = |owner: Option<Owner>| {
            let Some((owner, hours)) = owner.and_then(|owner| self.hours.get_key_value(&owner)) else {
                return (None, Vec::new());
            };
            (self.weeks.contains(owner).then(|| hours.weekly.clone()), hours.days.clone())
        };
        Schedule::of(said(site.map(Owner::Site)), said(resource.map(Owner::Resource)))
    }
}

fn opening(opens: i16, closes: i16) -> Opening {
    let time = |minutes: i16| {
        let minutes = u16::try_from(minutes).unwrap_or_default();
        TimeOfDay::of(minutes / 60, minutes % 60).unwrap_or(TimeOfDay::MIDNIGHT)
    };
    // `24:00` is the end of its day; what ends later ends on the next
    Opening { opens: time(opens), closes: time(if closes > 1_440 { closes - 1_440 } else { closes }) }
}

/// What a place says about itself, in order; empty where it says nothing.
///
/// # Errors
/// A fault when the database fails.
pub async fn find(tx: &mut Tx, place: Place) -> Result<OpeningHours> {
    let org = tx.org()?;
    let (site, resource) = place.ids();
    let rows = sqlx::query_as!(
        Row,
        r#"select coalesce(site_id, resource_id) as "owner!", site_id is not null as "of_site!", weekday, day, opens, closes,
                  valid_from, valid_to, name
           from opening_hours where org_id = $1 and (site_id = $2 or resource_id = $3)
           order by weekday, day, opens, valid_from"#,
        org.0,
        site,
        resource
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(AllHours::of(rows).hours.into_values().next().unwrap_or_default())
}

/// The schedules of these resources, in their order.
pub(crate) async fn of_resources(tx: &mut Tx, ids: &[ResourceId]) -> Result<Vec<Schedule>> {
    let org = tx.org()?;
    let wanted: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"with thing as materialized (select id, site_id from resources where org_id = $1 and id = any($2))
           select coalesce(h.site_id, h.resource_id) as "owner!", h.site_id is not null as "of_site!", h.weekday, h.day,
                  h.opens, h.closes, h.valid_from, h.valid_to, h.name
           from opening_hours h
           where h.org_id = $1 and (h.resource_id in (select id from thing) or h.site_id in (select site_id from thing))
           order by h.weekday, h.day, h.opens"#,
        org.0,
        &wanted
    )
    .fetch_all(tx.conn())
    .await?;
    if rows.is_empty() {
        return Ok(vec![Schedule::default(); ids.len()]);
    }
    let all = AllHours::of(rows);
    let sites = sqlx::query!("select id, site_id from resources where org_id = $1 and id = any($2)", org.0, &wanted)
        .fetch_all(tx.conn())
        .await?;
    let site = |id: Uuid| sites.iter().find(|row| row.id == id).and_then(|row| row.site_id);
    Ok(wanted.into_iter().map(|id| all.schedule(Some(id), site(id))).collect())
}

/// Everybody's hours as far as they matter between two days: for a search over everything.
pub(crate) async fn on_days(tx: &mut Tx, from: NaiveDate, to: NaiveDate) -> Result<AllHours> {
    let org = tx.org()?;
    let days = (to - from).num_days().clamp(0, 6) + 2; // the night before may reach into the first
    let first = from - Days::new(1);
    let weekdays: Vec<i16> = first
        .iter_days()
        .take(usize::try_from(days).unwrap_or(7).min(7))
        .map(|day| i16::try_from(day.weekday().number_from_monday()).unwrap_or_default())
        .collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select coalesce(site_id, resource_id) as "owner!", site_id is not null as "of_site!", weekday, day, opens, closes,
                  valid_from, valid_to, name
           from opening_hours where org_id = $1 and (weekday = any($2) or day between $3 and $4)
           order by weekday, day, opens"#,
        org.0,
        &weekdays,
        first,
        to
    )
    .fetch_all(tx.conn())
    .await?;
    let mut all = AllHours::of(rows);
    let weeks = sqlx::query!(
        r#"select distinct coalesce(site_id, resource_id) as "owner!", site_id is not null as "of_site!"
           from opening_hours where org_id = $1 and weekday is not null"#,
        org.0
    )
    .fetch_all(tx.conn())
    .await?;
    for row in weeks {
        let owner = if row.of_site { Owner::Site(row.owner) } else { Owner::Resource(row.owner) };
        all.hours.entry(owner).or_default();
        all.weeks.insert(owner);
    }
    Ok(all)
}
