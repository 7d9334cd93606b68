//! A department is described anew (B13, B14).

use super::queries::{Department, DepartmentFacts, NAME_TAKEN, lock, read};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::DepartmentId,
    organizations::roles::lock_people,
    refusals::Refusal,
};

/// Changes a department, if it is still at version `seen` where the caller says so. A change that changes nothing leaves
/// no trace.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::VersionMismatch`], [`Refusal::Invalid`] naming the field, or [`Refusal::Conflict`]
/// when the name is taken on its site.
pub async fn update(
    tx: &mut Tx,
    id: DepartmentId,
    seen: Option<i32>,
    change: impl FnOnce(DepartmentFacts) -> DepartmentFacts,
) -> Result<Department> {
    lock_people(tx).await?;
    let before = lock(tx, id).await?;
    if before.deleted_at.is_some() {
        return Err(Refusal::NotFound.into());
    }
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let facts = change(before.facts.clone()).checked(tx).await?;
    if facts == before.facts {
        return Ok(before);
    }
    let org = tx.org()?;
    sqlx::query!(
        "update departments set name = $3, site_id = $4, manager_user_id = $5, annual_budget = $6, version = version + 1
         where org_id = $1 and id = $2",
        org.0,
        id.0,
        facts.name,
        facts.site.0,
        facts.manager.0,
        facts.annual_budget
    )
    .execute(tx.conn())
    .await
    .refuse_on("departments_name_key", NAME_TAKEN)?;
    let after = read(tx, id).await?;
    tx.record(Change::updated("department", id, &before, &after));
    Ok(after)
}
