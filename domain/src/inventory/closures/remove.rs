//! A closure is taken back: its units are free again, and whoever waits for them is served.

use super::{
    cover::cover,
    queries::{Closure, find},
};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::*,
    inventory::{resources::lock_all, units},
    waitlist,
};

/// Takes a closure back. Another one in force for the same units stays.
///
/// # Errors
/// [`crate::refusals::Refusal::NotFound`], also when it was taken back already.
pub async fn remove(tx: &mut Tx, id: ClosureId) -> Result<Closure> {
    let (org, now) = (tx.org()?, tx.now());
    let rows = sqlx::query!(
        r#"select distinct u.id as "unit: UnitId", u.resource_id as "resource: ResourceId"
           from claims c join units u on u.org_id = c.org_id and u.id = c.unit_id
           where c.org_id = $1 and c.source_id = $2 and c.active order by 2, 1"#,
        org.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut resources: Vec<ResourceId> = rows.iter().map(|row| row.resource).collect();
    resources.dedup();
    lock_all(tx, &resources).await?;
    sqlx::query!("select id from closures where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?;
    let closure = find(tx, id).await?;
    sqlx::query!("update closures set deleted_at = $3 where org_id = $1 and id = $2", org.0, id.0, now)
        .execute(tx.conn())
        .await?;
    units::release(tx, id.into()).await?;
    cover(tx, &rows.iter().map(|row| row.unit).collect::<Vec<_>>()).await?;
    tx.record(Change::removed("closure", id, &closure));
    waitlist::units_freed(tx, &resources).await?;
    Ok(closure)
}
