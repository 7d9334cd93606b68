//! Time is over (Q11): a bay or a room is free again, whether or not anybody says so. A ride is ended by its driver, a
//! loan by its return.

use super::{Status, end::complete, lock, subject_of};
use crate::{db::Tx, error::Result, ids::BookingId, inventory::Kind};

/// Ends the booking if its time is over; otherwise finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn finish_booking(tx: &mut Tx, id: BookingId) -> Result<bool> {
    let before = lock(tx, id).await?;
    let awaited = before.release_at.is_some() && before.checked_in_at.is_none();
    let over = matches!(before.status, Status::Confirmed | Status::InUse)
        && before.kind != Kind::Trip
        && before.due_at.is_none()
        && before.end_at <= tx.now();
    if !over {
        return Ok(false);
    }
    if awaited {
        return super::release_missed(tx, id).await; // its own timer was lost, or is about to run
    }
    let subject = subject_of(tx, &before).await?;
    complete(tx, &before, &subject).await?;
    Ok(true)
}
