//! The ride begins for a rider who checked in (G40). A bay or a room begins with the check-in, a loan with its hand-over.

use super::{Authority, Booking, Status, lock, queries, subject::Subject, subject_of};
use crate::{db::Tx, error::Result, ids::BookingId, permissions::Permission, refusals::Refusal, trips};

/// Starts a confirmed booking; the first one sets the trip on its way.
///
/// # Errors
/// [`Refusal::NotFound`] or [`Refusal::Forbidden`] unless the caller decides about it, [`Refusal::StateConflict`] before
/// check-in or after the start.
pub async fn start(tx: &mut Tx, by: Authority, id: BookingId) -> Result<Booking> {
    let before = lock(tx, id).await?;
    let subject = subject_of(tx, &before).await?;
    subject.must_be_decided_by(by, &before, Permission::BookingArbitrate.code())?;
    if before.status != Status::Confirmed {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    let Subject::Ride(trip) = subject else {
        let how = if before.due_at.is_some() { "not_handed_over" } else { "not_checked_in" };
        return Err(Refusal::StateConflict { status: how.into() }.into());
    };
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
