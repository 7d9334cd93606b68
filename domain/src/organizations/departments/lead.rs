//! Who leads a department (B14).

use crate::{
    db::Tx,
    error::{Error, Result},
    identity,
    ids::UserId,
    permissions::Permission,
    refusals::Refusal,
};

/// Insists that this person may lead: an active member who holds `department:manage`, as managers and admins do.
pub(super) async fn must_lead(tx: &mut Tx, manager: UserId) -> Result<()> {
    let refusal = || Refusal::invalid("manager_user_id", "must be a member who holds department:manage");
    match identity::principal(tx, manager).await {
        Ok(principal) if principal.may(Permission::DepartmentManage) => Ok(()),
        Ok(_) | Err(Error::Refused(Refusal::NotFound)) => Err(refusal().into()),
        Err(error) => Err(error),
    }
}

/// After a change to a person: whoever leads a department still may. The people of the organization are locked.
///
/// # Errors
/// [`Refusal::Conflict`] with `leads_department`: another manager is named first.
pub(crate) async fn may_stop_leading(tx: &mut Tx, user: UserId) -> Result<()> {
    let org = tx.org()?;
    let leads = sqlx::query_scalar!(
        r#"select exists(select from departments where org_id = $1 and manager_user_id = $2 and deleted_at is null)
                  as "leads!""#,
        org.0,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    match leads {
        true => must_lead(tx, user).await.map_err(|error| match error {
            Error::Refused(_) => Refusal::Conflict { reason: "leads_department" }.into(),
            fault => fault,
        }),
        false => Ok(()),
    }
}
