//! It is over (G40): what was paid is earned, in the same commit.

use super::{Authority, Booking, Status, free, lock, queries, subject::Subject, subject_of};
use crate::{
    db::Tx,
    error::Result,
    ids::BookingId,
    inventory::units,
    ledger::postings,
    refusals::Refusal,
    trips::{self, Trip},
};

/// Ends a started booking: a ride by its driver, whose last one completes the trip; a bay or a room by whoever uses it,
/// so that it is free again at once. What is lent ends with its return.
///
/// # Errors
/// [`Refusal::NotFound`] unless it is theirs to end, [`Refusal::StateConflict`].
pub async fn end(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let subject = subject_of(tx, &before).await?;
    subject.must_be_used_by(by, &before)?;
    if before.status != Status::InUse {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    if before.due_at.is_some() {
        return Err(Refusal::StateConflict { status: "lent".into() }.into());
    }
    complete(tx, &before, &subject).await
}

/// Completes a locked booking: its units are free, its price is earned.
pub(super) async fn complete(tx: &mut Tx, before: &Booking, subject: &Subject) -> Result<Booking> {
    free::let_go(tx, before).await?;
    let after = Booking { status: Status::Completed, ended_at: Some(tx.now()), ..before.clone() };
    let after = queries::store(tx, before, after).await?;
    match subject {
        Subject::Ride(trip) => {
            postings::booking_completed(tx, after.id, trip.driver, after.price, after.commission).await?;
            complete_if_over(tx, trip).await?;
        }
        Subject::Things(_) => {
            postings::thing_used(tx, after.id, after.price).await?;
        }
    }
    Ok(after)
}

/// The last booking of a trip that is under way has ended: so has the trip.
pub(super) async fn complete_if_over(tx: &mut Tx, trip: &Trip) -> Result<()> {
    if trip.status == "ongoing" && queries::active_of_trip(tx, trip.id).await?.is_empty() {
        units::release(tx, trip.id.into()).await?;
        trips::set_status(tx, trip, "completed").await?;
    }
    Ok(())
}
