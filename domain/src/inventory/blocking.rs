//! What stands in the way of taking a thing out of the inventory (CX24): the bookings of those who have it, will have it
//! or wait for it. They are listed, or cancelled when the caller asks for that.

use super::resources::lock_all;
use crate::{bookings, db::Tx, error::Result, ids::*, refusals::Refusal, waitlist};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeSet;

/// Most bookings told by one refusal.
const MOST_TOLD: usize = 100;

/// What to do about bookings in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBookings {
    /// Leave everything as it is and tell which they are.
    Refuse,
    /// Cancel them and tell their people. What is in use cannot be cancelled.
    Cancel,
}

/// A booking in the way, as the refusal tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BookingInTheWay {
    /// Its id.
    pub id: BookingId,
    /// What people call it.
    pub code: String,
    /// Where it stands.
    pub status: String,
    /// From when.
    pub start_at: DateTime<Utc>,
    /// Until when.
    pub end_at: DateTime<Utc>,
}

/// What is to be taken away.
#[derive(Debug, Clone, Copy)]
pub(super) enum Thing {
    /// A resource with all its units.
    Resource(ResourceId),
    /// One unit of a resource.
    Unit(ResourceId, UnitId),
}

impl Thing {
    fn resource(self) -> ResourceId {
        match self {
            Self::Resource(id) | Self::Unit(id, _) => id,
        }
    }

    fn unit(self) -> Option<UnitId> {
        match self {
            Self::Resource(_) => None,
            Self::Unit(_, unit) => Some(unit),
        }
    }
}

/// Locks the thing and clears its way: afterwards nobody has it or will. Answers which bookings were cancelled.
pub(super) async fn clear(tx: &mut Tx, thing: Thing, name: &str, bookings: OnBookings) -> Result<Vec<BookingId>> {
    lock_with_neighbours(tx, thing).await?;
    let in_the_way = in_the_way(tx, thing).await?;
    let unmovable: Vec<_> = match bookings {
        OnBookings::Refuse => in_the_way.clone(),
        OnBookings::Cancel => in_the_way.iter().filter(|booking| booking.status == "in_use").cloned().collect(),
    };
    if !unmovable.is_empty() {
        let total = i64::try_from(unmovable.len()).unwrap_or(i64::MAX);
        let bookings = unmovable.into_iter().take(MOST_TOLD).collect();
        return Err(Refusal::BookingsInTheWay { bookings, total }.into());
    }
    for booking in &in_the_way {
        bookings::cancel_with_thing(tx, booking.id, name, bookings::Withdrawal::Removed).await?;
    }
    withdraw_offers(tx, thing).await?;
    Ok(in_the_way.into_iter().map(|booking| booking.id).collect())
}

/// A booking may hold units of several resources, and whoever touches it locks them in order. So those of all bookings in
/// the way are locked together; afterwards no new booking of the thing can come.
async fn lock_with_neighbours(tx: &mut Tx, thing: Thing) -> Result<()> {
    let locked = neighbours(tx, thing).await?;
    lock_all(tx, &locked.iter().copied().collect::<Vec<_>>()).await?;
    if neighbours(tx, thing).await?.is_subset(&locked) {
        return Ok(());
    }
    Err(Refusal::Conflict { reason: "it was booked at this very moment: ask again" }.into())
}

async fn neighbours(tx: &mut Tx, thing: Thing) -> Result<BTreeSet<ResourceId>> {
    let org = tx.org()?;
    let others = sqlx::query_scalar!(
        r#"select distinct o.resource_id as "id: ResourceId"
           from booking_items i
           join bookings b on b.org_id = i.org_id and b.id = i.booking_id
           join booking_items o on o.org_id = b.org_id and o.booking_id = b.id
           where i.org_id = $1 and i.resource_id = $2 and ($3::uuid is null or i.unit_id = $3)
             and b.status in ('pending', 'approved', 'confirmed', 'in_use', 'waitlisted')"#,
        org.0,
        thing.resource().0,
        thing.unit().map(|unit| unit.0)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(others.into_iter().chain([thing.resource()]).collect())
}

/// Bookings that are active and not over, and those that wait. A hold whose deadline passed is nobody's.
async fn in_the_way(tx: &mut Tx, thing: Thing) -> Result<Vec<BookingInTheWay>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_as!(
        BookingInTheWay,
        r#"select b.id as "id: BookingId", b.code, b.status, b.start_at, b.end_at from bookings b
           where b.org_id = $1 and b.status in ('pending', 'approved', 'confirmed', 'in_use', 'waitlisted')
             and (b.status = 'in_use' or b.end_at > $4)
             and not (b.status in ('pending', 'approved') and coalesce(b.hold_expires_at <= $4, false))
             and exists (select from booking_items i where i.org_id = b.org_id and i.booking_id = b.id
                         and i.resource_id = $2 and ($3::uuid is null or i.unit_id = $3) and i.returned_at is null)
           order by b.start_at, b.id"#,
        org.0,
        thing.resource().0,
        thing.unit().map(|unit| unit.0),
        now
    )
    .fetch_all(tx.conn())
    .await?)
}

/// A unit that goes cannot stay promised to somebody in line: they wait on.
async fn withdraw_offers(tx: &mut Tx, thing: Thing) -> Result<()> {
    let org = tx.org()?;
    let open = sqlx::query_scalar!(
        r#"select distinct c.source_id as "id: OfferId" from claims c
           join units u on u.org_id = c.org_id and u.id = c.unit_id
           where c.org_id = $1 and c.active and c.source = 'offer' and u.resource_id = $2
             and ($3::uuid is null or u.id = $3)"#,
        org.0,
        thing.resource().0,
        thing.unit().map(|unit| unit.0)
    )
    .fetch_all(tx.conn())
    .await?;
    for offer in open {
        waitlist::withdraw_offer(tx, offer, "unit_removed").await?;
    }
    Ok(())
}
