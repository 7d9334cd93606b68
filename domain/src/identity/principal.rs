//! What a person may do in an organization (CX8): roles and extra permissions add up.

use super::my_organizations;
use crate::{db::Tx, error::Result, ids::*, organizations::roles, permissions::Permission, refusals::Refusal};
use std::collections::HashSet;

/// A person in an organization, with everything they may do there.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Who.
    pub user: UserId,
    /// Where.
    pub org: OrgId,
    /// Their roles, by name.
    pub roles: Vec<String>,
    /// What the roles and their own extra permissions allow.
    pub permissions: HashSet<Permission>,
}

impl Principal {
    /// Whether they hold this permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Insists on a permission.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] naming it.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(Refusal::Forbidden { permission: permission.code() }.into()) }
    }

    /// Everything given, but for what only the operator's own organization gives: queues and invariants are the
    /// installation's, and a tenant's own admin must not steer its neighbours.
    pub(super) fn held(given: impl Iterator<Item = Permission>, operator: bool) -> HashSet<Permission> {
        given.filter(|permission| !permission.is_operators() || operator).collect()
    }
}

/// Which organization a request is about (CX10): the one named by id or slug in `wanted`, else the person's only one.
/// Needs no organization on the transaction.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not theirs, [`Refusal::OrgRequired`] when there is more than one to choose from,
/// or none.
pub async fn choose_organization(tx: &mut Tx, user: UserId, wanted: Option<&str>) -> Result<OrgId> {
    let theirs = my_organizations(tx, user).await?;
    let mut active = theirs.iter().filter(|organization| organization.status == "active");
    if let Some(wanted) = wanted {
        let id = wanted.parse::<OrgId>().ok();
        return active
            .find(|organization| Some(organization.id) == id || organization.slug == wanted)
            .map(|organization| organization.id)
            .ok_or_else(|| Refusal::NotFound.into());
    }
    match (active.next(), active.next()) {
        (Some(only), None) => Ok(only.id),
        _ => Err(Refusal::OrgRequired.into()),
    }
}

/// What a person may do in the organization of this transaction.
///
/// # Errors
/// [`Refusal::NotFound`] unless they are an active member: existence does not leak.
pub async fn principal(tx: &mut Tx, user: UserId) -> Result<Principal> {
    match member(tx, user).await? {
        (principal, true) => Ok(principal),
        (_, false) => Err(Refusal::NotFound.into()),
    }
}

/// The same for a member of whatever status: what they may do, or could if they were let in again.
///
/// # Errors
/// [`Refusal::NotFound`] when they never belonged here.
pub(crate) async fn as_principal(tx: &mut Tx, user: UserId) -> Result<Principal> {
    Ok(member(tx, user).await?.0)
}

/// A member with what they hold, and whether they may act now.
async fn member(tx: &mut Tx, user: UserId) -> Result<(Principal, bool)> {
    let org = tx.org()?;
    let member = sqlx::query!(
        r#"select m.extra_permissions, o.operator, m.status = 'active' and o.status = 'active' as "active!"
           from memberships m join organizations o on o.id = m.org_id
           where m.org_id = $1 and m.user_id = $2"#,
        org.0,
        user.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    let rows = sqlx::query!(
        "select r.name, r.permissions from membership_roles m
         join roles r on r.org_id = m.org_id and r.name = m.role
         where m.org_id = $1 and m.user_id = $2 order by r.name",
        org.0,
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    let extra = Permission::known(&member.extra_permissions);
    let given = rows.iter().flat_map(|role| roles::gives(&role.name, &role.permissions));
    let permissions = Principal::held(extra.into_iter().chain(given), member.operator);
    let roles = rows.into_iter().map(|role| role.name).collect();
    Ok((Principal { user, org, roles, permissions }, member.active))
}
