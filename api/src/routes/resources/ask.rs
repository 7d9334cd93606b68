//! What clients say of a resource (E13, E15).

use super::view::Location;
use crate::{
    extract::said,
    routes::{hours::every_day, units::NewUnitBody},
};
use domain::{
    error::Result,
    ids::{PolicyId, SiteId},
    inventory::{
        Discipline, Kind, Service,
        hours::Opening,
        resources::{NewResource, Price, PriceUnit, ResourceFacts},
        units::NewUnit,
    },
    money::{Currency, Money},
    refusals::Refusal,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A resource to be, with its units.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "parking", "name": "Visitors", "description": "Behind the gate", "features": ["covered"],
    "location": { "floor": "-1" }, "queue_discipline": "score",
    "units": [{ "label": "V-1", "position": { "x": 12.5, "y": 4.0 } }, { "label": "V-2", "features": ["charger"] }]
}))]
pub struct NewResourceBody {
    /// `parking`, `equipment`, `room`, `vehicle` or `machine`.
    kind: String,
    /// 3 to 200 characters, once on its site.
    name: String,
    /// At most 4000 characters.
    description: Option<String>,
    /// `active`, which is the default, `maintenance` or `retired`.
    status: Option<String>,
    /// Where it stands.
    #[schema(value_type = Option<Uuid>)]
    site_id: Option<SiteId>,
    /// The maker's number.
    serial_number: Option<String>,
    /// People it holds.
    #[schema(minimum = 1, maximum = 100_000)]
    capacity: Option<i32>,
    /// At most 40 words.
    features: Option<Vec<String>>,
    /// At most 40 texts, numbers and truths, by name.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
    /// Where on its site.
    location: Option<Location>,
    /// At most 20 keys in the file store.
    image_keys: Option<Vec<String>>,
    /// At most 20 names of tags that are there.
    tags: Option<Vec<String>>,
    /// The rules it is booked under.
    #[schema(value_type = Option<Uuid>)]
    policy_id: Option<PolicyId>,
    /// What it costs.
    price: Option<PriceBody>,
    /// `none`, which is the default, `fifo` or `score`.
    queue_discipline: Option<String>,
    /// Of a room: every day from this time, with `open_to`; more at `…/opening-hours`.
    open_from: Option<String>,
    /// Of a room: until this time of the same day.
    open_to: Option<String>,
    /// Its units, at most 500.
    units: Option<Vec<NewUnitBody>>,
    /// Instead of `units`: so many, labelled from 1. A car park has none unless told, anything else has one.
    #[schema(minimum = 0, maximum = 500)]
    unit_count: Option<u16>,
}

/// What to change; what is not named stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "maintenance", "serial_number": null }))]
pub struct PatchResource {
    /// 3 to 200 characters, once on its site.
    name: Option<String>,
    /// At most 4000 characters.
    description: Option<String>,
    /// `active`, `maintenance` or `retired`.
    status: Option<String>,
    /// Where it stands.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Uuid>)]
    site_id: Option<Option<SiteId>>,
    /// The maker's number.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    serial_number: Option<Option<String>>,
    /// People it holds.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<i32>)]
    capacity: Option<Option<i32>>,
    /// All of its features.
    features: Option<Vec<String>>,
    /// All of its attributes.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
    /// Where on its site, whole.
    location: Option<Location>,
    /// All of its pictures.
    image_keys: Option<Vec<String>>,
    /// All of its tags.
    tags: Option<Vec<String>>,
    /// The rules it is booked under.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Uuid>)]
    policy_id: Option<Option<PolicyId>>,
    /// What it costs.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<PriceBody>)]
    price: Option<Option<PriceBody>>,
    /// `none`, `fifo` or `score`.
    queue_discipline: Option<String>,
    /// Of a room: every day from this time, with `open_to`; more at `…/opening-hours`.
    open_from: Option<String>,
    /// Of a room: until this time of the same day.
    open_to: Option<String>,
}

/// What it costs to use something.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceBody {
    /// For how much use: `hour`, which is the default, `day` or `flat`.
    #[schema(example = "hour")]
    per: Option<String>,
    /// In minor units.
    #[schema(example = 2000, minimum = 0)]
    amount: Option<i64>,
    /// Instead of `amount`: in whole units, such as 12.5 euros.
    #[schema(minimum = 0)]
    major: Option<f64>,
    /// The organization's, unless told otherwise.
    #[schema(value_type = Option<String>, example = "XOF")]
    currency: Option<Currency>,
}

impl PriceBody {
    fn price(self, here: Currency) -> Result<Price> {
        let per = parsed(self.per.as_deref(), PriceUnit::Hour)?;
        let currency = self.currency.unwrap_or(here);
        let money = match (self.amount, self.major) {
            (Some(amount), None) => Money { amount, currency },
            (None, Some(units)) => Money::in_major(units, currency)?,
            _ => return Err(Refusal::invalid("price.amount", "give amount, or major instead").into()),
        };
        Ok(Price { per, money })
    }
}

fn parsed<T: std::str::FromStr<Err = Refusal>>(text: Option<&str>, default: T) -> Result<T> {
    Ok(text.map(str::parse).transpose()?.unwrap_or(default))
}

impl NewResourceBody {
    pub(super) fn hours(&self) -> Result<Option<Opening>> {
        Ok(every_day(self.open_from.as_deref(), self.open_to.as_deref())?)
    }

    pub(super) fn resource(self, here: Currency) -> Result<NewResource> {
        let kind: Kind = self.kind.parse()?;
        let units = match (self.units, self.unit_count) {
            (Some(_), Some(_)) => {
                return Err(Refusal::invalid("unit_count", "give units or unit_count, not both").into());
            }
            (Some(units), None) => units.into_iter().map(NewUnitBody::unit).collect::<Result<_>>()?,
            (None, Some(count)) if count > 500 => {
                return Err(Refusal::invalid("unit_count", "must be between 0 and 500").into());
            }
            (None, count) => numbered(count.unwrap_or(u16::from(kind != Kind::Parking))),
        };
        let facts = ResourceFacts {
            name: self.name,
            description: self.description.unwrap_or_default(),
            status: parsed(self.status.as_deref(), Service::Active)?,
            site: self.site_id,
            serial_number: self.serial_number,
            capacity: self.capacity,
            features: self.features.unwrap_or_default(),
            attributes: self.attributes.unwrap_or_default(),
            location: self.location.unwrap_or_default().into(),
            image_keys: self.image_keys.unwrap_or_default(),
            tags: self.tags.unwrap_or_default(),
            policy: self.policy_id,
            price: self.price.map(|price| price.price(here)).transpose()?,
            queue_discipline: parsed(self.queue_discipline.as_deref(), Discipline::None)?,
        };
        Ok(NewResource { kind, facts, units })
    }
}

fn numbered(count: u16) -> Vec<NewUnit> {
    (1..=count).map(|number| NewUnit::labelled(number.to_string())).collect()
}

impl PatchResource {
    pub(super) fn hours(&self) -> Result<Option<Opening>> {
        Ok(every_day(self.open_from.as_deref(), self.open_to.as_deref())?)
    }

    pub(super) fn onto(self, before: ResourceFacts, here: Currency) -> Result<ResourceFacts> {
        let price = match self.price {
            None => before.price,
            Some(price) => price.map(|price| price.price(here)).transpose()?,
        };
        Ok(ResourceFacts {
            name: self.name.unwrap_or(before.name),
            description: self.description.unwrap_or(before.description),
            status: parsed(self.status.as_deref(), before.status)?,
            site: self.site_id.unwrap_or(before.site),
            serial_number: self.serial_number.unwrap_or(before.serial_number),
            capacity: self.capacity.unwrap_or(before.capacity),
            features: self.features.unwrap_or(before.features),
            attributes: self.attributes.unwrap_or(before.attributes),
            location: self.location.map_or(before.location, Into::into),
            image_keys: self.image_keys.unwrap_or(before.image_keys),
            tags: self.tags.unwrap_or(before.tags),
            policy: self.policy_id.unwrap_or(before.policy),
            price,
            queue_discipline: parsed(self.queue_discipline.as_deref(), before.queue_discipline)?,
        })
    }
}

/// Hours of its own are a room's (E9).
pub(super) fn must_have_hours(kind: Kind, hours: Option<Opening>) -> Result<()> {
    match hours {
        Some(_) if kind != Kind::Room => {
            Err(Refusal::invalid("open_from", "only rooms have hours of their own here").into())
        }
        _ => Ok(()),
    }
}
