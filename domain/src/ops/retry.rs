//! Having one job run now.

use super::By;
use crate::{audit::Change, db::Tx, error::Result, refusals::Refusal};
use queue::admin::{self, Retried};
use serde_json::json;
use uuid::Uuid;

/// Has a job run now, with all its attempts when it was dead: any organization's, because only those who run the
/// installation may ask.
///
/// # Errors
/// [`Refusal::NotFound`] when it is unknown or ended, [`Refusal::StateConflict`] when it is due or runs already,
/// [`Refusal::Conflict`] when it is dead and the same work is alive.
pub async fn retry(tx: &mut Tx, id: Uuid, by: &By) -> Result<()> {
    let (was, queue, org_id) = match admin::retry(tx.conn(), id).await? {
        Retried::Revived { queue, org_id } => ("dead", queue, org_id),
        Retried::Hastened { queue, org_id } => ("scheduled", queue, org_id),
        Retried::Due => return Err(Refusal::StateConflict { status: "waiting".into() }.into()),
        Retried::Running => return Err(Refusal::StateConflict { status: "running".into() }.into()),
        Retried::Alive => return Err(Refusal::Conflict { reason: "the same work is waiting or running" }.into()),
        Retried::Unknown => return Err(Refusal::NotFound.into()),
    };
    let (before, after) = (json!({ "status": was }), json!({ "status": "due" }));
    tx.record(Change::moved("job", id, before, after).because(by.sign(json!({ "org_id": org_id }))));
    tx.ring(&queue);
    Ok(())
}
