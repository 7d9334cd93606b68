//! How a resource is shown.

use crate::{
    envelope::Reply,
    routes::availability::{DayView, StatsView, UpcomingView},
};
use chrono::{DateTime, Utc};
use domain::inventory::resources;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resource {
    /// Its id.
    id: Uuid,
    /// `parking`, `equipment`, `room`, `vehicle` or `machine`.
    #[schema(example = "equipment")]
    kind: &'static str,
    /// Its name, once on its site.
    #[schema(example = "Sony FX6")]
    name: String,
    /// What people should know.
    #[schema(example = "With two batteries and a charger")]
    description: String,
    /// `active`, `maintenance` or `retired`.
    #[schema(example = "active")]
    status: &'static str,
    /// Where it stands.
    site_id: Option<Uuid>,
    /// The maker's number.
    #[schema(example = "SN-2231-A")]
    serial_number: Option<String>,
    /// People it holds.
    capacity: Option<i32>,
    /// What it has.
    #[schema(example = json!(["4k", "xlr"]))]
    features: Vec<String>,
    /// What else is known.
    #[schema(value_type = Object, example = json!({ "make": "Sony" }))]
    attributes: Map<String, Value>,
    /// Where on its site.
    location: Location,
    /// Pictures, by their keys in the file store.
    image_keys: Vec<String>,
    /// Names of its tags.
    #[schema(example = json!(["Video"]))]
    tags: Vec<String>,
    /// The rules it is booked under, when not the standard ones of its kind.
    policy_id: Option<Uuid>,
    /// What it costs, if it does.
    price: Option<ResourcePrice>,
    /// Whether and how people wait for it: `none`, `fifo` or `score`.
    #[schema(example = "score")]
    queue_discipline: &'static str,
    /// How many units it has.
    #[schema(example = 3)]
    unit_count: i64,
    /// The number in its `ETag`.
    version: i32,
    /// When it came into being.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
    /// When it was removed.
    deleted_at: Option<DateTime<Utc>>,
    /// How it is used; with `include=stats`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stats: Option<StatsView>,
    /// Its next bookings; with `include=upcoming`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) upcoming: Option<Vec<UpcomingView>>,
    /// The seven days from today on; with `include=availability`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) availability: Option<Vec<DayView>>,
}

/// Where on its site something is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Which building.
    #[schema(example = "Sciences")]
    building: Option<String>,
    /// Which floor.
    #[schema(example = "2")]
    floor: Option<String>,
    /// Which room or door.
    #[schema(example = "204")]
    room: Option<String>,
}

/// What it costs to use something.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourcePrice {
    /// For how much use: `hour`, `day` or `flat`.
    #[schema(example = "hour")]
    per: &'static str,
    /// In minor units.
    #[schema(example = 2000)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(example = "XOF")]
    currency: &'static str,
}

impl From<resources::Location> for Location {
    fn from(resources::Location { building, floor, room }: resources::Location) -> Self {
        Self { building, floor, room }
    }
}

impl From<Location> for resources::Location {
    fn from(Location { building, floor, room }: Location) -> Self {
        Self { building, floor, room }
    }
}

impl From<resources::Resource> for Resource {
    fn from(resource: resources::Resource) -> Self {
        let facts = resource.facts;
        let price = facts.price.map(|price| ResourcePrice {
            per: price.per.code(),
            amount: price.money.amount,
            currency: price.money.currency.code(),
        });
        Self {
            id: resource.id.into(),
            kind: resource.kind.code(),
            name: facts.name,
            description: facts.description,
            status: facts.status.code(),
            site_id: facts.site.map(Uuid::from),
            serial_number: facts.serial_number,
            capacity: facts.capacity,
            features: facts.features,
            attributes: facts.attributes,
            location: facts.location.into(),
            image_keys: facts.image_keys,
            tags: facts.tags,
            policy_id: facts.policy.map(Uuid::from),
            price,
            queue_discipline: facts.queue_discipline.code(),
            unit_count: resource.unit_count,
            version: resource.version,
            created_at: resource.created_at,
            updated_at: resource.updated_at,
            deleted_at: resource.deleted_at,
            stats: None,
            upcoming: None,
            availability: None,
        }
    }
}

pub(super) fn shown(resource: resources::Resource) -> Reply {
    let version = resource.version;
    Reply::ok(Resource::from(resource)).version(version)
}
