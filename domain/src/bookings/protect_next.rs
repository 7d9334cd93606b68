//! The overdue ripple (SN34, ★11): a unit is not back, and somebody is to have it soon. They get an equivalent one, a unit
//! of the same resource that has the same features and is there; or they hear of it before they stand at an empty shelf.

use super::{Booking, Status, claimed, lock, queries, subject_of, tell};
use crate::{
    audit::Change,
    db::Tx,
    error::{Error, Result},
    ids::*,
    inventory::units::{self, Unit},
    jobs::Reservations,
    notifications::NoticeKind,
    refusals::Refusal,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::postgres::types::PgRange;

/// How long before its start a booking is looked at: long enough to make other plans, short enough that most loans are
/// back by then.
pub(super) const SOON: TimeDelta = TimeDelta::hours(24);

/// A unit of the booking that is still out, late.
struct Missing {
    item: ItemId,
    unit: UnitId,
    label: String,
    resource: ResourceId,
    pinned: bool,
}

/// Gives a booking that begins soon other units for those that are not back, as far as there are any, and tells its
/// people; what cannot be replaced is told once. Answers whether anything was missing.
///
/// # Errors
/// A fault when the database fails.
pub async fn protect_next(tx: &mut Tx, id: BookingId) -> Result<bool> {
    let before = lock(tx, id).await?;
    let soon = before.start_at > tx.now() && before.start_at <= tx.now() + SOON;
    if !soon || !matches!(before.status, Status::Pending | Status::Approved | Status::Confirmed) {
        return Ok(false);
    }
    let missing = missing(tx, id).await?;
    if missing.is_empty() {
        return Ok(false);
    }
    let mut replaced = Vec::new();
    for unit in missing.iter().filter(|unit| !unit.pinned) {
        if let Some(other) = equivalent(tx, &before, unit).await? {
            swap(tx, &before, unit, &other).await?;
            replaced.push(json!({ "instead_of": unit.label, "unit": other.label }));
        }
    }
    let subject = subject_of(tx, &before).await?;
    let left = missing.len() - replaced.len();
    let mut after = before.clone();
    if !replaced.is_empty() {
        after = queries::store_quietly(tx, &before, after).await?;
        let meta = json!({ "reason": "not_back", "replaced": replaced });
        tx.record(Change::updated("booking", id, &before, &after).because(meta));
        if left == 0 {
            tell(tx, &after, &subject, NoticeKind::UnitReplaced).await?;
        }
    }
    if left > 0 {
        tell(tx, &after, &subject, NoticeKind::UnitNotBack).await?;
    }
    Ok(true)
}

/// At the moment a loan is found late: whoever is next is looked at by a job of their own.
pub(super) async fn warn_next(tx: &mut Tx, late: BookingId) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let next = sqlx::query_scalar!(
        r#"select distinct n.id as "id: BookingId" from booking_items li
           join booking_items ni on ni.org_id = li.org_id and ni.unit_id = li.unit_id and ni.booking_id <> li.booking_id
           join bookings n on n.org_id = ni.org_id and n.id = ni.booking_id
                and n.status in ('pending', 'approved', 'confirmed') and n.start_at > $3 and n.start_at <= $4
           where li.org_id = $1 and li.booking_id = $2 and li.unit_id is not null and li.returned_at is null"#,
        org.0,
        late.0,
        now,
        now + SOON
    )
    .fetch_all(tx.conn())
    .await?;
    for booking in next {
        tx.enqueue(&Reservations::ProtectNext { booking });
    }
    Ok(())
}

async fn missing(tx: &mut Tx, id: BookingId) -> Result<Vec<Missing>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Missing,
        r#"select i.id as "item: ItemId", i.unit_id as "unit!: UnitId", i.unit_label as "label!",
                  i.resource_id as "resource: ResourceId", i.pinned
           from booking_items i
           where i.org_id = $1 and i.booking_id = $2 and exists (
               select from booking_items o join bookings b on b.org_id = o.org_id and b.id = o.booking_id
               where o.org_id = i.org_id and o.unit_id = i.unit_id and o.booking_id <> i.booking_id
                 and o.returned_at is null and b.status = 'in_use' and b.overdue_at is not null)
           order by i.id"#,
        org.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?)
}

/// A unit of the same resource that has all the missing one has, is in service, free at that time, and on its shelf.
async fn equivalent(tx: &mut Tx, booking: &Booking, missing: &Missing) -> Result<Option<Unit>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Unit,
        r#"select u.id as "id: UnitId", u.label
           from units u join units gone on gone.org_id = u.org_id and gone.id = $3
           where u.org_id = $1 and u.resource_id = $2 and u.id <> $3 and u.status = 'active' and u.deleted_at is null
             and u.features @> gone.features
             and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active and c.during && $4)
             and not exists (select from booking_items o join bookings b on b.org_id = o.org_id and b.id = o.booking_id
                             where o.org_id = u.org_id and o.unit_id = u.id and o.returned_at is null
                               and b.status = 'in_use' and b.overdue_at is not null)
           order by length(u.label), u.label limit 1"#,
        org.0,
        missing.resource.0,
        missing.unit.0,
        PgRange::<DateTime<Utc>>::from(claimed(booking))
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// One unit for another, in one commit: the claim on the one ends, the claim on the other begins.
async fn swap(tx: &mut Tx, booking: &Booking, missing: &Missing, other: &Unit) -> Result<()> {
    units::release_of(tx, booking.id.into(), &[missing.unit]).await?;
    let taken: Error = Refusal::NotEnoughFree { available: 0, requested: 1 }.into();
    let Error::Refused(taken) = taken else { return Ok(()) };
    units::claim(tx, std::slice::from_ref(other), claimed(booking), "booking", booking.id.into(), taken).await?;
    let org = tx.org()?;
    sqlx::query!(
        "update booking_items set unit_id = $3, unit_label = $4 where org_id = $1 and id = $2",
        org.0,
        missing.item.0,
        other.id.0,
        other.label
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
