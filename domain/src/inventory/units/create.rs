//! More units of a resource (SN20): the bays of a new level, another copy.

use super::sheet::{NewUnit, UnitSheet};
use crate::{
    audit::Change,
    db::Tx,
    error::{Error, RefuseOn, Result},
    ids::*,
    inventory::{closures, resources},
    refusals::Refusal,
    waitlist,
};
use serde_json::json;

/// Most units added at once.
pub const MOST_AT_ONCE: usize = 500;

pub(in crate::inventory) const LABEL_TAKEN: Refusal =
    Refusal::Conflict { reason: "the resource has a unit of this label" };
pub(in crate::inventory) const BARCODE_TAKEN: Refusal = Refusal::Conflict { reason: "another unit has this barcode" };

/// Adds units to a resource; whoever waits for it is served (H8).
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::Invalid`] naming the field; [`Refusal::Conflict`] when a label is there already or a
/// barcode is known.
pub async fn create(tx: &mut Tx, resource: ResourceId, new: Vec<NewUnit>) -> Result<Vec<UnitSheet>> {
    if new.is_empty() {
        return Err(Refusal::invalid("units", format!("must be 1 to {MOST_AT_ONCE}")).into());
    }
    if resources::lock(tx, resource).await?.deleted_at.is_some() {
        return Err(Refusal::NotFound.into());
    }
    let units = insert(tx, resource, new).await?;
    for unit in &units {
        tx.record(Change::created("unit", unit.id, unit));
    }
    waitlist::units_freed(tx, &[resource]).await?;
    Ok(units)
}

/// Writes the units of a locked or new resource.
pub(in crate::inventory) async fn insert(
    tx: &mut Tx,
    resource: ResourceId,
    new: Vec<NewUnit>,
) -> Result<Vec<UnitSheet>> {
    if new.len() > MOST_AT_ONCE {
        return Err(Refusal::invalid("units", format!("must be at most {MOST_AT_ONCE}")).into());
    }
    let (org, now) = (tx.org()?, tx.now());
    let mut units = Vec::with_capacity(new.len());
    for (number, facts) in new.into_iter().enumerate() {
        let facts = facts.checked().map_err(|error| at(number, error))?;
        let id = UnitId::new();
        units.push(UnitSheet { id, resource, facts, version: 1, created_at: now, updated_at: now, deleted_at: None });
    }
    sqlx::query!(
        "insert into units (org_id, id, resource_id, label, barcode, condition, status, position_x, position_y, features,
                            created_at, updated_at)
         select $1, unit.id, $2, unit.label, unit.barcode, unit.condition, unit.status, (unit.position ->> 'x')::float8,
                (unit.position ->> 'y')::float8, array(select jsonb_array_elements_text(unit.features)), $4, $4
         from jsonb_to_recordset($3) as unit (id uuid, label text, barcode text, condition text, status text,
                                              position jsonb, features jsonb)",
        org.0,
        resource.0,
        json!(units),
        now
    )
    .execute(tx.conn())
    .await
    .refuse_on("units_label_key", LABEL_TAKEN)
    .refuse_on("units_barcode_key", BARCODE_TAKEN)?;
    closures::cover(tx, &units.iter().map(|unit| unit.id).collect::<Vec<_>>()).await?;
    Ok(units)
}

/// Says which of the units it was.
fn at(number: usize, error: Error) -> Error {
    match error {
        Error::Refused(Refusal::Invalid { field, problem }) => {
            Refusal::invalid(format!("units[{number}].{field}"), problem).into()
        }
        other => other,
    }
}
