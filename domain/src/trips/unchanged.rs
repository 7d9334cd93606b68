//! Acting only on what one saw (T14, T15): for steps that may name a version, but need not.

use super::lock;
use crate::{bookings::Authority, db::Tx, error::Result, ids::ResourceId, refusals::Refusal};

/// Locks the trip and insists that nobody changed it since version `seen`.
///
/// # Errors
/// [`Refusal::VersionMismatch`], and [`Refusal::NotFound`] unless the caller drives or moderates.
pub async fn unchanged_since(tx: &mut Tx, by: Authority, id: ResourceId, seen: i32) -> Result<()> {
    let trip = lock(tx, id).await?;
    by.must_drive(&trip)?;
    if trip.version == seen { Ok(()) } else { Err(Refusal::VersionMismatch { current: trip.version }.into()) }
}
