//! A removed site comes back.

use super::queries::{NAME_TAKEN, Site, lock, read};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::SiteId,
    refusals::Refusal,
};

/// Restores a removed site.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it is there; [`Refusal::Conflict`] when its name was given to
/// another meanwhile.
pub async fn restore(tx: &mut Tx, id: SiteId) -> Result<Site> {
    let before = lock(tx, id).await?;
    if before.deleted_at.is_none() {
        return Err(Refusal::StateConflict { status: "active".into() }.into());
    }
    let org = tx.org()?;
    sqlx::query!(
        "update sites set deleted_at = null, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0
    )
    .execute(tx.conn())
    .await
    .refuse_on("sites_name_key", NAME_TAKEN)?;
    let after = read(tx, id).await?;
    tx.record(Change::restored("site", id, &before, &after));
    Ok(after)
}
