//! Staff offer what is free to somebody who waits (H5, H10). To the next in line without further ado; past others only
//! with a reason, which is audited and kept with the ranking (pretix calls it politics: it must be visible).

use super::{
    EntryStatus, Offer, Ranking, entry, expire_offer,
    give::{self, Hand},
    line, score, wish,
};
use crate::{db::Tx, error::Result, ids::*, refusals::Refusal};

/// Offers free units to an entry, as the person named.
///
/// # Errors
/// [`Refusal::NotEnoughFree`] when they are not free, [`Refusal::Invalid`] without a reason to pass others,
/// [`Refusal::StateConflict`] unless it waits, [`Refusal::NotFound`].
pub async fn offer(tx: &mut Tx, by: UserId, id: QueueEntryId, reason: Option<String>) -> Result<Offer> {
    let reason = wish::reason(reason)?;
    let (line, booking, entry) = entry::lock(tx, id).await?;
    if entry.status != EntryStatus::Waiting {
        return Err(entry.conflict());
    }
    if !line.open {
        return Err(Refusal::Conflict { reason: "out_of_service" }.into());
    }
    if entry.useful_until <= tx.now() {
        return Err(Refusal::OfferExpired { expired_at: entry.useful_until }.into());
    }
    expire_offer::end_overdue_on(tx, &line).await?;
    let units = line::take(tx, line.id, entry.span(), &entry.features, entry.quantity).await?;
    let rows = score::head(tx, line.id, Some(id)).await?;
    let ranking = Ranking::of(tx.now(), entry.discipline, id, &rows)?;
    if ranking.best() != Some(id) && reason.is_none() {
        return Err(Refusal::invalid("reason", "is needed to pass others who fit").into());
    }
    let hand = Some(Hand { user: by, reason });
    give::give(tx, &line, &booking, &entry, &units, &ranking, hand).await
}
