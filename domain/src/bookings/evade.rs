//! A unit closes while somebody has booked it: the booking moves to a free unit of the same resource that has all the
//! other had (SN33), and keeps its time.

use super::{Booking, Status, items, lock, queries, subject_of, tell};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::*,
    inventory::units::{self, Unit},
    notifications::NoticeKind,
    refusals::Refusal,
};
use serde_json::json;
use sqlx::postgres::types::PgRange;
use uuid::Uuid;

/// Moves a booking off closed units, whole or not at all; answers whether it did. What is in use stays where it is.
pub(crate) async fn evade(tx: &mut Tx, id: BookingId, closed: &[UnitId]) -> Result<bool> {
    let booking = lock(tx, id).await?;
    if booking.status == Status::InUse {
        return Ok(false);
    }
    let hit: Vec<Unit> = items::items(tx, id)
        .await?
        .into_iter()
        .filter_map(|item| Some(Unit { id: item.unit?, label: item.label.unwrap_or_default() }))
        .filter(|unit| closed.contains(&unit.id))
        .collect();
    let mut instead: Vec<Unit> = Vec::with_capacity(hit.len());
    for unit in &hit {
        let mut free = equivalent(tx, &booking, unit.id, closed).await?;
        free.retain(|free| instead.iter().all(|taken| taken.id != free.id));
        match free.into_iter().next() {
            Some(free) => instead.push(free),
            None => return Ok(false),
        }
    }
    swap(tx, &booking, &hit, &instead).await?;
    let labels = |units: &[Unit]| units.iter().map(|unit| unit.label.clone()).collect::<Vec<_>>();
    let after = queries::store_quietly(tx, &booking, booking.clone()).await?;
    let because = json!({ "reason": "closure", "from": labels(&hit), "to": labels(&instead) });
    tx.record(Change::updated("booking", id, &booking, &after).because(because));
    let subject = subject_of(tx, &after).await?;
    tell(tx, &after, &subject, NoticeKind::ReservationMoved).await?;
    Ok(true)
}

/// Free units of the same resource with everything this one has, by label.
async fn equivalent(tx: &mut Tx, booking: &Booking, unit: UnitId, closed: &[UnitId]) -> Result<Vec<Unit>> {
    let org = tx.org()?;
    let closed: Vec<Uuid> = closed.iter().map(|unit| unit.0).collect();
    Ok(sqlx::query_as!(
        Unit,
        r#"select u.id as "id: UnitId", u.label
           from units old join units u on u.org_id = old.org_id and u.resource_id = old.resource_id
           where old.org_id = $1 and old.id = $2 and u.status = 'active' and u.deleted_at is null
             and u.features @> old.features and u.id <> all($3)
             and not exists (select from claims c where c.org_id = u.org_id and c.unit_id = u.id and c.active
                             and c.during && $4)
           order by length(u.label), u.label"#,
        org.0,
        unit.0,
        &closed,
        PgRange::from(items::claimed(booking))
    )
    .fetch_all(tx.conn())
    .await?)
}

async fn swap(tx: &mut Tx, booking: &Booking, from: &[Unit], to: &[Unit]) -> Result<()> {
    let org = tx.org()?;
    let (old, new): (Vec<UnitId>, Vec<UnitId>) = from.iter().zip(to).map(|(old, new)| (old.id, new.id)).unzip();
    units::release_of(tx, booking.id.into(), &old).await?;
    let refusal = Refusal::Conflict { reason: "it was booked at this very moment: ask again" };
    units::claim(tx, to, items::claimed(booking), "booking", booking.id.into(), refusal).await?;
    sqlx::query!(
        "update booking_items i set unit_id = moved.new, unit_label = moved.label
         from unnest($3::uuid[], $4::uuid[], $5::text[]) as moved (old, new, label)
         where i.org_id = $1 and i.booking_id = $2 and i.unit_id = moved.old",
        org.0,
        booking.id.0,
        &old.iter().map(|unit| unit.0).collect::<Vec<Uuid>>(),
        &new.iter().map(|unit| unit.0).collect::<Vec<Uuid>>(),
        &to.iter().map(|unit| unit.label.clone()).collect::<Vec<_>>()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
