//! The ride is done (G40): the driver has earned the price less the platform's share, in the same commit.

use super::{Authority, Booking, Status, lock, queries};
use crate::{
    db::Tx,
    error::Result,
    ids::BookingId,
    inventory::units,
    ledger::postings,
    refusals::Refusal,
    trips::{self, Trip},
};

/// Ends a started booking; the last one completes the trip.
///
/// # Errors
/// [`Refusal::NotFound`] unless the caller drives or arbitrates, [`Refusal::StateConflict`].
pub async fn end(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let trip = trips::of_booking(tx, before.resource).await?;
    by.must_drive(&trip)?;
    if before.status != Status::InUse {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    units::release(tx, id.into()).await?;
    let after = Booking { status: Status::Completed, ended_at: Some(tx.now()), ..before.clone() };
    let after = queries::store(tx, &before, after).await?;
    postings::booking_completed(tx, id, trip.driver, after.price, after.commission).await?;
    complete_if_over(tx, &trip).await?;
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
