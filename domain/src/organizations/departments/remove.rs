//! A department is given up (CX24): only when nobody belongs to it any more.

use super::queries::{Department, lock, read};
use crate::{audit::Change, db::Tx, error::Result, ids::DepartmentId, refusals::Refusal};

/// Removes a department. `seen` is the version the caller saw, when they said.
///
/// # Errors
/// [`Refusal::NotFound`], also when it is removed already; [`Refusal::VersionMismatch`]; [`Refusal::Conflict`] while
/// people belong to it.
pub async fn remove(tx: &mut Tx, id: DepartmentId, seen: Option<i32>) -> Result<Department> {
    let before = lock(tx, id).await?;
    if before.deleted_at.is_some() {
        return Err(Refusal::NotFound.into());
    }
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    if before.member_count > 0 {
        return Err(Refusal::Conflict { reason: "people belong to this department" }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update departments set deleted_at = $3, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0,
        now
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::removed("department", id, &before));
    read(tx, id).await
}
