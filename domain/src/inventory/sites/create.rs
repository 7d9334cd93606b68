//! A site comes into being (B10, CX25).

use super::queries::{NAME_TAKEN, Site, SiteFacts, read};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::SiteId,
};

/// Makes a site.
///
/// # Errors
/// [`crate::refusals::Refusal::Invalid`] naming the field; [`crate::refusals::Refusal::Conflict`] when the name is taken.
pub async fn create(tx: &mut Tx, facts: SiteFacts) -> Result<Site> {
    let facts = facts.checked()?;
    let (org, id) = (tx.org()?, SiteId::new());
    sqlx::query!(
        "insert into sites (org_id, id, name, address, timezone, lat, lon, plan_key) values ($1, $2, $3, $4, $5, $6, $7, $8)",
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
    let site = read(tx, id).await?;
    tx.record(Change::created("site", id, &site));
    Ok(site)
}
