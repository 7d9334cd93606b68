//! A removed resource comes back, with the units that went with it (E16).

use super::{
    create::NAME_TAKEN,
    queries::{Resource, lock, read},
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::ResourceId,
    inventory::{closures, units},
    refusals::Refusal,
    waitlist,
};

/// Restores a removed resource.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it is there; [`Refusal::Conflict`] when its name or the barcode
/// of a unit was given to another meanwhile, or its site is gone.
pub async fn restore(tx: &mut Tx, id: ResourceId) -> Result<Resource> {
    let before = lock(tx, id).await?;
    let Some(deleted_at) = before.deleted_at else {
        return Err(Refusal::StateConflict { status: before.facts.status.code().into() }.into());
    };
    site_must_stand(tx, id).await?;
    let org = tx.org()?;
    sqlx::query!(
        "update resources set deleted_at = null, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0
    )
    .execute(tx.conn())
    .await
    .refuse_on("resources_name_key", NAME_TAKEN)
    .refuse_on("vehicles_plate_key", Refusal::Conflict { reason: "this plate is registered already" })?;
    sqlx::query!(
        "update units set deleted_at = null, version = version + 1
         where org_id = $1 and resource_id = $2 and deleted_at = $3",
        org.0,
        id.0,
        deleted_at
    )
    .execute(tx.conn())
    .await
    .refuse_on("units_barcode_key", units::BARCODE_TAKEN)?;
    closures::moved(tx, id).await?; // what was announced meanwhile
    let after = read(tx, id).await?;
    tx.record(Change::restored("resource", id, &before, &after));
    waitlist::units_freed(tx, &[id]).await?;
    Ok(after)
}

async fn site_must_stand(tx: &mut Tx, id: ResourceId) -> Result<()> {
    let org = tx.org()?;
    let gone = sqlx::query_scalar!(
        r#"select exists (select from resources r join sites s on s.org_id = r.org_id and s.id = r.site_id
                          where r.org_id = $1 and r.id = $2 and s.deleted_at is not null) as "gone!""#,
        org.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    if gone { Err(Refusal::Conflict { reason: "its site was removed: restore that first" }.into()) } else { Ok(()) }
}
