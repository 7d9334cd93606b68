//! A removed department comes back.

use super::queries::{Department, NAME_TAKEN, lock, read};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::DepartmentId,
    organizations::roles::lock_people,
    refusals::Refusal,
};

/// Restores a removed department, if its site is there and its manager may lead it still.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it is there; [`Refusal::Invalid`] for its site or its manager;
/// [`Refusal::Conflict`] when its name was given to another meanwhile.
pub async fn restore(tx: &mut Tx, id: DepartmentId) -> Result<Department> {
    lock_people(tx).await?;
    let before = lock(tx, id).await?;
    if before.deleted_at.is_none() {
        return Err(Refusal::StateConflict { status: "active".into() }.into());
    }
    before.facts.clone().checked(tx).await?;
    let org = tx.org()?;
    sqlx::query!(
        "update departments set deleted_at = null, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        id.0
    )
    .execute(tx.conn())
    .await
    .refuse_on("departments_name_key", NAME_TAKEN)?;
    let after = read(tx, id).await?;
    tx.record(Change::restored("department", id, &before, &after));
    Ok(after)
}
