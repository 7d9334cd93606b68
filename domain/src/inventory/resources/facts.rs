//! What may be known of a resource (E1, E5), and the bounds of each fact.

use crate::{
    db::Tx,
    error::Result,
    ids::{PolicyId, SiteId},
    inventory::{Discipline, Kind, Service, checks, tags},
    money::Money,
    organizations,
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const MOST_ATTRIBUTES: usize = 40;
const MOST_IMAGES: usize = 20;
const LARGEST_CAPACITY: i32 = 100_000;

/// Everything about a resource that its keepers may change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResourceFacts {
    /// 3 to 200 characters, once on its site.
    pub name: String,
    /// At most 4000 characters.
    pub description: String,
    /// Whether it can be booked.
    pub status: Service,
    /// Where it stands.
    pub site: Option<SiteId>,
    /// The maker's number.
    pub serial_number: Option<String>,
    /// People it holds (G13).
    pub capacity: Option<i32>,
    /// What it has: words to filter by.
    pub features: Vec<String>,
    /// What else is known, flat: make, model, plate.
    pub attributes: Map<String, Value>,
    /// Where on its site.
    pub location: Location,
    /// Pictures, by their keys in the file store.
    pub image_keys: Vec<String>,
    /// Names of its tags.
    pub tags: Vec<String>,
    /// The rules it is booked under, when not the standard ones of its kind.
    pub policy: Option<PolicyId>,
    /// What it costs, if it does.
    pub price: Option<Price>,
    /// Whether and how people wait for it.
    pub queue_discipline: Discipline,
}

/// Where on its site something is (E5).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Location {
    /// Which building.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
    /// Which floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<String>,
    /// Which room or door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
}

/// What it costs to use something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Price {
    /// For how much use.
    pub per: PriceUnit,
    /// How much, in the organization's currency.
    pub money: Money,
}

crate::inventory::words! {
    /// How much use a price is for.
    PriceUnit, "price.per" {
        /// An hour begun.
        Hour = "hour";
        /// A day begun.
        Day = "day";
        /// A booking, however long.
        Flat = "flat";
    }
}

impl ResourceFacts {
    /// The facts as they are stored: trimmed, in order, within their bounds.
    pub(super) async fn checked(mut self, tx: &mut Tx, kind: Kind) -> Result<Self> {
        self.name = checks::name("name", &self.name)?;
        checks::text("description", &self.description, 4_000)?;
        self.serial_number = checks::maybe_label("serial_number", self.serial_number, 100)?;
        if self.capacity.is_some_and(|capacity| !(1..=LARGEST_CAPACITY).contains(&capacity)) {
            return Err(Refusal::invalid("capacity", format!("must be between 1 and {LARGEST_CAPACITY}")).into());
        }
        self.features = checks::features("features", &self.features)?;
        check_attributes(&self.attributes)?;
        let Location { building, floor, room } = self.location;
        self.location = Location {
            building: checks::maybe_label("location.building", building, 100)?,
            floor: checks::maybe_label("location.floor", floor, 100)?,
            room: checks::maybe_label("location.room", room, 100)?,
        };
        checks::keys("image_keys", &self.image_keys, MOST_IMAGES)?;
        self.tags = tags::known(tx, &self.tags).await?;
        check_price(tx, self.price).await?;
        check_site(tx, self.site).await?;
        check_policy(tx, self.policy, kind).await?;
        Ok(self)
    }
}

/// Attributes are for people to read, so they are flat and short.
fn check_attributes(attributes: &Map<String, Value>) -> Result<()> {
    if attributes.len() > MOST_ATTRIBUTES {
        return Err(Refusal::invalid("attributes", format!("must be at most {MOST_ATTRIBUTES}")).into());
    }
    for (name, value) in attributes {
        checks::label("attributes", name, 60)?;
        let field = format!("attributes.{name}");
        match value {
            Value::String(text) => checks::text(&field, text, 500)?,
            Value::Number(_) | Value::Bool(_) => {}
            _ => return Err(Refusal::invalid(field, "must be a text, a number, true or false").into()),
        }
    }
    Ok(())
}

async fn check_price(tx: &mut Tx, price: Option<Price>) -> Result<()> {
    let Some(price) = price else { return Ok(()) };
    let currency = organizations::load(tx).await?.currency;
    if price.money.currency != currency {
        return Err(Refusal::invalid("price.currency", format!("prices here are in {currency}")).into());
    }
    Money::asked(price.money.amount, currency)?;
    Ok(())
}

/// A live site of this organization.
async fn check_site(tx: &mut Tx, site: Option<SiteId>) -> Result<()> {
    let Some(site) = site else { return Ok(()) };
    let org = tx.org()?;
    sqlx::query!(
        "select id from sites where org_id = $1 and id = $2 and deleted_at is null for key share",
        org.0,
        site.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Refusal::invalid("site_id", "there is no such site"))?;
    Ok(())
}

/// A live policy that is for this kind.
async fn check_policy(tx: &mut Tx, policy: Option<PolicyId>, kind: Kind) -> Result<()> {
    let Some(policy) = policy else { return Ok(()) };
    let org = tx.org()?;
    let found = sqlx::query!(
        "select applies_to from policies where org_id = $1 and id = $2 and deleted_at is null for key share",
        org.0,
        policy.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Refusal::invalid("policy_id", "there is no such policy"))?;
    if found.applies_to == "any" || found.applies_to == kind.code() {
        return Ok(());
    }
    Err(Refusal::invalid("policy_id", format!("this policy is for {}", found.applies_to)).into())
}
