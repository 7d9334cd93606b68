//! A resource and its units come into being together (E13, B10): a car park with its bays, a camera with its copies.

use super::{
    facts::ResourceFacts,
    queries::{Resource, read},
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::ResourceId,
    inventory::{
        Kind, tags,
        units::{self, NewUnit},
    },
    refusals::Refusal,
};
use serde_json::{Value, json};

pub(super) const NAME_TAKEN: Refusal = Refusal::Conflict { reason: "another resource of this site has this name" };

/// What to offer.
#[derive(Debug, Clone)]
pub struct NewResource {
    /// What sort of thing it is; not a trip, which its driver makes.
    pub kind: Kind,
    /// What is known of it.
    pub facts: ResourceFacts,
    /// Its units; what is of one piece has one.
    pub units: Vec<NewUnit>,
}

/// Makes a resource with its units.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field; [`Refusal::Conflict`] when the name is taken on its site, a label is there
/// twice or a barcode is known already.
pub async fn create(tx: &mut Tx, new: NewResource) -> Result<Resource> {
    if new.kind == Kind::Trip {
        return Err(Refusal::invalid("kind", format!("allowed: {}", Kind::OFFERED.join(", "))).into());
    }
    let facts = new.facts.checked(tx, new.kind).await?;
    let id = ResourceId::new();
    insert(tx, id, new.kind, &facts).await?;
    tags::set(tx, id, &facts.tags).await?;
    let units = units::insert(tx, id, new.units).await?;
    let resource = read(tx, id).await?;
    let mut after = json!(resource);
    after["units"] = json!(units);
    tx.record(Change::created("resource", id, after));
    Ok(resource)
}

async fn insert(tx: &mut Tx, id: ResourceId, kind: Kind, facts: &ResourceFacts) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "insert into resources (org_id, id, kind, name, description, status, site_id, serial_number, capacity, features,
                                attributes, location, image_keys, policy_id, price_per, price_amount, price_currency,
                                queue_discipline)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        org.0,
        id.0,
        kind.code(),
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
