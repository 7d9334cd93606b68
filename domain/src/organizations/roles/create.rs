//! A new role (CX8): from a list of permissions, or as a template gives them.

use super::{MOST_ROLES, Role, checked_description, checked_permissions, codes, find, lock_people, must_hold};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    identity::Principal,
    permissions::{Permission, template},
    refusals::Refusal,
};
use serde_json::json;

/// A role to be.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// 2 to 41 small letters and underscores, the first a letter.
    pub name: String,
    /// At most 200 characters.
    pub description: String,
    /// What it gives.
    pub gives: Gives,
}

/// What a role gives.
#[derive(Debug, Clone)]
pub enum Gives {
    /// These permissions, by code.
    Permissions(Vec<String>),
    /// What the template of this name gives.
    Template(String),
}

/// Creates a role that gives nothing its maker does not hold.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::Forbidden`], [`Refusal::Conflict`] with `role_exists` or
/// `too_many_roles`.
pub async fn create(tx: &mut Tx, by: &Principal, new: &NewRole) -> Result<Role> {
    if !is_role_name(&new.name) {
        let rule = "must have 2 to 41 small letters and underscores, and begin with a letter";
        return Err(Refusal::invalid("name", rule).into());
    }
    let description = checked_description(&new.description)?;
    let permissions: Vec<Permission> = match &new.gives {
        Gives::Permissions(listed) => checked_permissions("permissions", listed)?,
        Gives::Template(name) => {
            template(name).ok_or_else(|| Refusal::invalid("template", "must be the name of a template"))?.to_vec()
        }
    };
    must_hold(tx, by, permissions.iter().copied()).await?;
    lock_people(tx).await?;
    let org = tx.org()?;
    let so_many = sqlx::query_scalar!(r#"select count(*) as "n!" from roles where org_id = $1"#, org.0)
        .fetch_one(tx.conn())
        .await?;
    if so_many >= MOST_ROLES {
        return Err(Refusal::Conflict { reason: "too_many_roles" }.into());
    }
    let permissions = codes(&permissions);
    sqlx::query!(
        "insert into roles (org_id, name, description, permissions) values ($1, $2, $3, $4)",
        org.0,
        new.name,
        description,
        &permissions
    )
    .execute(tx.conn())
    .await
    .refuse_on("roles_pkey", Refusal::Conflict { reason: "role_exists" })?;
    let after = json!({ "name": new.name, "description": description, "permissions": permissions });
    // a role has a name and no id: audit finds it by its organization
    tx.record(Change::created("role", org, after));
    find(tx, &new.name).await
}

pub(super) fn is_role_name(name: &str) -> bool {
    (2..=41).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::is_role_name;

    #[test]
    fn names_are_what_the_database_takes() {
        for good in ["hr", "night_shift", "employe"] {
            assert!(is_role_name(good), "{good}");
        }
        for bad in ["h", "_hr", "Hr", "hr1", "h r", "employé", &"a".repeat(42)] {
            assert!(!is_role_name(bad), "{bad}");
        }
    }
}
