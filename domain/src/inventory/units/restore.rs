//! A removed unit comes back.

use super::{
    create::{BARCODE_TAKEN, LABEL_TAKEN},
    sheet::{UnitSheet, lock, read},
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::UnitId,
    inventory::closures,
    refusals::Refusal,
    waitlist,
};

/// Restores a removed unit of a resource that is there; whoever waits for it is served (H8).
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it is there; [`Refusal::Conflict`] when its label or barcode was
/// given to another meanwhile.
pub async fn restore(tx: &mut Tx, id: UnitId) -> Result<UnitSheet> {
    let before = lock(tx, id).await?;
    if before.deleted_at.is_none() {
        return Err(Refusal::StateConflict { status: before.facts.status.code().into() }.into());
    }
    let org = tx.org()?;
    sqlx::query!(
        "update units set deleted_at = null, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0
    )
    .execute(tx.conn())
    .await
    .refuse_on("units_label_key", LABEL_TAKEN)
    .refuse_on("units_barcode_key", BARCODE_TAKEN)?;
    closures::cover(tx, &[id]).await?; // it may have been announced while the unit was away
    let after = read(tx, id).await?;
    tx.record(Change::restored("unit", id, &before, &after));
    waitlist::units_freed(tx, &[after.resource]).await?;
    Ok(after)
}
