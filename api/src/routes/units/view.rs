//! What clients say of a unit, and how it is shown.

use crate::{envelope::Reply, extract::said};
use chrono::{DateTime, Utc};
use domain::{
    error::Result,
    inventory::{
        Condition, Service,
        units::{self, Listing, NewUnit, UnitSheet, UnitState},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A single piece of a resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unit {
    /// Its id.
    id: Uuid,
    /// Of which resource.
    resource_id: Uuid,
    /// What people call it, once in its resource.
    #[schema(example = "B-12")]
    label: String,
    /// What a reader reads on it, once in the organization.
    #[schema(example = "CAM-0001")]
    barcode: Option<String>,
    /// `new`, `good`, `worn` or `damaged`.
    #[schema(example = "good")]
    condition: Option<&'static str>,
    /// `active`, `maintenance` or `retired`.
    #[schema(example = "active")]
    status: &'static str,
    /// Where it lies on the plan of its site.
    position: Option<Position>,
    /// What it has beyond its resource.
    #[schema(example = json!(["charger"]))]
    features: Vec<String>,
    /// What holds it at `status_at`, when that was asked.
    #[schema(example = "free")]
    state: Option<&'static str>,
    /// The number in its `ETag`.
    version: i32,
    /// When it came into being.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
    /// When it was removed.
    deleted_at: Option<DateTime<Utc>>,
}

/// A point on the plan of a site, in the measure of the drawing.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// To the right of its left edge.
    #[schema(example = 12.5)]
    x: f64,
    /// Below its upper edge.
    #[schema(example = 4.0)]
    y: f64,
}

/// Units to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnits {
    /// 1 to 500.
    pub units: Vec<NewUnitBody>,
}

/// A unit to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnitBody {
    /// 1 to 60 characters, once in its resource.
    #[schema(example = "B-12")]
    label: String,
    /// At most 100 characters, once in the organization.
    barcode: Option<String>,
    /// `new`, `good`, `worn` or `damaged`.
    #[schema(example = "good")]
    condition: Option<String>,
    /// `active`, which is the default, `maintenance` or `retired`.
    #[schema(example = "active")]
    status: Option<String>,
    /// Where it lies on the plan of its site.
    position: Option<Position>,
    /// At most 40 words.
    #[schema(example = json!(["charger"]))]
    features: Option<Vec<String>>,
}

/// What to change; what is not named stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "condition": "worn", "position": { "x": 12.5, "y": 4.0 } }))]
pub struct PatchUnit {
    /// 1 to 60 characters, once in its resource.
    label: Option<String>,
    /// At most 100 characters.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    barcode: Option<Option<String>>,
    /// `new`, `good`, `worn` or `damaged`.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    condition: Option<Option<String>>,
    /// `active`, `maintenance` or `retired`.
    status: Option<String>,
    /// Where it lies on the plan of its site.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Position>)]
    position: Option<Option<Position>>,
    /// All of its features.
    features: Option<Vec<String>>,
}

fn condition(text: Option<String>) -> Result<Option<Condition>> {
    Ok(text.map(|text| text.parse()).transpose()?)
}

impl NewUnitBody {
    /// The unit meant.
    pub fn unit(self) -> Result<NewUnit> {
        Ok(NewUnit {
            label: self.label,
            barcode: self.barcode,
            condition: condition(self.condition)?,
            status: self.status.map_or(Ok(Service::Active), |status| status.parse())?,
            position: self.position.map(Into::into),
            features: self.features.unwrap_or_default(),
        })
    }
}

impl PatchUnit {
    pub(super) fn onto(self, before: NewUnit) -> Result<NewUnit> {
        Ok(NewUnit {
            label: self.label.unwrap_or(before.label),
            barcode: self.barcode.unwrap_or(before.barcode),
            condition: self.condition.map_or(Ok(before.condition), condition)?,
            status: self.status.map_or(Ok(before.status), |status| status.parse())?,
            position: self.position.map_or(before.position, |position| position.map(Into::into)),
            features: self.features.unwrap_or(before.features),
        })
    }
}

impl From<Position> for units::Position {
    fn from(Position { x, y }: Position) -> Self {
        Self { x, y }
    }
}

impl From<units::Position> for Position {
    fn from(units::Position { x, y }: units::Position) -> Self {
        Self { x, y }
    }
}

impl From<UnitSheet> for Unit {
    fn from(unit: UnitSheet) -> Self {
        Listing { unit, state: None }.into()
    }
}

impl From<Listing> for Unit {
    fn from(Listing { unit, state }: Listing) -> Self {
        let facts = unit.facts;
        Self {
            id: unit.id.into(),
            resource_id: unit.resource.into(),
            label: facts.label,
            barcode: facts.barcode,
            condition: facts.condition.map(Condition::code),
            status: facts.status.code(),
            position: facts.position.map(Into::into),
            features: facts.features,
            state: state.map(UnitState::code),
            version: unit.version,
            created_at: unit.created_at,
            updated_at: unit.updated_at,
            deleted_at: unit.deleted_at,
        }
    }
}

pub(super) fn shown(unit: UnitSheet) -> Reply {
    let version = unit.version;
    Reply::ok(Unit::from(unit)).version(version)
}
