//! What people wait for: the resource, locked before anything about its line is read or changed.

use crate::{
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    inventory::{
        Discipline, Kind, Service,
        units::{Span, Unit},
    },
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use sqlx::postgres::types::PgRange;
use uuid::Uuid;

/// A resource whose line is served.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub id: ResourceId,
    pub name: String,
    pub discipline: Discipline,
    /// Whether it can be booked at all.
    pub open: bool,
}

/// Locks the resource: whoever books, frees or offers on it waits.
pub(super) async fn lock(tx: &mut Tx, id: ResourceId) -> Result<Line> {
    let org = tx.org()?;
    let row = sqlx::query!(
        r#"select r.kind as "kind: Kind", r.name, r.queue_discipline as "discipline: Discipline",
                  r.status as "status: Service", r.deleted_at
           from resources r where r.org_id = $1 and r.id = $2 for no key update"#,
        org.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    Ok(Line {
        id,
        name: row.name,
        discipline: row.discipline,
        open: row.status == Service::Active && row.deleted_at.is_none() && row.kind != Kind::Trip,
    })
}

/// Locks two resources in the order of their ids, so that two who lock the same two never wait for each other.
pub(super) async fn lock_both(tx: &mut Tx, one: ResourceId, other: ResourceId) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "select id from resources where org_id = $1 and id in ($2, $3) order by id for no key update",
        org.0,
        one.0,
        other.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// The units of a resource that nobody holds during `span` and that have all of `features`, themselves or by their
/// resource, in the order of their labels.
pub(super) async fn free(tx: &mut Tx, id: ResourceId, span: Span, features: &[String]) -> Result<Vec<Unit>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Unit,
        r#"select u.id as "id: UnitId", u.label
           from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id
           where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
             and u.features || r.features @> $4
             and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                             and c.during && $3)
           order by length(u.label), u.label"#,
        org.0,
        id.0,
        PgRange::<DateTime<Utc>>::from(span),
        features
    )
    .fetch_all(tx.conn())
    .await?)
}

/// How many units would fit such a wish if nobody held any.
pub(super) async fn fitting(tx: &mut Tx, id: ResourceId, features: &[String]) -> Result<i64> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id
           where u.org_id = $1 and u.resource_id = $2 and u.status = 'active' and u.deleted_at is null
             and u.features || r.features @> $3"#,
        org.0,
        id.0,
        features
    )
    .fetch_one(tx.conn())
    .await?)
}

/// `quantity` of the free units, or the refusal that says how many there are.
pub(super) async fn take(
    tx: &mut Tx,
    id: ResourceId,
    span: Span,
    features: &[String],
    quantity: i32,
) -> Result<Vec<Unit>> {
    let mut free = free(tx, id, span, features).await?;
    let wanted = usize::try_from(quantity).unwrap_or(usize::MAX);
    if free.len() < wanted {
        let available = i64::try_from(free.len()).unwrap_or(i64::MAX);
        return Err(Refusal::NotEnoughFree { available, requested: i64::from(quantity) }.into());
    }
    free.truncate(wanted);
    Ok(free)
}

/// Notes which units a booking has, in place of those it wished for (CX56).
pub(super) async fn write_items(tx: &mut Tx, booking: BookingId, resource: ResourceId, units: &[Uuid]) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("delete from booking_items where org_id = $1 and booking_id = $2", org.0, booking.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into booking_items (org_id, id, booking_id, resource_id, unit_id, unit_label)
         select $1, item.id, $2, $3, u.id, u.label
         from unnest($4::uuid[], $5::uuid[]) as item (id, unit_id)
         join units u on u.org_id = $1 and u.id = item.unit_id",
        org.0,
        booking.0,
        resource.0,
        &units.iter().map(|_| ItemId::new().into()).collect::<Vec<Uuid>>(),
        units
    )
    .execute(tx.conn())
    .await
    .refuse_on("booking_items_unit_once", Refusal::Conflict { reason: "unit_twice" })?;
    Ok(())
}
