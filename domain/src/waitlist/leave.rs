//! Leaving the line, at any time (SN15): with the wish goes its booking, and an open offer passes on at once.

use super::{Entry, EntryStatus, OfferStatus, close, entry};
use crate::{
    bookings::{self, Authority, Booking, Status},
    db::Tx,
    error::Result,
    ids::*,
};

/// Leaves, for who booked or for whom.
///
/// # Errors
/// [`crate::refusals::Refusal::StateConflict`] when it ended, [`crate::refusals::Refusal::NotFound`] for everybody else.
pub async fn leave(tx: &mut Tx, by: UserId, id: QueueEntryId) -> Result<Entry> {
    let (_, booking, entry) = entry::lock(tx, id).await?;
    Authority::Own(by).must_ride(&booking)?;
    entry.must_live()?;
    cancel_booking(tx, &booking, "left_waitlist").await?;
    close::close(tx, &entry, EntryStatus::Cancelled, OfferStatus::Declined, None).await
}

/// Ends a locked booking that waits, because it is cancelled as a booking.
pub(crate) async fn cancel_wish(tx: &mut Tx, before: &Booking, reason: Option<String>) -> Result<Booking> {
    close::close_entry_of(tx, before.id, "booking_cancelled").await?;
    cancel_booking(tx, before, reason.as_deref().unwrap_or("left_waitlist")).await
}

/// Ends a locked booking that waited and will not be.
pub(super) async fn cancel_booking(tx: &mut Tx, before: &Booking, reason: &str) -> Result<Booking> {
    let (reason_code, cancelled_at) = (Some(reason.to_owned()), Some(tx.now()));
    let after = Booking { status: Status::Cancelled, reason_code, cancelled_at, ..before.clone() };
    bookings::store(tx, before, after).await
}
