//! When nothing is free, people wait (H-group, ★7): an entry belongs to a booking in status `waitlisted`, a freed unit
//! becomes an offer to the best entry, and an open offer holds its units by claims like any other holder.

mod words;

use crate::{db::Tx, error::Result, ids::ResourceId};

pub use words::{EntryStatus, OfferStatus};

/// Enqueues matching for resources whose units were freed.
///
/// # Errors
/// A fault when the database fails.
#[allow(clippy::unused_async)]
pub async fn units_freed(_tx: &mut Tx, _resources: &[ResourceId]) -> Result<()> {
    Ok(())
}
