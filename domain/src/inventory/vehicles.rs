//! A driver's vehicles (E18): resources of kind `vehicle` with one unit, so that one vehicle is on one trip at a time.

use super::units;
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, RefuseOn, Result},
    ids::*,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What is known of a vehicle.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct VehicleFacts {
    /// Manufacturer.
    pub make: String,
    /// Model.
    pub model: String,
    /// Colour.
    pub color: String,
    /// Number plate, unique in the organization.
    pub plate_number: String,
    /// Seats including the driver's.
    pub seats_total: i32,
    /// `basic`, `standard` or `comfort`.
    pub comfort_level: String,
    /// Year of construction.
    pub year: Option<i32>,
}

/// A vehicle of a driver.
#[derive(Debug, Clone, Serialize)]
pub struct Vehicle {
    /// Its id.
    pub id: ResourceId,
    /// Whose it is.
    pub owner: UserId,
    /// What is known of it.
    pub facts: VehicleFacts,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

impl Vehicle {
    /// Whether so many riders fit in beside the driver.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] on `seats_available`.
    pub(crate) fn must_seat(&self, riders: i32) -> Result<()> {
        let most = self.facts.seats_total - 1;
        if riders > most {
            return Err(Refusal::invalid("seats_available", format!("the vehicle has {most} seats for riders")).into());
        }
        Ok(())
    }
}

impl VehicleFacts {
    fn check(&self) -> Result<()> {
        for (field, text, most) in [
            ("make", &self.make, 60),
            ("model", &self.model, 60),
            ("color", &self.color, 40),
            ("plate_number", &self.plate_number, 20),
        ] {
            if text.trim().is_empty() || text.chars().count() > most || text.contains('\0') {
                return Err(Refusal::invalid(field, format!("must have 1 to {most} characters")).into());
            }
        }
        if !(1..=60).contains(&self.seats_total) {
            return Err(Refusal::invalid("seats_total", "must be between 1 and 60").into());
        }
        if !["basic", "standard", "comfort"].contains(&self.comfort_level.as_str()) {
            return Err(Refusal::invalid("comfort_level", "must be basic, standard or comfort").into());
        }
        if self.year.is_some_and(|year| !(1950..=2100).contains(&year)) {
            return Err(Refusal::invalid("year", "must be between 1950 and 2100").into());
        }
        Ok(())
    }
}

/// Registers a vehicle of `owner`.
///
/// # Errors
/// [`Refusal::Invalid`], or [`Refusal::Conflict`] when the plate is registered already.
pub async fn register(tx: &mut Tx, owner: UserId, facts: VehicleFacts) -> Result<Vehicle> {
    facts.check()?;
    let (org, now, id) = (tx.org()?, tx.now(), ResourceId::new());
    let attributes = serde_json::to_value(&facts).map_err(|e| Fault::corrupt("vehicle", e))?;
    sqlx::query!(
        "insert into resources (org_id, id, kind, owner_user_id, name, attributes)
         values ($1, $2, 'vehicle', $3, $4, $5)",
        org.0,
        id.0,
        owner.0,
        format!("{} {}", facts.make, facts.model),
        attributes
    )
    .execute(tx.conn())
    .await
    .refuse_on("vehicles_plate_key", Refusal::Conflict { reason: "this plate is registered already" })?;
    units::add(tx, id, 0, 1).await?;
    let vehicle = Vehicle { id, owner, facts, version: 1, created_at: now };
    tx.record(Change::created("vehicle", id, &vehicle));
    Ok(vehicle)
}

/// The vehicles of `owner`.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, owner: UserId) -> Result<Vec<Vehicle>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        "select id, attributes, version, created_at from resources
         where org_id = $1 and owner_user_id = $2 and kind = 'vehicle' and deleted_at is null order by created_at, id",
        org.0,
        owner.0
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let facts = serde_json::from_value(row.attributes).map_err(|e| Fault::corrupt("vehicle", e))?;
            Ok(Vehicle { id: row.id.into(), owner, facts, version: row.version, created_at: row.created_at })
        })
        .collect()
}

/// One vehicle of `owner`.
///
/// # Errors
/// [`Refusal::NotFound`] when it is unknown or somebody else's.
pub async fn find(tx: &mut Tx, owner: UserId, id: ResourceId) -> Result<Vehicle> {
    list(tx, owner).await?.into_iter().find(|vehicle| vehicle.id == id).ok_or_else(|| Refusal::NotFound.into())
}

/// The same, held back from being removed or published with elsewhere until this transaction ends.
///
/// # Errors
/// As [`find`].
pub(crate) async fn lock(tx: &mut Tx, owner: UserId, id: ResourceId) -> Result<Vehicle> {
    let org = tx.org()?;
    sqlx::query!("select id from resources where org_id = $1 and id = $2 for no key update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    find(tx, owner, id).await
}

/// Replaces what is known of a vehicle, if nobody changed it since version `seen`.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::VersionMismatch`], [`Refusal::Invalid`] or [`Refusal::Conflict`] (plate).
pub async fn update(tx: &mut Tx, owner: UserId, id: ResourceId, seen: i32, facts: VehicleFacts) -> Result<Vehicle> {
    facts.check()?;
    let before = lock(tx, owner, id).await?;
    must_still_seat(tx, id, facts.seats_total - 1).await?;
    if before.version != seen {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let org = tx.org()?;
    let attributes = serde_json::to_value(&facts).map_err(|e| Fault::corrupt("vehicle", e))?;
    let changed = sqlx::query!(
        "update resources set attributes = $4, name = $5, version = version + 1
         where org_id = $1 and id = $2 and version = $3",
        org.0,
        id.0,
        seen,
        attributes,
        format!("{} {}", facts.make, facts.model)
    )
    .execute(tx.conn())
    .await
    .refuse_on("vehicles_plate_key", Refusal::Conflict { reason: "this plate is registered already" })?;
    if changed.rows_affected() == 0 {
        return Err(Refusal::VersionMismatch { current: seen + 1 }.into());
    }
    let after = Vehicle { facts, version: seen + 1, ..before.clone() };
    tx.record(Change::updated("vehicle", id, &before, &after));
    Ok(after)
}

/// Riders of a published trip keep their seats.
async fn must_still_seat(tx: &mut Tx, id: ResourceId, riders: i32) -> Result<()> {
    let org = tx.org()?;
    let too_small = sqlx::query_scalar!(
        r#"select exists (select from trips where org_id = $1 and vehicle_id = $2 and seats > $3
                          and status in ('published', 'ongoing')) as "too_small!""#,
        org.0,
        id.0,
        riders
    )
    .fetch_one(tx.conn())
    .await?;
    if too_small {
        return Err(Refusal::Conflict { reason: "a published trip offers more seats than that" }.into());
    }
    Ok(())
}

/// Removes a vehicle that is on no coming trip (CX24).
///
/// # Errors
/// [`Refusal::NotFound`], or [`Refusal::Conflict`] when a published trip uses it.
pub async fn remove(tx: &mut Tx, owner: UserId, id: ResourceId) -> Result<Vehicle> {
    let before = lock(tx, owner, id).await?;
    let (org, now) = (tx.org()?, tx.now());
    let used = sqlx::query_scalar!(
        r#"select exists (select from trips where org_id = $1 and vehicle_id = $2
                          and status in ('published', 'ongoing')) as "used!""#,
        org.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    if used {
        return Err(Refusal::Conflict { reason: "a published trip uses this vehicle" }.into());
    }
    sqlx::query!("update resources set deleted_at = $3 where org_id = $1 and id = $2", org.0, id.0, now)
        .execute(tx.conn())
        .await?;
    tx.record(Change::removed("vehicle", id, &before));
    Ok(before)
}
