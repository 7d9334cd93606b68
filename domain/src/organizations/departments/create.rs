//! A department comes into being (B13).

use super::queries::{Department, DepartmentFacts, NAME_TAKEN, read};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::DepartmentId,
    organizations::roles::lock_people,
};

/// Makes a department.
///
/// # Errors
/// [`crate::refusals::Refusal::Invalid`] naming the field; [`crate::refusals::Refusal::Conflict`] when the name is taken
/// on its site.
pub async fn create(tx: &mut Tx, facts: DepartmentFacts) -> Result<Department> {
    lock_people(tx).await?;
    let facts = facts.checked(tx).await?;
    let (org, id) = (tx.org()?, DepartmentId::new());
    sqlx::query!(
        "insert into departments (org_id, id, name, site_id, manager_user_id, annual_budget) values ($1, $2, $3, $4, $5, $6)",
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
    let department = read(tx, id).await?;
    tx.record(Change::created("department", id, &department));
    Ok(department)
}
