//! Acting only on what one saw (T15, CX14): for steps that may name a version, but need not.

use super::entry;
use crate::{bookings::Authority, db::Tx, error::Result, ids::QueueEntryId, refusals::Refusal};

/// Locks the entry and insists that nobody changed it since version `seen`.
///
/// # Errors
/// [`Refusal::VersionMismatch`], and [`Refusal::NotFound`] for strangers.
pub async fn unchanged_since(tx: &mut Tx, by: Authority, id: QueueEntryId, seen: i32) -> Result<()> {
    lock_all_it_may_touch(tx, id).await?;
    let (_, booking, entry) = entry::lock(tx, id).await?;
    by.must_ride(&booking)?;
    if entry.version == seen { Ok(()) } else { Err(Refusal::VersionMismatch { current: entry.version }.into()) }
}

/// Resources are locked in the order of their ids: the step that follows may be about what was proposed instead.
async fn lock_all_it_may_touch(tx: &mut Tx, id: QueueEntryId) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "select id from resources
         where org_id = $1 and id in (select resource_id from queue_entries where org_id = $1 and id = $2
                                      union select resource_id from alternatives where org_id = $1 and queue_entry_id = $2)
         order by id for no key update",
        org.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}
