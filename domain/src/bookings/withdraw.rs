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

/// Cancels a booking of a thing called `name`, gives back what was paid for it, and tells its people why.
pub(crate) async fn cancel_with_thing(tx: &mut Tx, id: BookingId, name: &str) -> Result<()> {
    let before = lock(tx, id).await?;
    if before.status == Status::Waitlisted {
        waitlist::close_entry_of(tx, id, "resource_removed").await?;
    }
    free::free_units(tx, &before).await?;
    let after = Booking {
        status: Status::Cancelled,
        reason_code: Some("resource_removed".into()),
        cancelled_at: Some(tx.now()),
        hold_expires_at: None,
        ..before.clone()
    };
    let after = queries::store(tx, &before, after).await?;
    if before.status == Status::Confirmed && before.price.amount > 0 {
        refunds::of_booking(tx, &after).await?;
    }
    tell(tx, &after, name).await
}

async fn tell(tx: &mut Tx, booking: &Booking, name: &str) -> Result<()> {
    let mut people = vec![booking.beneficiary, booking.creator];
    people.dedup();
    for user in people {
        let kind = NoticeKind::BookingWithdrawn;
        let payload = json!({ "resource": name, "start_at": booking.start_at, "timezone": booking.timezone.name(),
                              "code": booking.code });
        let dedupe_key = format!("booking/{}/{}/{user}", booking.id, kind.code());
        let subject_id = booking.id.into();
        notifications::notify(tx, Notice { user, kind, subject_type: "booking", subject_id, payload, dedupe_key })
            .await?;
    }
    Ok(())
}
