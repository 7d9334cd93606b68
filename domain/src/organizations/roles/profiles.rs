//! Giving a new organization the words of its trade (MODEL §5, CX8).

use super::{codes, lock_people};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    permissions::{ADMIN, PROFILES, template},
    refusals::Refusal,
};
use serde_json::json;

/// Makes the roles of a profile the roles of the organization of this transaction, beside the built-in one, and its
/// first role the newcomers'. Roles somebody has stay.
///
/// # Errors
/// [`Refusal::Invalid`] on `profile` when there is none of this name.
pub async fn adopt(tx: &mut Tx, profile: &str) -> Result<()> {
    let Some((_, roles)) = PROFILES.iter().find(|(name, _)| *name == profile) else {
        let names: Vec<_> = PROFILES.iter().map(|(name, _)| *name).collect();
        return Err(Refusal::invalid("profile", format!("allowed: {}", names.join(", "))).into());
    };
    lock_people(tx).await?;
    let org = tx.org()?;
    let names: Vec<String> = roles.iter().map(|(role, _)| (*role).to_owned()).chain([ADMIN.to_owned()]).collect();
    sqlx::query!(
        "delete from roles r where r.org_id = $1 and r.name <> all($2)
           and not exists (select 1 from membership_roles m where m.org_id = r.org_id and m.role = r.name)",
        org.0,
        &names
    )
    .execute(tx.conn())
    .await?;
    for (role, of) in *roles {
        let permissions = codes(template(of).unwrap_or_default());
        sqlx::query!(
            "insert into roles (org_id, name, permissions) values ($1, $2, $3) on conflict (org_id, name) do nothing",
            org.0,
            role,
            &permissions
        )
        .execute(tx.conn())
        .await?;
    }
    sqlx::query!("update organizations set default_role = $2, version = version + 1 where id = $1", org.0, names[0])
        .execute(tx.conn())
        .await?;
    tx.record(Change::updated("organization", org, json!({}), json!({ "profile": profile, "roles": names })));
    Ok(())
}
