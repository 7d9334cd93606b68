//! What was booked is taken out of the inventory, and its keepers asked for the bookings to be cancelled (CX24).

use super::{Booking, Status, free, lock, queries};
use crate::{
    db::Tx,
    error::Result,
    ids::BookingId,
    notifications::{self, Notice, NoticeKind},
    refunds, waitlist,
};
use serde_json::json;

/// Why the house cancels a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Withdrawal {
    /// The thing is no longer offered.
    Removed,
    /// It is closed at that time (SN33).
    Closed,
}

impl Withdrawal {
    fn reason(self) -> &'static str {
        match self {
            Self::Removed => "resource_removed",
            Self::Closed => "resource_closed",
        }
    }

    fn notice(self) -> NoticeKind {
        match self {
            Self::Removed => NoticeKind::BookingWithdrawn,
            Self::Closed => NoticeKind::BookingClosedOut,
        }
    }
}

/// Cancels a booking of a thing called `name`, gives back what was paid for it, and tells its people why.
pub(crate) async fn cancel_with_thing(tx: &mut Tx, id: BookingId, name: &str, why: Withdrawal) -> Result<()> {
    let before = lock(tx, id).await?;
    if before.status == Status::Waitlisted {
        waitlist::close_entry_of(tx, id, why.reason()).await?;
    }
    free::free_units(tx, &before).await?;
    let after = Booking {
        status: Status::Cancelled,
        reason_code: Some(why.reason().into()),
        cancelled_at: Some(tx.now()),
        hold_expires_at: None,
        ..before.clone()
    };
    let after = queries::store(tx, &before, after).await?;
    if before.status == Status::Confirmed && before.price.amount > 0 {
        refunds::of_booking(tx, &after).await?;
    }
    tell(tx, &after, name, why.notice()).await
}

async fn tell(tx: &mut Tx, booking: &Booking, name: &str, kind: NoticeKind) -> Result<()> {
    let mut people = vec![booking.beneficiary, booking.creator];
    people.dedup();
    for user in people {
        let payload = json!({ "resource": name, "start_at": booking.start_at, "timezone": booking.timezone.name(),
                              "code": booking.code });
        let dedupe_key = format!("booking/{}/{}/{user}", booking.id, kind.code());
        let subject_id = booking.id.into();
        notifications::notify(tx, Notice { user, kind, subject_type: "booking", subject_id, payload, dedupe_key })
            .await?;
    }
    Ok(())
}
