//! A resource is described anew (E15, T14).

use super::{
    create::NAME_TAKEN,
    facts::ResourceFacts,
    queries::{Resource, lock, read},
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::ResourceId,
    inventory::{closures, tags},
    refusals::Refusal,
    waitlist,
};
use serde_json::{Value, json};

/// Changes a resource that is still at version `seen`, where the caller says so. A change that changes nothing leaves no trace.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::VersionMismatch`], [`Refusal::Invalid`] naming the field, or [`Refusal::Conflict`]
/// when the name is taken on its site.
pub async fn update(
    tx: &mut Tx,
    id: ResourceId,
    seen: Option<i32>,
    change: impl FnOnce(ResourceFacts) -> Result<ResourceFacts>,
) -> Result<Resource> {
    let before = lock(tx, id).await?;
    if before.deleted_at.is_some() {
        return Err(Refusal::NotFound.into());
    }
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let facts = change(before.facts.clone())?.checked(tx, before.kind).await?;
    if facts == before.facts {
        return Ok(before);
    }
    store(tx, id, &facts).await?;
    tags::set(tx, id, &facts.tags).await?;
    if facts.site != before.facts.site {
        closures::moved(tx, id).await?;
    }
    let after = read(tx, id).await?;
    let what = if before.facts.status == after.facts.status { Change::updated } else { Change::moved };
    tx.record(what("resource", id, &before, &after));
    waitlist::units_freed(tx, &[id]).await?; // it may be in service again, or have what somebody needs
    Ok(after)
}

async fn store(tx: &mut Tx, id: ResourceId, facts: &ResourceFacts) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update resources set name = $3, description = $4, status = $5, site_id = $6, serial_number = $7, capacity = $8,
                features = $9, attributes = $10, location = $11, image_keys = $12, policy_id = $13, price_per = $14,
                price_amount = $15, price_currency = $16, queue_discipline = $17, version = version + 1
         where org_id = $1 and id = $2",
        org.0,
        id.0,
        facts.name,
        facts.description,
        facts.status.code(),
        facts.site.map(|site| site.0),
        facts.serial_number,
        facts.capacity,
        &facts.features,
        Value::Object(facts.attributes.clone()),
        json!(facts.location),
        &facts.image_keys,
        facts.policy.map(|policy| policy.0),
        facts.price.map(|price| price.per.code()),
        facts.price.map(|price| price.money.amount),
        facts.price.map(|price| price.money.currency.code()),
        facts.queue_discipline.code()
    )
    .execute(tx.conn())
    .await
    .refuse_on("resources_name_key", NAME_TAKEN)
    .refuse_on("vehicles_plate_key", Refusal::Conflict { reason: "this plate is registered already" })?;
    Ok(())
}
