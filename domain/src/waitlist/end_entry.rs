//! A wish ends when what it is for has passed (H17): nobody is offered yesterday's bay.

use super::{EntryStatus, OfferStatus, close, entry, tell};
use crate::{
    bookings::{self, Booking, Status},
    db::Tx,
    error::Result,
    ids::*,
    notifications::NoticeKind,
};
use serde_json::json;

/// Ends the entry if it waits beyond its use; otherwise finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn end_entry(tx: &mut Tx, id: QueueEntryId) -> Result<bool> {
    let (line, booking, entry) = entry::lock(tx, id).await?;
    if !entry.is_live() || entry.useful_until > tx.now() {
        return Ok(false);
    }
    close::close(tx, &entry, EntryStatus::Expired, OfferStatus::Expired, Some("useless")).await?;
    let after = Booking { status: Status::Expired, reason_code: Some("nothing_freed".into()), ..booking.clone() };
    let after = bookings::store(tx, &booking, after).await?;
    tell::tell(tx, &after, &line.name, NoticeKind::WaitlistEnded, id.into(), &json!({})).await?;
    Ok(true)
}
