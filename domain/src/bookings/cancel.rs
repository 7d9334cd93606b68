//! A booking is given up (G35). Before the payment nothing is owed; afterwards the whole price goes back, because the
//! policy in force is "free until the start" (MODEL §8, `cancellation`).

use super::{Authority, Booking, Status, end::complete_if_over, free, lock, queries, tell, tell_driver};
use crate::{
    db::Tx,
    error::Result,
    ids::BookingId,
    notifications::NoticeKind,
    refunds,
    refusals::Refusal,
    trips::{self, Trip},
    waitlist,
};

/// Cancels for the rider, or as staff.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers, [`Refusal::StateConflict`] once it started or ended.
pub async fn cancel(tx: &mut Tx, by: Authority, id: BookingId, reason: Option<String>) -> Result<Booking> {
    let before = lock(tx, id).await?;
    by.must_ride(&before)?;
    if before.status == Status::Waitlisted {
        return waitlist::cancel_wish(tx, &before, reason).await;
    }
    let trip = trips::of_booking(tx, before.resource).await?;
    let own = matches!(by, Authority::Own(_)); // staff may still undo a ride nobody took
    if own && before.status == Status::Confirmed && trip.departure_at <= tx.now() {
        return Err(Refusal::DeparturePassed { departure_at: trip.departure_at }.into());
    }
    let after = give_up(tx, &before, reason).await?;
    complete_if_over(tx, &trip).await?;
    tell(tx, &after, &trip, NoticeKind::BookingCancelled).await?;
    tell_driver(tx, &after, &trip, NoticeKind::BookingCancelled).await?;
    Ok(after)
}

/// Cancels because the trip will not happen; the rider is told why.
pub(crate) async fn cancel_with_trip(tx: &mut Tx, trip: &Trip, id: BookingId) -> Result<()> {
    let before = lock(tx, id).await?;
    let after = give_up(tx, &before, Some("trip_cancelled".into())).await?;
    tell(tx, &after, trip, NoticeKind::TripCancelled).await
}

async fn give_up(tx: &mut Tx, before: &Booking, reason: Option<String>) -> Result<Booking> {
    if !matches!(before.status, Status::Pending | Status::Approved | Status::Confirmed) {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    free::free_units(tx, before).await?;
    let after = Booking {
        status: Status::Cancelled,
        reason_code: reason,
        cancelled_at: Some(tx.now()),
        hold_expires_at: None,
        ..before.clone()
    };
    let after = queries::store(tx, before, after).await?;
    if before.status == Status::Confirmed && before.price.amount > 0 {
        refunds::of_booking(tx, &after).await?;
    }
    Ok(after)
}
