//! An offer nobody answered in time ends, and with it the wish: whoever comes next must not wait for the silent (H7, H9).
//! The timer, the sweep and whoever needs the units call the same rule.

use super::{Entry, EntryStatus, OfferStatus, close, entry, line::Line, offers, tell, wish};
use crate::{
    bookings::{self, Booking, Status},
    db::Tx,
    error::Result,
    ids::*,
    notifications::NoticeKind,
};
use serde_json::json;

/// Ends the offer if its time is over; otherwise finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn expire_offer(tx: &mut Tx, id: OfferId) -> Result<bool> {
    let entry = offers::load(tx, id).await?.entry;
    let (line, booking, entry) = entry::lock(tx, entry).await?;
    match offers::lock_open(tx, entry.id).await? {
        Some(offer) if offer.id == id && offer.expires_at <= tx.now() => {
            end(tx, &line, &booking, &entry, id, None).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Ends the open offer of an entry at once, as staff.
///
/// # Errors
/// [`crate::refusals::Refusal::StateConflict`] when none is open, [`crate::refusals::Refusal::NotFound`].
pub async fn expire(tx: &mut Tx, id: QueueEntryId, reason: Option<String>) -> Result<Entry> {
    let reason = wish::reason(reason)?;
    let (line, booking, entry) = entry::lock(tx, id).await?;
    match offers::lock_open(tx, id).await? {
        Some(offer) => end(tx, &line, &booking, &entry, offer.id, reason.as_deref()).await,
        None => Err(entry.conflict()),
    }
}

/// Ends every offer on a locked resource whose time is over, so that a rule sees what is really free.
pub(super) async fn end_overdue_on(tx: &mut Tx, line: &Line) -> Result<()> {
    for offer in offers::overdue_on(tx, line.id).await? {
        let seen = entry::load(tx, offer.entry).await?;
        let booking = bookings::lock(tx, seen.booking).await?;
        let entry = entry::lock_alone(tx, seen.id).await?;
        end(tx, line, &booking, &entry, offer.id, None).await?;
    }
    Ok(())
}

async fn end(
    tx: &mut Tx,
    line: &Line,
    booking: &Booking,
    entry: &Entry,
    offer: OfferId,
    reason: Option<&str>,
) -> Result<Entry> {
    let entry = close::close(tx, entry, EntryStatus::Expired, OfferStatus::Expired, reason).await?;
    let after = Booking { status: Status::Expired, reason_code: Some("offer_expired".into()), ..booking.clone() };
    let after = bookings::store(tx, booking, after).await?;
    tell::tell(tx, &after, &line.name, NoticeKind::OfferExpired, offer.into(), &json!({})).await?;
    Ok(entry)
}
