//! The person says no: to an offer, which ends the wish and passes the units on (SN15), or to what staff propose
//! instead, which leaves the wish in line.

use super::{AlternativeStatus, Entry, EntryStatus, OfferStatus, close, entry, leave, offers};
use crate::{bookings::Authority, db::Tx, error::Result, ids::*};

/// Declines the open offer of an entry, for who booked or for whom.
///
/// # Errors
/// [`crate::refusals::Refusal::StateConflict`] when none is open, [`crate::refusals::Refusal::NotFound`] for everybody
/// else.
pub async fn decline(tx: &mut Tx, by: UserId, id: QueueEntryId) -> Result<Entry> {
    let (_, booking, entry) = entry::lock(tx, id).await?;
    Authority::Own(by).must_ride(&booking)?;
    if entry.status != EntryStatus::Offered {
        return Err(entry.conflict());
    }
    leave::cancel_booking(tx, &booking, "offer_declined").await?;
    close::close(tx, &entry, EntryStatus::Declined, OfferStatus::Declined, None).await
}

/// Declines one proposal; the entry waits on.
///
/// # Errors
/// The same, for the proposal.
pub async fn decline_alternative(tx: &mut Tx, by: UserId, id: QueueEntryId, which: AlternativeId) -> Result<Entry> {
    let (_, booking, entry) = entry::lock(tx, id).await?;
    Authority::Own(by).must_ride(&booking)?;
    let alternative = offers::lock_alternative(tx, id, which).await?;
    offers::answer(tx, &alternative, AlternativeStatus::Declined).await?;
    Ok(entry)
}
