//! Why not (★9): of each candidate, the first rule or claim that excludes it, from the functions that decide a booking.
//! Who holds a unit is not told: only what for, and until when.

use super::Search;
use crate::{
    bookings::{
        Booking, eligible, items,
        planned::{could_have, looked_at},
    },
    db::Tx,
    error::{Error, Result},
    ids::*,
    inventory::Kind,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use sqlx::postgres::types::PgRange;
use uuid::Uuid;

/// A resource somebody might have, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: ResourceId,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub site: Option<SiteId>,
    /// How many of its units are free, unless a rule refuses before anybody looks.
    pub free: Option<i64>,
    /// What a request for it would hear; nothing when it would be booked.
    pub refusal: Option<Refusal>,
    /// What holds the unit that is free again first, when too few are free.
    pub holder: Option<Holder>,
}

/// What holds a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Which unit.
    pub unit_label: String,
    /// `booking`, `offer`, `closure` or `trip`.
    pub source: String,
    /// From when, with the time to set up.
    pub start_at: DateTime<Utc>,
    /// Until when, with the time to clean up.
    pub end_at: DateTime<Utc>,
    /// Of a closure: `maintenance`, `event` or `holiday`.
    pub closure_kind: Option<String>,
    /// Of a closure: what people should know.
    pub reason: Option<String>,
}

struct Row {
    id: ResourceId,
    kind: Kind,
    name: String,
    site_id: Option<Uuid>,
    total: i64,
}

/// Everything of the kinds and on the site asked for, some unit of which has the features, by name: each with why a
/// booking of it would be refused at this moment, if it would be.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field.
pub async fn explain(tx: &mut Tx, search: Search, page: Page) -> Result<Listed<Candidate>> {
    let search = search.checked()?;
    let org = tx.org()?;
    let rows = sqlx::query_as!(
        Row,
        r#"select r.id as "id: ResourceId", r.kind as "kind: Kind", r.name, r.site_id, count(*) over () as "total!"
           from resources r
           where r.org_id = $1 and r.owner_user_id is null and r.kind <> 'trip' and r.deleted_at is null
             and (cardinality($2::text[]) = 0 or r.kind = any($2)) and ($3::uuid is null or r.site_id = $3)
             and (cardinality($4::text[]) = 0
                  or exists (select from units u where u.org_id = r.org_id and u.resource_id = r.id and u.deleted_at is null
                             and u.features || r.features @> $4))
           order by lower(r.name), r.id limit $5 offset $6"#,
        org.0,
        &search.kind_codes(),
        search.site_id(),
        &search.features,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(looked(tx, &search, row).await?);
    }
    Ok(Listed { items, total })
}

async fn looked(tx: &mut Tx, search: &Search, row: Row) -> Result<Candidate> {
    let mut candidate = Candidate {
        id: row.id,
        kind: row.kind,
        name: row.name,
        site: row.site_id.map(SiteId),
        free: None,
        refusal: None,
        holder: None,
    };
    match would_be(tx, search, row.id).await {
        Ok(booking) => {
            let free = free(tx, search, &booking).await?;
            candidate.free = Some(free);
            let requested = i64::from(search.quantity);
            if free < requested {
                candidate.refusal = Some(Refusal::NotEnoughFree { available: free, requested });
                candidate.holder = holder(tx, search, &booking).await?;
            }
        }
        Err(Error::Refused(refusal)) => candidate.refusal = Some(refusal),
        Err(fault) => return Err(fault),
    }
    Ok(candidate)
}

/// The booking that would be, as far as rules about times, things and people say.
async fn would_be(tx: &mut Tx, search: &Search, resource: ResourceId) -> Result<Booking> {
    let booking = looked_at(tx, search.booking_of(resource), search.when).await?.booking;
    could_have(tx, &booking).await?;
    Ok(booking)
}

/// Units that are free for it; what is held past its deadline is free.
async fn free(tx: &mut Tx, search: &Search, booking: &Booking) -> Result<i64> {
    let (org, now) = (tx.org()?, tx.now());
    let reserved = eligible::reserved(tx, search.user, &booking.policy).await?;
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id
           where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
             and u.features || r.features @> $3 and not (u.features || r.features && $4)
             and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                             and c.during && $5 and not claim_lapsed(c.org_id, c.source, c.source_id, $6))"#,
        org.0,
        booking.resource.0,
        &search.features,
        &reserved,
        PgRange::from(items::claimed(booking)),
        now
    )
    .fetch_one(tx.conn())
    .await?)
}

async fn holder(tx: &mut Tx, search: &Search, booking: &Booking) -> Result<Option<Holder>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_as!(
        Holder,
        r#"select u.label as unit_label, c.source, lower(c.during) as "start_at!", upper(c.during) as "end_at!",
                  k.kind as "closure_kind?", k.reason
           from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id
           join claims c on c.org_id = u.org_id and c.unit_id = u.id and c.active and c.during && $4
           left join closures k on k.org_id = c.org_id and k.id = c.source_id
           where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
             and u.features || r.features @> $3 and not claim_lapsed(c.org_id, c.source, c.source_id, $5)
           order by upper(c.during), length(u.label), u.label limit 1"#,
        org.0,
        booking.resource.0,
        &search.features,
        PgRange::from(items::claimed(booking)),
        now
    )
    .fetch_optional(tx.conn())
    .await?)
}
