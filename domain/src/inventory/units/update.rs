//! A unit is described anew (SN20, T14).

use super::{
    create::{BARCODE_TAKEN, LABEL_TAKEN},
    sheet::{NewUnit, UnitSheet, lock, read},
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::UnitId,
    inventory::Condition,
    refusals::Refusal,
    waitlist,
};

/// Changes a unit that is still at version `seen`. A change that changes nothing leaves no trace. Bookings keep the label
/// it had (CX56).
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::VersionMismatch`], [`Refusal::Invalid`] naming the field, or [`Refusal::Conflict`]
/// when the label or the barcode is another's.
pub async fn update(
    tx: &mut Tx,
    id: UnitId,
    seen: i32,
    change: impl FnOnce(NewUnit) -> Result<NewUnit>,
) -> Result<UnitSheet> {
    let before = lock(tx, id).await?;
    if before.deleted_at.is_some() {
        return Err(Refusal::NotFound.into());
    }
    if before.version != seen {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let facts = change(before.facts.clone())?.checked()?;
    if facts == before.facts {
        return Ok(before);
    }
    store(tx, id, &facts).await?;
    let after = read(tx, id).await?;
    let what = if before.facts.status == after.facts.status { Change::updated } else { Change::moved };
    tx.record(what("unit", id, &before, &after));
    waitlist::units_freed(tx, &[after.resource]).await?; // it may be in service again, or have what somebody needs
    Ok(after)
}

async fn store(tx: &mut Tx, id: UnitId, facts: &NewUnit) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update units set label = $3, barcode = $4, condition = $5, status = $6, position_x = $7, position_y = $8,
                features = $9, version = version + 1
         where org_id = $1 and id = $2",
        org.0,
        id.0,
        facts.label,
        facts.barcode,
        facts.condition.map(Condition::code),
        facts.status.code(),
        facts.position.map(|position| position.x),
        facts.position.map(|position| position.y),
        &facts.features
    )
    .execute(tx.conn())
    .await
    .refuse_on("units_label_key", LABEL_TAKEN)
    .refuse_on("units_barcode_key", BARCODE_TAKEN)?;
    Ok(())
}
