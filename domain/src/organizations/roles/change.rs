//! Changing what a role gives (CX8): for everybody who has it, at once.

use super::{Role, checked_description, checked_permissions, codes, find, gives, lock_people, must_hold};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    identity::Principal,
    organizations::load,
    permissions::{ADMIN, Permission},
    refusals::Refusal,
};
use serde_json::json;

/// What to change; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct RolePatch {
    /// At most 200 characters.
    pub description: Option<String>,
    /// What it gives from now on, all of it.
    pub permissions: Option<Vec<String>>,
}

/// Changes a role, if it is still at `seen` where the caller says so. Nobody adds what they do not hold, and a role that
/// lets its people manage others loses something only at the hands of somebody who holds all of it.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Invalid`] naming the field, [`Refusal::Forbidden`], [`Refusal::VersionMismatch`],
/// [`Refusal::Conflict`] with `built_in`.
pub async fn change(tx: &mut Tx, by: &Principal, name: &str, seen: Option<i32>, patch: &RolePatch) -> Result<Role> {
    lock_people(tx).await?;
    let before = find(tx, name).await?;
    if before.name == ADMIN {
        return Err(Refusal::Conflict { reason: "built_in" }.into());
    }
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    let description = match &patch.description {
        Some(text) => checked_description(text)?,
        None => before.description.clone(),
    };
    let held = gives(name, &before.permissions);
    let wanted = match &patch.permissions {
        Some(listed) => checked_permissions("permissions", listed)?,
        None => held.clone(),
    };
    if wanted.contains(&Permission::MemberManage) && load(tx).await?.default_role == name {
        return Err(Refusal::invalid("permissions", "must not let newcomers manage members").into());
    }
    must_hold(tx, by, wanted.iter().copied().filter(|permission| !held.contains(permission))).await?;
    if held.contains(&Permission::MemberManage) && held.iter().any(|permission| !wanted.contains(permission)) {
        must_hold(tx, by, held).await?;
    }
    let org = tx.org()?;
    sqlx::query!(
        "update roles set description = $3, permissions = $4, version = version + 1 where org_id = $1 and name = $2",
        org.0,
        name,
        description,
        &codes(&wanted)
    )
    .execute(tx.conn())
    .await?;
    let after = find(tx, name).await?;
    tx.record(Change::updated("role", org, audited(&before), audited(&after)));
    Ok(after)
}

pub(super) fn audited(role: &Role) -> serde_json::Value {
    json!({ "name": role.name, "description": role.description, "permissions": role.permissions })
}
