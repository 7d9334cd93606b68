//! What ends with something else: an entry with its booking, an offer with its unit.

use super::{EntryStatus, OfferStatus, entry, entry::Entry, match_line, offers};
use crate::{db::Tx, error::Result, ids::*};

/// Ends the live entry of a locked booking that ends, with its open offer and whatever was proposed.
pub(crate) async fn close_entry_of(tx: &mut Tx, booking: BookingId, reason: &str) -> Result<()> {
    let org = tx.org()?;
    let live = sqlx::query_scalar!(
        r#"select id as "id: QueueEntryId" from queue_entries
           where org_id = $1 and booking_id = $2 and status in ('waiting', 'offered')"#,
        org.0,
        booking.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(id) = live else { return Ok(()) };
    let entry = entry::lock_alone(tx, id).await?;
    if entry.is_live() {
        close(tx, &entry, EntryStatus::Cancelled, OfferStatus::Withdrawn, Some(reason)).await?;
    }
    Ok(())
}

/// Takes an open offer back because its unit goes: its entry waits on.
pub(crate) async fn withdraw_offer(tx: &mut Tx, offer: OfferId, reason: &str) -> Result<()> {
    let entry = offers::load(tx, offer).await?.entry;
    let entry = entry::lock_alone(tx, entry).await?;
    if offers::lock_open(tx, entry.id).await?.is_none_or(|open| open.id != offer) {
        return Ok(());
    }
    offers::end(tx, offer, OfferStatus::Withdrawn, Some(reason)).await?;
    entry::set_status(tx, &entry, EntryStatus::Waiting, None).await?;
    match_line::units_freed(tx, &[entry.resource]).await
}

/// Ends a locked entry: its offer's units go to the next, and nothing proposed stays open.
pub(super) async fn close(
    tx: &mut Tx,
    entry: &Entry,
    status: EntryStatus,
    offer_status: OfferStatus,
    reason: Option<&str>,
) -> Result<Entry> {
    if let Some(offer) = offers::lock_open(tx, entry.id).await? {
        offers::end(tx, offer.id, offer_status, reason).await?;
        match_line::units_freed(tx, &[entry.resource]).await?;
    }
    offers::withdraw_alternatives(tx, entry.id).await?;
    entry::set_status(tx, entry, status, reason).await
}
