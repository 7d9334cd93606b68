//! Roles: bundles of permissions under names of the organization's own (D1–D5, CX8). One is built in, `admin`.

mod change;
mod create;
mod profiles;
mod queries;
mod remove;

pub use change::{RolePatch, change};
pub use create::{Gives, NewRole, create};
pub use profiles::adopt;
pub use queries::{Role, find, list};
pub(crate) use queries::{exists, given_by, gives, lock_people, that_give};
pub use remove::remove;

use crate::{
    db::Tx,
    error::Result,
    identity::{Principal, checks::checked_name},
    permissions::Permission,
    refusals::Refusal,
};

/// Roles an organization may have.
const MOST_ROLES: i64 = 100;

/// Nobody hands out what they do not hold (CX9): `giver` must hold every one of `permissions`.
///
/// # Errors
/// [`Refusal::Forbidden`] naming the first one missing.
pub(crate) async fn must_hold(
    tx: &mut Tx,
    giver: &Principal,
    permissions: impl IntoIterator<Item = Permission>,
) -> Result<()> {
    let org = tx.org()?;
    let operator =
        sqlx::query_scalar!("select operator from organizations where id = $1", org.0).fetch_one(tx.conn()).await?;
    // outside the operator's organization `ops:manage` gives nothing: nobody holds it, everybody may pass it on
    for permission in permissions.into_iter().filter(|given| operator || !given.is_operators()) {
        giver.require(permission)?;
    }
    Ok(())
}

/// Permissions by their codes.
///
/// # Errors
/// [`Refusal::Invalid`] on `field` for a code there is none of.
pub(crate) fn checked_permissions(field: &str, codes: &[String]) -> Result<Vec<Permission>> {
    let mut permissions = Vec::new();
    for code in codes {
        let Some(permission) = Permission::from_code(code) else {
            let all: Vec<_> = Permission::ALL.iter().map(|permission| permission.code()).collect();
            return Err(Refusal::invalid(field, format!("allowed: {}", all.join(", "))).into());
        };
        if !permissions.contains(&permission) {
            permissions.push(permission);
        }
    }
    Ok(permissions)
}

fn codes(permissions: &[Permission]) -> Vec<String> {
    permissions.iter().map(|permission| permission.code().to_owned()).collect()
}

fn checked_description(text: &str) -> Result<String> {
    checked_name("description", text, 200)
}
