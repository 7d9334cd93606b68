//! The keepers of a place say when it is open (SN12). What was booked before stays booked.

use super::{OpeningHours, find};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::*,
    inventory::{resources, sites},
    refusals::Refusal,
};
use uuid::Uuid;

/// What has hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A site: for all that stands on it.
    Site(SiteId),
    /// One resource.
    Resource(ResourceId),
}

impl Place {
    pub(in crate::inventory) fn ids(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Site(id) => (Some(id.0), None),
            Self::Resource(id) => (None, Some(id.0)),
        }
    }
}

/// Puts these hours in place of all a place had; without any it says nothing. Changing nothing leaves no trace.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Invalid`] naming the field.
pub async fn replace(tx: &mut Tx, place: Place, hours: OpeningHours) -> Result<OpeningHours> {
    let hours = hours.checked()?;
    let removed = match place {
        Place::Site(id) => sites::lock(tx, id).await?.deleted_at,
        Place::Resource(id) => resources::lock(tx, id).await?.deleted_at,
    };
    if removed.is_some() {
        return Err(Refusal::NotFound.into());
    }
    let before = find(tx, place).await?;
    if before == hours {
        return Ok(before);
    }
    let org = tx.org()?;
    let (site, resource) = place.ids();
    sqlx::query!(
        "delete from opening_hours where org_id = $1 and (site_id = $2 or resource_id = $3)",
        org.0,
        site,
        resource
    )
    .execute(tx.conn())
    .await?;
    insert(tx, place, &hours).await?;
    let owner: Uuid = site.or(resource).unwrap_or_default();
    tx.record(Change::updated("opening_hours", owner, &before, &hours));
    Ok(hours)
}

async fn insert(tx: &mut Tx, place: Place, hours: &OpeningHours) -> Result<()> {
    let org = tx.org()?;
    let (site, resource) = place.ids();
    let minutes = |opening: super::Opening| {
        let (opens, closes) = opening.minutes();
        (i16::try_from(opens).ok(), i16::try_from(closes).ok())
    };
    let week = hours.weekly.iter().map(|of| {
        let (opens, closes) = minutes(of.opening);
        (Some(of.weekday), None, opens, closes, of.valid_from, of.valid_to, None)
    });
    let days = hours.days.iter().flat_map(|day| {
        let intervals =
            if day.hours.is_empty() { vec![(None, None)] } else { day.hours.iter().copied().map(minutes).collect() };
        intervals.into_iter().map(|(opens, closes)| (None, Some(day.day), opens, closes, None, None, day.name.clone()))
    });
    let rows: Vec<_> = week.chain(days).collect();
    sqlx::query!(
        "insert into opening_hours (org_id, site_id, resource_id, weekday, day, opens, closes, valid_from, valid_to, name)
         select $1, $2, $3, h.weekday, h.day, h.opens, h.closes, h.valid_from, h.valid_to, h.name
         from unnest($4::smallint[], $5::date[], $6::smallint[], $7::smallint[], $8::date[], $9::date[], $10::text[])
              as h (weekday, day, opens, closes, valid_from, valid_to, name)",
        org.0,
        site,
        resource,
        &rows.iter().map(|row| row.0).collect::<Vec<_>>() as &[Option<i16>],
        &rows.iter().map(|row| row.1).collect::<Vec<_>>() as &[Option<chrono::NaiveDate>],
        &rows.iter().map(|row| row.2).collect::<Vec<_>>() as &[Option<i16>],
        &rows.iter().map(|row| row.3).collect::<Vec<_>>() as &[Option<i16>],
        &rows.iter().map(|row| row.4).collect::<Vec<_>>() as &[Option<chrono::NaiveDate>],
        &rows.iter().map(|row| row.5).collect::<Vec<_>>() as &[Option<chrono::NaiveDate>],
        &rows.iter().map(|row| row.6.clone()).collect::<Vec<_>>() as &[Option<String>]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
