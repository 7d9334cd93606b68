//! Reads shared by the operations on resources.

use super::facts::{Location, Price, PriceUnit, ResourceFacts};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    inventory::{Discipline, Kind, Service},
    money::Money,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

/// Something an organization offers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// What sort of thing it is.
    pub kind: Kind,
    /// What is known of it.
    #[serde(flatten)]
    pub facts: ResourceFacts,
    /// How many units it has: counted, not kept (CX51).
    pub unit_count: i64,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it came into being.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was removed.
    pub deleted_at: Option<DateTime<Utc>>,
}

pub(super) struct Row {
    pub id: ResourceId,
    pub kind: Kind,
    pub name: String,
    pub description: String,
    pub status: Service,
    pub site_id: Option<uuid::Uuid>,
    pub serial_number: Option<String>,
    pub capacity: Option<i32>,
    pub features: Vec<String>,
    pub attributes: Value,
    pub location: Value,
    pub image_keys: Vec<String>,
    pub tags: Vec<String>,
    pub policy_id: Option<uuid::Uuid>,
    pub price_per: Option<PriceUnit>,
    pub price_amount: Option<i64>,
    pub price_currency: Option<String>,
    pub queue_discipline: Discipline,
    pub unit_count: i64,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Resource {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        let price = match (row.price_per, row.price_amount, row.price_currency) {
            (Some(per), Some(amount), Some(currency)) => {
                let currency = currency.parse().map_err(|e| Fault::corrupt("resources.price_currency", e))?;
                Some(Price { per, money: Money { amount, currency } })
            }
            _ => None,
        };
        let location: Location =
            serde_json::from_value(row.location).map_err(|e| Fault::corrupt("resources.location", e))?;
        let facts = ResourceFacts {
            name: row.name,
            description: row.description,
            status: row.status,
            site: row.site_id.map(SiteId),
            serial_number: row.serial_number,
            capacity: row.capacity,
            features: row.features,
            attributes: row.attributes.as_object().cloned().unwrap_or_default(),
            location,
            image_keys: row.image_keys,
            tags: row.tags,
            policy: row.policy_id.map(PolicyId),
            price,
            queue_discipline: row.queue_discipline,
        };
        let Row { id, kind, unit_count, version, created_at, updated_at, deleted_at, .. } = row;
        Ok(Self { id, kind, facts, unit_count, version, created_at, updated_at, deleted_at })
    }
}

macro_rules! resource_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            $crate::inventory::resources::queries::Row,
            r#"select r.id as "id: ResourceId", r.kind as "kind: Kind", r.name, r.description, r.status as "status: Service",
                      r.site_id, r.serial_number, r.capacity, r.features, r.attributes, r.location, r.image_keys,
                      array(select t.name from resource_tags rt join tags t on t.org_id = rt.org_id and t.id = rt.tag_id
                            where rt.org_id = r.org_id and rt.resource_id = r.id and t.deleted_at is null
                            order by lower(t.name)) as "tags!",
                      r.policy_id, r.price_per as "price_per: PriceUnit", r.price_amount, r.price_currency,
                      r.queue_discipline as "queue_discipline: Discipline",
                      (select count(*) from units u where u.org_id = r.org_id and u.resource_id = r.id
                                                      and u.deleted_at is null) as "unit_count!",
                      r.version, r.created_at, r.updated_at, r.deleted_at
               from resources r
               where r.org_id = $1 and r.owner_user_id is null and r.kind <> 'trip' "# + $tail,
            $($argument),*
        )
    };
}
pub(super) use resource_rows;

/// One resource that is there.
///
/// # Errors
/// [`Refusal::NotFound`], also when it was removed.
pub async fn find(tx: &mut Tx, id: ResourceId) -> Result<Resource> {
    let resource = read(tx, id).await?;
    if resource.deleted_at.is_some() { Err(Refusal::NotFound.into()) } else { Ok(resource) }
}

/// One resource, removed or not.
pub(super) async fn read(tx: &mut Tx, id: ResourceId) -> Result<Resource> {
    let org = tx.org()?;
    let row = resource_rows!("and r.id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}

/// Locks a resource against rival bookings and changes, then reads it, removed or not.
pub(crate) async fn lock(tx: &mut Tx, id: ResourceId) -> Result<Resource> {
    lock_all(tx, &[id]).await?;
    read(tx, id).await
}

/// Locks resources in the order of their ids, as everybody does who locks more than one.
pub(crate) async fn lock_all(tx: &mut Tx, ids: &[ResourceId]) -> Result<()> {
    let org = tx.org()?;
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "select id from resources where org_id = $1 and id = any($2) order by id for no key update",
        org.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}
