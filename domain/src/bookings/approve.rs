//! The driver accepts (G36). The seats were held since the request, so two acceptances cannot collide.

use super::{Authority, Booking, Status, confirm, lock, queries, request::payment_deadline, tell};
use crate::{
    db::Tx, error::Result, ids::BookingId, jobs::Reservations, notifications::NoticeKind, refusals::Refusal, trips,
};

/// Accepts a pending booking; it now waits for its payment, or is confirmed when nothing is due.
///
/// # Errors
/// [`Refusal::NotFound`] unless the caller drives or arbitrates, [`Refusal::StateConflict`],
/// [`Refusal::HoldExpired`] when the departure has come.
pub async fn approve(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let trip = trips::of_booking(tx, before.resource).await?;
    by.must_drive(&trip)?;
    if before.status != Status::Pending {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    if let Some(expired_at) = before.hold_expires_at.filter(|deadline| *deadline <= tx.now()) {
        return Err(Refusal::HoldExpired { expired_at }.into());
    }
    let deadline = payment_deadline(tx.now(), before.policy.hold_minutes, &trip);
    let after = Booking { status: Status::Approved, hold_expires_at: Some(deadline), ..before.clone() };
    let after = queries::store(tx, &before, after).await?;
    if after.price.amount == 0 {
        return confirm::confirm(tx, &after, &trip).await;
    }
    tx.enqueue_at(&Reservations::ExpireHold { booking: id, deadline }, deadline);
    tell(tx, &after, &trip, NoticeKind::BookingApproved).await?;
    Ok(after)
}
