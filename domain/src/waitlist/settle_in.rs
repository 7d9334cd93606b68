//! From the line into a booking that holds its units: firm at once, or until somebody agrees or pays (MODEL §3). Who is
//! given something by staff needs no further approval.

use super::tell;
use crate::{
    bookings::{self, Booking, Status},
    db::Tx,
    error::Result,
    jobs::Reservations,
    notifications::{self, NoticeKind},
    policies::Approval,
};
use chrono::TimeDelta;
use serde_json::json;

/// Moves a locked booking out of the line, as `taken` says it is about; its claims stand already.
pub(super) async fn settle_in(
    tx: &mut Tx,
    name: &str,
    before: &Booking,
    taken: Booking,
    agreed: bool,
) -> Result<Booking> {
    let policy = &taken.policy;
    let start_or_end = if taken.start_at > tx.now() { taken.start_at } else { taken.end_at };
    let to_pay = tx.now() + TimeDelta::minutes(policy.hold_minutes.into());
    let (status, hold) = if policy.approval == Approval::Staff && !agreed {
        (Status::Pending, Some(start_or_end))
    } else if taken.price.amount > 0 {
        (Status::Approved, Some(to_pay.min(start_or_end)))
    } else {
        (Status::Confirmed, None)
    };
    let after_start = policy.release_after_minutes.map(|minutes| taken.start_at + TimeDelta::minutes(minutes.into()));
    let release_at = match taken.due_at {
        Some(_) => Some(after_start.unwrap_or(taken.end_at).min(taken.end_at)),
        None => after_start,
    };
    let release_at = release_at.filter(|_| status == Status::Confirmed);
    let after = Booking { status, hold_expires_at: hold, release_at, ..taken };
    let after = bookings::store(tx, before, after).await?;
    match hold {
        Some(deadline) => tx.enqueue_at(&Reservations::ExpireHold { booking: after.id, deadline }, deadline),
        None => notifications::plan_reminders(tx, after.id, after.start_at, &after.policy.reminders),
    }
    tell::tell(tx, &after, name, NoticeKind::OfferAccepted, after.id.into(), &json!({})).await?;
    Ok(after)
}
