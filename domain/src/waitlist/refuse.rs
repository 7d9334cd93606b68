//! Staff say no to a wish (H10): with a reason the person reads, and the ranking it was decided by.

use super::{Entry, EntryStatus, OfferStatus, Ranking, close, entry, score, tell, wish};
use crate::{
    bookings::{self, Booking, Status},
    db::Tx,
    error::Result,
    ids::*,
    notifications::NoticeKind,
    refusals::Refusal,
};
use serde_json::json;

/// Refuses an entry that waits or has an offer, as the person named.
///
/// # Errors
/// [`Refusal::Invalid`] without a reason, [`Refusal::StateConflict`] when it ended, [`Refusal::NotFound`].
pub async fn refuse(tx: &mut Tx, by: UserId, id: QueueEntryId, reason: String) -> Result<Entry> {
    let reason = wish::reason(Some(reason))?.ok_or_else(|| Refusal::invalid("reason", "is needed"))?;
    let (line, booking, entry) = entry::lock(tx, id).await?;
    entry.must_live()?;
    let rows = score::head(tx, line.id, Some(id)).await?;
    let ranking = Ranking::of(tx.now(), entry.discipline, id, &rows)?;
    keep(tx, by, id, &ranking).await?;
    let after = close::close(tx, &entry, EntryStatus::Declined, OfferStatus::Withdrawn, Some(&reason)).await?;
    let rejected = Booking { status: Status::Rejected, reason_code: Some("wish_refused".into()), ..booking.clone() };
    let rejected = bookings::store(tx, &booking, rejected).await?;
    let facts = json!({ "notes": reason });
    tell::tell(tx, &rejected, &line.name, NoticeKind::WaitlistRefused, id.into(), &facts).await?;
    Ok(after)
}

async fn keep(tx: &mut Tx, by: UserId, id: QueueEntryId, ranking: &Ranking) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update queue_entries set refused_by = $3, refused_ranking = $4 where org_id = $1 and id = $2",
        org.0,
        id.0,
        by.0,
        ranking.stored()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
