//! The driver declines (G37, CX48).

use super::{Authority, Booking, Status, free, lock, queries, tell};
use crate::{db::Tx, error::Result, ids::BookingId, notifications::NoticeKind, refusals::Refusal, trips};

/// Declines a pending booking and frees its seats.
///
/// # Errors
/// [`Refusal::NotFound`] unless the caller drives or arbitrates, [`Refusal::StateConflict`].
pub async fn reject(tx: &mut Tx, by: Authority, id: BookingId, reason: Option<String>) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let trip = trips::of_booking(tx, before.resource).await?;
    by.must_drive(&trip)?;
    if before.status != Status::Pending {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    free::free_units(tx, &before).await?;
    let after = Booking { status: Status::Rejected, reason_code: reason, hold_expires_at: None, ..before.clone() };
    let after = queries::store(tx, &before, after).await?;
    tell(tx, &after, &trip, NoticeKind::BookingRejected).await?;
    Ok(after)
}
