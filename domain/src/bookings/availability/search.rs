//! What is free between two times for so many people, over everything an organization offers (SN11, F10, F11): the rules
//! are asked once for all things alike, and one statement looks at the claims of that time.

use super::{Search, ground::grounds};
use crate::{
    bookings::request_ride::must_pay_what_was_booked,
    db::Tx,
    error::{Error, Result},
    ids::*,
    inventory::Kind,
    organizations,
    paging::{Listed, Page},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A resource of which enough is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: ResourceId,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub site: Option<SiteId>,
    /// People it holds.
    pub capacity: Option<i32>,
    /// What it has.
    pub features: Vec<String>,
    /// How many of its units are free, of those that have what was asked for.
    pub free: i64,
}

struct Row {
    id: ResourceId,
    kind: Kind,
    name: String,
    site_id: Option<Uuid>,
    capacity: Option<i32>,
    features: Vec<String>,
    free: i64,
    total: i64,
}

/// Resources of which as many units are free as asked for, by name. What a person may not book is not among them.
///
/// # Errors
/// [`crate::refusals::Refusal::Invalid`] naming the field, [`crate::refusals::Refusal::NoSuchLocalTime`] and its like.
pub async fn search(tx: &mut Tx, search: Search, page: Page) -> Result<Listed<Found>> {
    let search = search.checked()?;
    let grounds = grounds(tx, &search).await?;
    let (Some(first), Some(last)) = (
        grounds.iter().map(|ground| ground.claimed.start).min(),
        grounds.iter().map(|ground| ground.claimed.end).max(),
    ) else {
        return Ok(Listed { items: Vec::new(), total: 0 });
    };
    let may_owe = may_owe(tx, &search).await?;
    let (org, now) = (tx.org()?, tx.now());
    let id = |id: Option<Uuid>| id.unwrap_or(Uuid::nil());
    let rows = sqlx::query_as!(
        Row,
        r#"with ground as (
               select * from unnest($2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[],
                                    $8::text[]) as g (kind, policy, site, hours, starts, ends, reserved)),
           lapsed as materialized (
               select b.id from bookings b
               where b.org_id = $1 and b.status in ('pending', 'approved') and b.hold_expires_at <= $9
               union all
               select o.id from offers o where o.org_id = $1 and o.status = 'open' and o.expires_at <= $9),
           busy as materialized (
               select c.unit_id, c.during from claims_during(tstzrange($10, $11)) c
               where not exists (select from lapsed l where l.id = c.source_id)),
           thing as (
               select r.id, r.kind, r.name, r.site_id, r.capacity, r.features, g.starts, g.ends,
                      string_to_array(nullif(g.reserved, ''), ',') as reserved
               from resources r
               left join (select distinct resource_id from opening_hours where org_id = $1 and resource_id is not null) h
                    on h.resource_id = r.id
               join ground g on g.kind = r.kind
                    and g.policy = coalesce(r.policy_id, '00000000-0000-0000-0000-000000000000')
                    and g.site = coalesce(r.site_id, '00000000-0000-0000-0000-000000000000')
                    and g.hours = coalesce(h.resource_id, '00000000-0000-0000-0000-000000000000')
               where r.org_id = $1 and r.owner_user_id is null and r.deleted_at is null and r.status = 'active'
                 and (r.capacity is null or r.capacity >= $12) and ($13 or coalesce(r.price_amount, 0) = 0))
           select t.id as "id!: ResourceId", t.kind as "kind!: Kind", t.name as "name!", t.site_id, t.capacity,
                  t.features as "features!", count(*) as "free!", count(*) over () as "total!"
           from thing t
           join units u on u.org_id = $1 and u.resource_id = t.id and u.status = 'active' and u.deleted_at is null
                and u.features || t.features @> $14 and (t.reserved is null or not (u.features || t.features && t.reserved))
           where not exists (select from busy b where b.unit_id = u.id and b.during && tstzrange(t.starts, t.ends))
           group by t.id, t.kind, t.name, t.site_id, t.capacity, t.features
           having count(*) >= $15
           order by lower(t.name), t.id limit $16 offset $17"#,
        org.0,
        &grounds.iter().map(|ground| ground.kind.code().to_owned()).collect::<Vec<_>>(),
        &grounds.iter().map(|ground| id(ground.policy)).collect::<Vec<_>>(),
        &grounds.iter().map(|ground| id(ground.site)).collect::<Vec<_>>(),
        &grounds.iter().map(|ground| id(ground.own_hours)).collect::<Vec<_>>(),
        &grounds.iter().map(|ground| ground.claimed.start).collect::<Vec<DateTime<Utc>>>(),
        &grounds.iter().map(|ground| ground.claimed.end).collect::<Vec<DateTime<Utc>>>(),
        &grounds.iter().map(|ground| ground.reserved.join(",")).collect::<Vec<_>>(),
        now,
        first,
        last,
        search.people,
        may_owe,
        &search.features,
        i64::from(search.quantity),
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok(Listed { items: rows.into_iter().map(Found::from).collect(), total })
}

impl From<Row> for Found {
    fn from(row: Row) -> Self {
        let Row { id, kind, name, capacity, features, free, .. } = row;
        Self { id, kind, name, site: row.site_id.map(SiteId), capacity, features, free }
    }
}

/// Who owes for too much already books nothing that costs (L21).
async fn may_owe(tx: &mut Tx, search: &Search) -> Result<bool> {
    let limit = organizations::load(tx).await?.settings.unpaid_bookings_per_day;
    match must_pay_what_was_booked(tx, search.user, limit).await {
        Ok(()) => Ok(true),
        Err(Error::Refused(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}
