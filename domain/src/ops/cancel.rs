//! Taking one job away.

use super::By;
use crate::{audit::Change, db::Tx, error::Result, refusals::Refusal};
use queue::admin::{self, Cancelled};
use serde_json::json;
use uuid::Uuid;

const LONGEST_REASON: usize = 200;

/// Takes away a job that waits, now or for later, or is dead; `reason` says why, to whoever reads its history.
///
/// # Errors
/// [`Refusal::NotFound`] when it is unknown or ended, [`Refusal::StateConflict`] while it runs, [`Refusal::Invalid`] for a
/// reason out of bounds.
pub async fn cancel(tx: &mut Tx, id: Uuid, reason: &str, by: &By) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.contains('\0') {
        return Err(Refusal::invalid("reason", format!("must be 1 to {LONGEST_REASON} characters")).into());
    }
    let name = by.name(tx);
    let (was, org_id) = match admin::cancel(tx.conn(), id, &name, reason).await? {
        Cancelled::Gone { was, org_id } => (was, org_id),
        Cancelled::Running => return Err(Refusal::StateConflict { status: "running".into() }.into()),
        Cancelled::Unknown => return Err(Refusal::NotFound.into()),
    };
    let (before, after) = (json!({ "status": was }), json!({ "status": "cancelled" }));
    let meta = by.sign(json!({ "org_id": org_id, "reason": reason }));
    tx.record(Change::moved("job", id, before, after).because(meta));
    Ok(())
}
