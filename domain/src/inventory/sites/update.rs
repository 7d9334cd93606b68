//! A site is described anew (B11, T14).

use super::queries::{NAME_TAKEN, Site, SiteFacts, lock, read};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::SiteId,
    refusals::Refusal,
};

/// Changes a site that is still at version `seen`, where the caller says so. A change that changes nothing leaves no
/// trace. Bookings keep the zone they were made in.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::VersionMismatch`], [`Refusal::Invalid`] naming the field, or [`Refusal::Conflict`]
/// when the name is taken.
pub async fn update(
    tx: &mut Tx,
    id: SiteId,
    seen: Option<i32>,
    change: impl FnOnce(SiteFacts) -> Result<SiteFacts>,
) -> Result<Site> {
    let before = lock(tx, id).await?;
    if before.deleted_at.is_some() {
        return Err(Refusal::NotFound.into());
    }
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let facts = change(before.facts.clone())?.checked()?;
    if facts == before.facts {
        return Ok(before);
    }
    let org = tx.org()?;
    sqlx::query!(
        "update sites set name = $3, address = $4, timezone = $5, lat = $6, lon = $7, plan_key = $8, version = version + 1
         where org_id = $1 and id = $2",
        org.0,
        id.0,
        facts.name,
        facts.address,
        facts.timezone,
        facts.point.map(|(lat, _)| lat),
        facts.point.map(|(_, lon)| lon),
        facts.plan_key
    )
    .execute(tx.conn())
    .await
    .refuse_on("sites_name_key", NAME_TAKEN)?;
    let after = read(tx, id).await?;
    tx.record(Change::updated("site", id, &before, &after));
    Ok(after)
}
