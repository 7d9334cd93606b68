//! A policy is given up: only when nothing names it any more, so that no thing changes its rules by surprise.

use super::{Policy, queries::lock};
use crate::{audit::Change, db::Tx, error::Result, ids::PolicyId, refusals::Refusal};

/// Removes a policy. `seen` is the version the caller saw, when they said.
///
/// # Errors
/// [`Refusal::NotFound`], also when it is removed already; [`Refusal::VersionMismatch`]; [`Refusal::Conflict`] while
/// resources name it.
pub async fn remove(tx: &mut Tx, id: PolicyId, seen: Option<i32>) -> Result<Policy> {
    let before = lock(tx, id).await?;
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    if before.resource_count > 0 {
        return Err(Refusal::Conflict { reason: "resources are booked under this policy" }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update policies set deleted_at = $3, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0,
        now
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::removed("policy", id, &before));
    Ok(before)
}
