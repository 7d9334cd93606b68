//! A site is given up (B12, CX24): only when nothing stands on it any more, because what stands there may be booked.

use super::queries::{Site, lock, read};
use crate::{audit::Change, db::Tx, error::Result, ids::SiteId, refusals::Refusal};

/// Removes a site. `seen` is the version the caller saw, when they said.
///
/// # Errors
/// [`Refusal::NotFound`], also when it is removed already; [`Refusal::VersionMismatch`]; [`Refusal::Conflict`] while
/// resources stand on it: they are moved or removed first.
pub async fn remove(tx: &mut Tx, id: SiteId, seen: Option<i32>) -> Result<Site> {
    let before = lock(tx, id).await?;
    if before.deleted_at.is_some() {
        return Err(Refusal::NotFound.into());
    }
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    if before.resource_count > 0 {
        return Err(Refusal::Conflict { reason: "resources stand on this site" }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update sites set deleted_at = $3, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0,
        now
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::removed("site", id, &before));
    read(tx, id).await
}
