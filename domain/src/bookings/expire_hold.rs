//! A hold ends when nobody paid or accepted in time (Q16, SN27, CX46). The timer, the sweep and every rival request
//! call the same rule.

use super::{Booking, Status, free, lock, queries, subject::Subject, subject_of, tell};
use crate::{db::Tx, error::Result, ids::*, jobs::Reservations, notifications::NoticeKind};
use uuid::Uuid;

/// Ends the hold if its deadline has passed; otherwise finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn expire_hold(tx: &mut Tx, id: BookingId) -> Result<bool> {
    let booking = lock(tx, id).await?;
    let overdue = matches!(booking.status, Status::Pending | Status::Approved)
        && booking.hold_expires_at.is_some_and(|deadline| deadline <= tx.now());
    if overdue {
        let subject = subject_of(tx, &booking).await?;
        end_hold(tx, &booking, &subject).await?;
    }
    Ok(overdue)
}

/// Ends every overdue hold on locked resources, so that a request sees the units that are really free. All of them are
/// locked at once, by id: two requests that find the same ones never wait for each other.
pub(super) async fn end_overdue_of(tx: &mut Tx, resources: &[ResourceId]) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let resources: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
    let overdue = sqlx::query_scalar!(
        // the overdue ones first: there are few or none, however often these resources were booked
        r#"with overdue as materialized (
               select id from bookings
               where org_id = $1 and status in ('pending', 'approved') and hold_expires_at <= $3)
           select b.id as "id: BookingId" from overdue o join bookings b on b.org_id = $1 and b.id = o.id
           where b.status in ('pending', 'approved') and b.hold_expires_at <= $3
             and exists (select from booking_items i
                         where i.org_id = b.org_id and i.booking_id = b.id and i.resource_id = any($2))
           order by b.id for update of b"#,
        org.0,
        &resources,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    for id in overdue {
        let booking = queries::load(tx, id).await?;
        let subject = subject_of(tx, &booking).await?;
        end_hold(tx, &booking, &subject).await?;
    }
    Ok(())
}

/// Ends a locked booking's hold now: its units are free, and its person hears of it.
pub(crate) async fn end_hold(tx: &mut Tx, booking: &Booking, subject: &Subject) -> Result<Booking> {
    free::free_units(tx, booking).await?;
    let after = Booking { status: Status::Expired, ..booking.clone() };
    let after = queries::store(tx, booking, after).await?;
    tell(tx, &after, subject, NoticeKind::BookingExpired).await?;
    Ok(after)
}

/// Enqueues the rule for every hold that is overdue in any organization: timers may be lost, deadlines are rows.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_holds(tx: &mut Tx) -> Result<usize> {
    let overdue = sqlx::query!(
        r#"select h.org_id as "org_id!: OrgId", h.booking_id as "booking_id!: BookingId", h.deadline as "deadline!"
           from overdue_holds(1000) h"#
    )
    .fetch_all(tx.conn())
    .await?;
    for hold in &overdue {
        tx.enqueue_for(hold.org_id, &Reservations::ExpireHold { booking: hold.booking_id, deadline: hold.deadline });
    }
    Ok(overdue.len())
}
