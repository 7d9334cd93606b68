//! A resource is taken out of the inventory (E16, CX24): kept for history, bookable no more.

use super::queries::{Resource, read};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::ResourceId,
    inventory::blocking::{self, OnBookings, Thing},
    refusals::Refusal,
};
use serde_json::json;

/// Removes a resource with its units. `seen` is the version the caller saw, when they said.
///
/// # Errors
/// [`Refusal::NotFound`], also when it is removed already; [`Refusal::VersionMismatch`]; [`Refusal::BookingsInTheWay`]
/// while somebody has it, or will, unless their bookings are to be cancelled; even then while it is in use.
pub async fn remove(tx: &mut Tx, id: ResourceId, seen: Option<i32>, bookings: OnBookings) -> Result<Resource> {
    let resource = super::find(tx, id).await?;
    let cancelled = blocking::clear(tx, Thing::Resource(id), &resource.facts.name, bookings).await?;
    let before = super::find(tx, id).await?; // as it is now that nobody else can change it
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "with gone as (update units set deleted_at = $3, version = version + 1
                       where org_id = $1 and resource_id = $2 and deleted_at is null)
         update resources set deleted_at = $3, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0,
        now
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::removed("resource", id, &before).because(json!({ "cancelled_bookings": cancelled })));
    read(tx, id).await
}
