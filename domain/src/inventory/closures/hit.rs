//! Whoever had booked what closes: moved to an equivalent unit where one is free, otherwise as the caller chose (SN33).

use crate::{
    bookings,
    db::Tx,
    error::Result,
    ids::*,
    inventory::{BookingInTheWay, OnBookings, resources::lock_all, units::Span},
    refusals::Refusal,
    waitlist,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Most bookings told by one refusal.
const MOST_TOLD: usize = 100;

/// What is closed when.
pub(super) struct Closing {
    pub units: Vec<Uuid>,
    starts: Vec<DateTime<Utc>>,
    ends: Vec<DateTime<Utc>>,
}

impl Closing {
    pub(super) fn new(units: Vec<Uuid>, spans: &[Span]) -> Self {
        let starts = spans.iter().map(|span| span.start).collect();
        Self { units, starts, ends: spans.iter().map(|span| span.end).collect() }
    }
}

/// What became of those who had booked.
#[derive(Debug, Default)]
pub(super) struct Cleared {
    pub moved: Vec<BookingInTheWay>,
    pub cancelled: Vec<BookingInTheWay>,
}

/// Locks the resources of these units and of every booking that is hit, in the order of their ids.
pub(super) async fn lock(tx: &mut Tx, resources: &[ResourceId], closing: &Closing) -> Result<()> {
    let mut locked = neighbours(tx, closing).await?;
    locked.extend(resources);
    lock_all(tx, &locked.iter().copied().collect::<Vec<_>>()).await?;
    if neighbours(tx, closing).await?.is_subset(&locked) {
        return Ok(());
    }
    Err(Refusal::Conflict { reason: "it was booked at this very moment: ask again" }.into())
}

async fn neighbours(tx: &mut Tx, closing: &Closing) -> Result<BTreeSet<ResourceId>> {
    let org = tx.org()?;
    let found = sqlx::query_scalar!(
        r#"select distinct i.resource_id as "id: ResourceId"
           from unnest($3::timestamptz[], $4::timestamptz[]) as o (starts, ends)
           join claims c on c.org_id = $1 and c.active and c.source = 'booking' and c.during && tstzrange(o.starts, o.ends)
           join booking_items i on i.org_id = $1 and i.booking_id = c.source_id
           where c.unit_id = any($2)"#,
        org.0,
        &closing.units,
        &closing.starts,
        &closing.ends
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().collect())
}

/// Clears the way: afterwards nobody has these units at these times. Everything is locked.
///
/// # Errors
/// [`Refusal::BookingsInTheWay`] with those that can neither be moved nor, as the caller chose, be cancelled.
pub(super) async fn clear(tx: &mut Tx, closing: &Closing, name: &str, bookings: OnBookings) -> Result<Cleared> {
    let closed: Vec<UnitId> = closing.units.iter().copied().map(UnitId).collect();
    let mut cleared = Cleared::default();
    let mut stuck = Vec::new();
    for hit in bookings_hit(tx, closing).await? {
        if bookings::expire_hold(tx, hit.id).await? {
            continue; // its deadline had passed: nobody's
        }
        match bookings::evade(tx, hit.id, &closed).await? {
            true => cleared.moved.push(hit),
            false => stuck.push(hit),
        }
    }
    let (cancelled, unmovable): (Vec<_>, Vec<_>) = match bookings {
        OnBookings::Refuse => (Vec::new(), stuck),
        OnBookings::Cancel => stuck.into_iter().partition(|hit| hit.status != "in_use"),
    };
    if !unmovable.is_empty() {
        let total = i64::try_from(unmovable.len()).unwrap_or(i64::MAX);
        let bookings = unmovable.into_iter().take(MOST_TOLD).collect();
        return Err(Refusal::BookingsInTheWay { bookings, total }.into());
    }
    for hit in &cancelled {
        bookings::cancel_with_thing(tx, hit.id, name, bookings::Withdrawal::Closed).await?;
    }
    cleared.cancelled = cancelled;
    for offer in offers_hit(tx, closing).await? {
        waitlist::withdraw_offer(tx, offer, "unit_closed").await?;
    }
    Ok(cleared)
}

async fn bookings_hit(tx: &mut Tx, closing: &Closing) -> Result<Vec<BookingInTheWay>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        BookingInTheWay,
        r#"select distinct b.id as "id: BookingId", b.code, b.status, b.start_at, b.end_at
           from unnest($3::timestamptz[], $4::timestamptz[]) as o (starts, ends)
           join claims c on c.org_id = $1 and c.active and c.source = 'booking' and c.during && tstzrange(o.starts, o.ends)
           join bookings b on b.org_id = $1 and b.id = c.source_id
           where c.unit_id = any($2) order by b.start_at, b.id"#,
        org.0,
        &closing.units,
        &closing.starts,
        &closing.ends
    )
    .fetch_all(tx.conn())
    .await?)
}

async fn offers_hit(tx: &mut Tx, closing: &Closing) -> Result<Vec<OfferId>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select distinct c.source_id as "id: OfferId"
           from unnest($3::timestamptz[], $4::timestamptz[]) as o (starts, ends)
           join claims c on c.org_id = $1 and c.active and c.source = 'offer' and c.during && tstzrange(o.starts, o.ends)
           where c.unit_id = any($2)"#,
        org.0,
        &closing.units,
        &closing.starts,
        &closing.ends
    )
    .fetch_all(tx.conn())
    .await?)
}
