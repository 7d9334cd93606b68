//! Taking an invitation back.

use super::{Invitation, find, queries::lock};
use crate::{audit::Change, db::Tx, error::Result, ids::InvitationId, refusals::Refusal};
use serde_json::json;

/// Withdraws an invitation that nobody used. A letter that is on its way arrives, and opens nothing.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::StateConflict`] unless it is open.
pub async fn revoke(tx: &mut Tx, id: InvitationId) -> Result<Invitation> {
    let before = lock(tx, id).await?;
    if before.state != "open" {
        return Err(Refusal::StateConflict { status: before.state }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!("update invitations set revoked_at = $3 where org_id = $1 and id = $2", org.0, id.0, now)
        .execute(tx.conn())
        .await?;
    let (was, is) = (json!({ "state": before.state }), json!({ "state": "revoked" }));
    tx.record(Change::moved("invitation", id, was, is));
    find(tx, id).await
}
