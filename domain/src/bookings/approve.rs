//! Somebody agrees (G36): the driver of a ride, staff for things. The units were held since the request, so two
//! approvals cannot collide.

use super::{
    Authority, Booking, Status, confirm, lock,
    place::{accepted, plan_timers},
    queries,
    request_ride::payment_deadline,
    subject::Subject,
    subject_of, tell,
};
use crate::{
    db::Tx, error::Result, ids::BookingId, notifications::NoticeKind, permissions::Permission, refusals::Refusal,
};

/// Accepts a pending booking; it now waits for its payment, or is confirmed when nothing is due.
///
/// # Errors
/// [`Refusal::NotFound`] or [`Refusal::Forbidden`] unless the caller decides about it, [`Refusal::StateConflict`],
/// [`Refusal::HoldExpired`] when its time has come.
pub async fn approve(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let subject = subject_of(tx, &before).await?;
    subject.must_be_decided_by(by, &before, Permission::BookingApprove.code())?;
    if before.status != Status::Pending {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    if let Some(expired_at) = before.hold_expires_at.filter(|deadline| *deadline <= tx.now()) {
        return Err(Refusal::HoldExpired { expired_at }.into());
    }
    if before.price.amount == 0 {
        return confirm::confirm(tx, &before, &subject).await;
    }
    let after = match &subject {
        Subject::Ride(trip) => {
            let deadline = payment_deadline(tx.now(), before.policy.hold_minutes, trip);
            Booking { status: Status::Approved, hold_expires_at: Some(deadline), ..before.clone() }
        }
        Subject::Things(_) => accepted(tx.now(), before.clone()),
    };
    let after = queries::store(tx, &before, after).await?;
    plan_timers(tx, &after);
    tell(tx, &after, &subject, NoticeKind::BookingApproved).await?;
    Ok(after)
}
