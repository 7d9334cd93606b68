//! What clients say of a site, and how it is shown.

use crate::{envelope::Reply, extract::said, routes::hours::every_day};
use chrono::{DateTime, Utc};
use domain::{
    inventory::{
        hours::Opening,
        sites::{self, SiteFacts},
    },
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A place with an address.
#[derive(Debug, Serialize, ToSchema)]
pub struct Site {
    /// Its id.
    id: Uuid,
    /// Its name, once in the organization.
    #[schema(example = "Plateau")]
    name: String,
    /// Where to find it.
    #[schema(example = "12 avenue Chardy, Abidjan")]
    address: String,
    /// Its own zone, when it is not the organization's.
    #[schema(example = "Africa/Abidjan")]
    timezone: Option<String>,
    /// Degrees north (WGS84).
    #[schema(example = 5.3237)]
    lat: Option<f64>,
    /// Degrees east (WGS84).
    #[schema(example = -4.0195)]
    lon: Option<f64>,
    /// A drawing of it, by its key in the file store; units have positions on it.
    plan_key: Option<String>,
    /// How many resources stand on it.
    #[schema(example = 2)]
    resource_count: i64,
    /// How many units they have.
    #[schema(example = 40)]
    unit_count: i64,
    /// The number in its `ETag`.
    version: i32,
    /// When it came into being.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
    /// When it was removed.
    deleted_at: Option<DateTime<Utc>>,
}

/// A site to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSite {
    /// 3 to 200 characters, once in the organization.
    #[schema(example = "Plateau")]
    name: String,
    /// At most 500 characters.
    #[schema(example = "12 avenue Chardy, Abidjan")]
    address: Option<String>,
    /// An IANA zone, when it is not the organization's.
    #[schema(example = "Africa/Abidjan")]
    timezone: Option<String>,
    /// Degrees north (WGS84); with `lon`.
    #[schema(example = 5.3237, minimum = -90, maximum = 90)]
    lat: Option<f64>,
    /// Degrees east (WGS84); with `lat`.
    #[schema(example = -4.0195, minimum = -180, maximum = 180)]
    lon: Option<f64>,
    /// Key of a drawing in the file store.
    #[schema(example = "plans/plateau.svg")]
    plan_key: Option<String>,
    /// Every day from this time, with `open_to`; more at `…/opening-hours`.
    open_from: Option<String>,
    /// Until this time of the same day.
    open_to: Option<String>,
}

/// What to change; what is not named stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "address": "14 avenue Chardy, Abidjan" }))]
pub struct PatchSite {
    /// 3 to 200 characters.
    name: Option<String>,
    /// At most 500 characters.
    address: Option<String>,
    /// An IANA zone.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    timezone: Option<Option<String>>,
    /// Degrees north (WGS84); with `lon`.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<f64>)]
    lat: Option<Option<f64>>,
    /// Degrees east (WGS84); with `lat`.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<f64>)]
    lon: Option<Option<f64>>,
    /// Key of a drawing in the file store.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    plan_key: Option<Option<String>>,
    /// Every day from this time, with `open_to`; more at `…/opening-hours`.
    open_from: Option<String>,
    /// Until this time of the same day.
    open_to: Option<String>,
}

fn point(lat: Option<f64>, lon: Option<f64>) -> Result<Option<(f64, f64)>, Refusal> {
    match (lat, lon) {
        (Some(lat), Some(lon)) => Ok(Some((lat, lon))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Refusal::invalid("lon", "goes with lat")),
        (None, Some(_)) => Err(Refusal::invalid("lat", "goes with lon")),
    }
}

impl NewSite {
    pub(super) fn hours(&self) -> Result<Option<Opening>, Refusal> {
        every_day(self.open_from.as_deref(), self.open_to.as_deref())
    }

    pub(super) fn facts(self) -> Result<SiteFacts, Refusal> {
        let Self { name, address, timezone, lat, lon, plan_key, .. } = self;
        Ok(SiteFacts { name, address: address.unwrap_or_default(), timezone, point: point(lat, lon)?, plan_key })
    }
}

impl PatchSite {
    pub(super) fn hours(&self) -> Result<Option<Opening>, Refusal> {
        every_day(self.open_from.as_deref(), self.open_to.as_deref())
    }

    pub(super) fn onto(self, before: SiteFacts) -> domain::error::Result<SiteFacts> {
        let (lat, lon) = before.point.unzip();
        Ok(SiteFacts {
            name: self.name.unwrap_or(before.name),
            address: self.address.unwrap_or(before.address),
            timezone: self.timezone.unwrap_or(before.timezone),
            point: point(self.lat.unwrap_or(lat), self.lon.unwrap_or(lon))?,
            plan_key: self.plan_key.unwrap_or(before.plan_key),
        })
    }
}

impl From<sites::Site> for Site {
    fn from(site: sites::Site) -> Self {
        let sites::Site { id, facts, resource_count, unit_count, version, created_at, updated_at, deleted_at } = site;
        let (lat, lon) = facts.point.unzip();
        Self {
            id: id.into(),
            name: facts.name,
            address: facts.address,
            timezone: facts.timezone,
            lat,
            lon,
            plan_key: facts.plan_key,
            resource_count,
            unit_count,
            version,
            created_at,
            updated_at,
            deleted_at,
        }
    }
}

pub(super) fn shown(site: sites::Site) -> Reply {
    let version = site.version;
    Reply::ok(Site::from(site)).version(version)
}
