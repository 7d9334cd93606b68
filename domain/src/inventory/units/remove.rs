//! A unit is taken out of the inventory (CX24, CX51): it retires and never vanishes.

use super::sheet::{UnitSheet, find, read};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::UnitId,
    inventory::{
        blocking::{self, OnBookings, Thing},
        resources,
    },
    refusals::Refusal,
};
use serde_json::json;

/// Removes a unit. `seen` is the version the caller saw, when they said.
///
/// # Errors
/// [`Refusal::NotFound`], also when it is removed already; [`Refusal::VersionMismatch`]; [`Refusal::BookingsInTheWay`]
/// while somebody has it, or will, unless their bookings are to be cancelled; even then while it is in use.
pub async fn remove(tx: &mut Tx, id: UnitId, seen: Option<i32>, bookings: OnBookings) -> Result<UnitSheet> {
    let unit = find(tx, id).await?;
    let resource = resources::find(tx, unit.resource).await?;
    let name = format!("{}, {}", resource.facts.name, unit.facts.label);
    let cancelled = blocking::clear(tx, Thing::Unit(unit.resource, id), &name, bookings).await?;
    let before = find(tx, id).await?; // as it is now that nobody else can change it
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update units set deleted_at = $3, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0,
        now
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::removed("unit", id, &before).because(json!({ "cancelled_bookings": cancelled })));
    read(tx, id).await
}
