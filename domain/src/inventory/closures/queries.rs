//! Reads of closures.

use super::{ClosureKind, Place, Repeat, occurrences::occurrences};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    inventory::{hours, units::Span},
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use uuid::Uuid;

/// A time in which something is closed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Closure {
    /// Its id.
    pub id: ClosureId,
    /// What is closed.
    pub place: Place,
    /// Why.
    pub kind: ClosureKind,
    /// What people should know.
    pub reason: Option<String>,
    /// First instant, of the first time.
    pub start_at: DateTime<Utc>,
    /// First instant after.
    pub end_at: DateTime<Utc>,
    /// The clocks it is meant on.
    pub timezone: Tz,
    /// The same on these clocks.
    pub local: (NaiveDateTime, NaiveDateTime),
    /// How often it comes again, and the last day on which it may begin.
    pub repeats: Option<(Repeat, NaiveDate)>,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
}

impl Closure {
    /// Every time it is closed.
    pub(super) fn occurrences(&self) -> Result<Vec<Span>> {
        let first = Span { start: self.start_at, end: self.end_at };
        occurrences(first, self.local, self.timezone, self.repeats)
    }
}

pub(super) struct Row {
    pub id: ClosureId,
    pub site_id: Option<Uuid>,
    pub resource_id: Option<Uuid>,
    pub unit_id: Option<Uuid>,
    pub kind: ClosureKind,
    pub reason: Option<String>,
    pub start_at: DateTime<Utc>,
    pub end_at: DateTime<Utc>,
    pub timezone: String,
    pub local_start: NaiveDateTime,
    pub local_end: NaiveDateTime,
    pub repeats: Option<Repeat>,
    pub until: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Closure {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        let place = match (row.site_id, row.resource_id, row.unit_id) {
            (Some(site), _, _) => Place::Site(SiteId(site)),
            (_, Some(resource), Some(unit)) => Place::Unit(ResourceId(resource), UnitId(unit)),
            (_, Some(resource), None) => Place::Resource(ResourceId(resource)),
            _ => return Err(Fault::corrupt("closures", "it is of nothing")),
        };
        Ok(Self {
            id: row.id,
            place,
            kind: row.kind,
            reason: row.reason,
            start_at: row.start_at,
            end_at: row.end_at,
            timezone: row.timezone.parse().map_err(|e| Fault::corrupt("closures.timezone", e))?,
            local: (row.local_start, row.local_end),
            repeats: row.repeats.zip(row.until),
            created_at: row.created_at,
        })
    }
}

macro_rules! closure_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            $crate::inventory::closures::queries::Row,
            r#"select c.id as "id: ClosureId", c.site_id, c.resource_id, c.unit_id, c.kind as "kind: ClosureKind", c.reason,
                      c.start_at, c.end_at, c.timezone, c.local_start, c.local_end, c.repeats as "repeats: Repeat", c.until,
                      c.created_at
               from closures c where c.org_id = $1 and c.deleted_at is null "# + $tail,
            $($argument),*
        )
    };
}
pub(super) use closure_rows;

/// One closure that stands.
///
/// # Errors
/// [`Refusal::NotFound`], also when it was taken back.
pub async fn find(tx: &mut Tx, id: ClosureId) -> Result<Closure> {
    let org = tx.org()?;
    let row = closure_rows!("and c.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}

/// The closures of a site, or of a resource with its units and its site, those to come first.
///
/// # Errors
/// A fault when the database fails.
pub async fn of_place(tx: &mut Tx, place: hours::Place, page: Page) -> Result<Listed<Closure>> {
    let (org, now) = (tx.org()?, tx.now());
    let (site, resource) = place.ids();
    let rows = closure_rows!(
        "and (c.site_id = $2 or c.resource_id = $3
              or c.site_id = (select r.site_id from resources r where r.org_id = $1 and r.id = $3))
         order by coalesce(c.until::timestamp, c.local_end) < $4::timestamptz, c.start_at, c.id limit $5 offset $6",
        org.0,
        site,
        resource,
        now,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from closures c
           where c.org_id = $1 and c.deleted_at is null
             and (c.site_id = $2 or c.resource_id = $3
                  or c.site_id = (select r.site_id from resources r where r.org_id = $1 and r.id = $3))"#,
        org.0,
        site,
        resource
    )
    .fetch_one(tx.conn())
    .await?;
    let items = rows.into_iter().map(|row| Ok(Closure::try_from(row)?)).collect::<Result<Vec<_>>>()?;
    Ok(Listed { items, total })
}
