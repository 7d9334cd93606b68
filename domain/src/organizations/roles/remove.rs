//! Removing a role nobody needs.

use super::{Role, change::audited, find, lock_people};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    permissions::ADMIN,
    refusals::Refusal,
};

/// Removes a role. Whoever has it must be given another one first, so that nobody loses a right by surprise; those who
/// left and may come back count as well.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::Conflict`] with `built_in`, `default_role`, or `role_in_use` by a member or an open
/// invitation.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<Role> {
    lock_people(tx).await?;
    let role = find(tx, name).await?;
    if role.name == ADMIN {
        return Err(Refusal::Conflict { reason: "built_in" }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    let needed = sqlx::query!(
        r#"select o.default_role = $2 as "default!",
                  exists(select 1 from invitations i where i.org_id = o.id and i.role = $2 and i.accepted_at is null
                         and i.revoked_at is null and i.expires_at > $3) as "invited!"
           from organizations o where o.id = $1"#,
        org.0,
        name,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    if needed.default {
        return Err(Refusal::Conflict { reason: "default_role" }.into());
    }
    if needed.invited {
        return Err(in_use());
    }
    sqlx::query!("delete from roles where org_id = $1 and name = $2", org.0, name)
        .execute(tx.conn())
        .await
        .refuse_on("membership_roles_org_id_role_fkey", Refusal::Conflict { reason: "role_in_use" })?;
    tx.record(Change::removed("role", org, audited(&role)));
    Ok(role)
}

fn in_use() -> crate::error::Error {
    Refusal::Conflict { reason: "role_in_use" }.into()
}
