//! The ride begins for a rider who checked in (G40).

use super::{Authority, Booking, Status, lock, queries};
use crate::{db::Tx, error::Result, ids::BookingId, refusals::Refusal, trips};

/// Starts a confirmed booking; the first one sets the trip on its way.
///
/// # Errors
/// [`Refusal::NotFound`] unless the caller drives or arbitrates, [`Refusal::StateConflict`] before check-in or after
/// the start.
pub async fn start(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let trip = trips::of_booking(tx, before.resource).await?;
    by.must_drive(&trip)?;
    if before.status != Status::Confirmed {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    if before.checked_in_at.is_none() {
        return Err(Refusal::StateConflict { status: "not_checked_in".into() }.into());
    }
    let after = Booking { status: Status::InUse, started_at: Some(tx.now()), ..before.clone() };
    let after = queries::store(tx, &before, after).await?;
    if trip.status == "published" {
        trips::set_status(tx, &trip, "ongoing").await?;
    }
    Ok(after)
}
