//! How a unit looks is known best by whoever took it back (SN6, E2): its sheet says so from then on.

use super::sheet::read;
use crate::{audit::Change, db::Tx, error::Result, ids::*, inventory::Condition};
use serde_json::json;

/// Notes how a unit of a locked resource looks after `booking`. Whether it may still be booked is for its keepers to say.
pub(crate) async fn note_condition(tx: &mut Tx, id: UnitId, condition: Condition, booking: BookingId) -> Result<()> {
    let before = read(tx, id).await?;
    if before.facts.condition == Some(condition) {
        return Ok(());
    }
    let org = tx.org()?;
    sqlx::query!(
        "update units set condition = $3, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0,
        condition.code()
    )
    .execute(tx.conn())
    .await?;
    let after = read(tx, id).await?;
    tx.record(Change::updated("unit", id, &before, &after).because(json!({ "returned_by": booking })));
    Ok(())
}
