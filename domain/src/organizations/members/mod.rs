//! Who belongs to a tenant, in which roles (D2, D6, D16, CX8, CX9).

mod admit;
mod change;
mod people;
mod place;
mod queries;
mod remove;

pub(crate) use admit::admit;
pub use admit::grant;
pub use change::{MemberPatch, change, set_roles};
pub use people::{PublicProfile, look_up, profile_of};
pub(crate) use place::check_place;
pub use place::{PRIORITIES, Place};
pub(in crate::organizations) use queries::pattern;
pub(crate) use queries::status;
pub use queries::{Filter, Member, Order, find, list};
pub(crate) use remove::return_by_invitation;
pub use remove::{remove, restore};

use super::roles::must_hold;
use crate::{
    db::Tx,
    error::Result,
    identity::{Principal, as_principal},
    ids::UserId,
    permissions::{ADMIN, Permission},
    refusals::Refusal,
};

/// What a member may be.
pub const STATUSES: [&str; 3] = ["active", "suspended", "removed"];

/// Whoever manages others or the organization is touched only by somebody who holds as much: nobody saws off the branch
/// above them.
async fn must_not_be_below(tx: &mut Tx, by: &Principal, user: UserId) -> Result<()> {
    let theirs = as_principal(tx, user).await?;
    if theirs.may(Permission::MemberManage) || theirs.may(Permission::OrgSettings) {
        must_hold(tx, by, theirs.permissions).await?;
    }
    Ok(())
}

/// Letting somebody back in gives them what they held.
async fn must_hold_theirs(tx: &mut Tx, by: &Principal, user: UserId) -> Result<()> {
    let theirs = as_principal(tx, user).await?;
    must_hold(tx, by, theirs.permissions).await
}

/// Whoever changes an admin leaves another one behind, or the same (CX8): an active person with the built-in role.
async fn check_an_admin_remains(tx: &mut Tx, changed: &Member) -> Result<()> {
    if changed.status != "active" || !changed.roles.iter().any(|role| role == ADMIN) {
        return Ok(());
    }
    let org = tx.org()?;
    let somebody = sqlx::query_scalar!(
        r#"select exists(select 1 from membership_roles r
                         join memberships m on m.org_id = r.org_id and m.user_id = r.user_id and m.status = 'active'
                         join users u on u.id = m.user_id and u.status = 'active'
                         where r.org_id = $1 and r.role = $2) as "yes!""#,
        org.0,
        ADMIN
    )
    .fetch_one(tx.conn())
    .await?;
    if somebody { Ok(()) } else { Err(Refusal::Conflict { reason: "last_admin" }.into()) }
}

pub(crate) fn unknown_role() -> Refusal {
    Refusal::invalid("roles", "must be roles of the organization")
}
