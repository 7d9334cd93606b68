//! Acting only on what one saw (T14, T15): for steps that may name a version, but need not.

use super::{Authority, find, lock};
use crate::{db::Tx, error::Result, ids::BookingId, refusals::Refusal};

/// Locks the booking and insists that nobody changed it since version `seen`.
///
/// # Errors
/// [`Refusal::VersionMismatch`], and [`Refusal::NotFound`] for strangers.
pub async fn unchanged_since(tx: &mut Tx, by: Authority, id: BookingId, seen: i32) -> Result<()> {
    lock(tx, id).await?;
    let booking = find(tx, by, id).await?;
    if booking.version == seen { Ok(()) } else { Err(Refusal::VersionMismatch { current: booking.version }.into()) }
}
