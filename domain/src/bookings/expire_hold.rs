//! A hold ends when nobody paid or accepted in time (Q16, SN27, CX46). The timer, the sweep and every rival request
//! call the same rule.

use super::{Booking, Status, free, lock, queries, tell};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    jobs::Reservations,
    notifications::NoticeKind,
    trips::{self, Trip},
};

/// Ends the hold if its deadline has passed; otherwise finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn expire_hold(tx: &mut Tx, id: BookingId) -> Result<bool> {
    let booking = lock(tx, id).await?;
    if !is_overdue(tx, &booking) {
        return Ok(false);
    }
    let trip = trips::of_booking(tx, booking.resource).await?;
    end_hold(tx, &booking, &trip).await?;
    Ok(true)
}

/// Ends every overdue hold of a locked trip, so that a request sees the seats that are really free.
pub(super) async fn end_overdue_of(tx: &mut Tx, trip: &Trip) -> Result<()> {
    for id in queries::active_of_trip(tx, trip.id).await? {
        let booking = queries::load(tx, id).await?;
        if is_overdue(tx, &booking) {
            end_hold(tx, &booking, trip).await?;
        }
    }
    Ok(())
}

fn is_overdue(tx: &Tx, booking: &Booking) -> bool {
    matches!(booking.status, Status::Pending | Status::Approved)
        && booking.hold_expires_at.is_some_and(|deadline| deadline <= tx.now())
}

/// Ends a locked booking's hold now: its units are free, and the rider hears of it.
pub(crate) async fn end_hold(tx: &mut Tx, booking: &Booking, trip: &Trip) -> Result<Booking> {
    free::free_units(tx, booking).await?;
    let after = Booking { status: Status::Expired, ..booking.clone() };
    let after = queries::store(tx, booking, after).await?;
    tell(tx, &after, trip, NoticeKind::BookingExpired).await?;
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
