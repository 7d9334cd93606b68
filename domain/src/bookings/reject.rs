//! Whoever decides says no (G37, CX48).

use super::{Authority, Booking, Status, free, lock, queries, subject_of, tell};
use crate::{
    db::Tx, error::Result, ids::BookingId, notifications::NoticeKind, permissions::Permission, refusals::Refusal,
};

/// Declines a pending booking and frees its units.
///
/// # Errors
/// [`Refusal::NotFound`] or [`Refusal::Forbidden`] unless the caller decides about it, [`Refusal::StateConflict`].
pub async fn reject(tx: &mut Tx, by: Authority, id: BookingId, reason: Option<String>) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let subject = subject_of(tx, &before).await?;
    subject.must_be_decided_by(by, &before, Permission::BookingApprove.code())?;
    if before.status != Status::Pending {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    free::free_units(tx, &before).await?;
    let after = Booking { status: Status::Rejected, reason_code: reason, hold_expires_at: None, ..before.clone() };
    let after = queries::store(tx, &before, after).await?;
    tell(tx, &after, &subject, NoticeKind::BookingRejected).await?;
    Ok(after)
}
