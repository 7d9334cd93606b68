//! Reads about roles that the operations on roles and members share.

use crate::{
    db::Tx,
    error::Result,
    permissions::{ADMIN, Permission},
    refusals::Refusal,
};
use serde::Serialize;

/// A bundle of permissions under a name.
#[derive(Debug, Clone, Serialize)]
pub struct Role {
    /// Its name: 2 to 41 letters and underscores.
    pub name: String,
    /// What it is for, in the organization's words.
    pub description: String,
    /// What it gives, by code.
    pub permissions: Vec<String>,
    /// How many people have it.
    pub members: i64,
    /// For `ETag` and `If-Match`.
    pub version: i32,
}

/// What a role of this name gives. The built-in one gives everything, whatever was known when it was written down.
pub(crate) fn gives(name: &str, codes: &[String]) -> Vec<Permission> {
    if name == ADMIN { Permission::ALL.to_vec() } else { Permission::known(codes) }
}

/// Names of the organization's roles that give a permission.
pub(crate) async fn that_give(tx: &mut Tx, permission: Permission) -> Result<Vec<String>> {
    let org = tx.org()?;
    let roles = sqlx::query!("select name, permissions from roles where org_id = $1 order by name", org.0)
        .fetch_all(tx.conn())
        .await?;
    let giving = roles.into_iter().filter(|role| gives(&role.name, &role.permissions).contains(&permission));
    Ok(giving.map(|role| role.name).collect())
}

macro_rules! role_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Role,
            r#"select r.name, r.description, r.permissions, r.version,
                      (select count(*) from membership_roles m join memberships s
                           on s.org_id = m.org_id and s.user_id = m.user_id and s.status <> 'removed'
                       where m.org_id = r.org_id and m.role = r.name) as "members!"
               from roles r where r.org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

/// The roles of this organization, by name.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx) -> Result<Vec<Role>> {
    let org = tx.org()?;
    let roles = role_rows!("order by r.name limit 200", org.0).fetch_all(tx.conn()).await?;
    Ok(roles.into_iter().map(as_it_acts).collect())
}

/// One role of this organization.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, name: &str) -> Result<Role> {
    let org = tx.org()?;
    let role = role_rows!("and r.name = $2", org.0, name).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    Ok(as_it_acts(role))
}

/// Whether the organization has a role of this name.
pub(crate) async fn exists(tx: &mut Tx, name: &str) -> Result<bool> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select exists(select 1 from roles where org_id = $1 and name = $2) as "yes!""#,
        org.0,
        name
    )
    .fetch_one(tx.conn())
    .await?)
}

fn as_it_acts(role: Role) -> Role {
    let permissions = super::codes(&gives(&role.name, &role.permissions));
    Role { permissions, ..role }
}

/// What these roles give together.
///
/// # Errors
/// `unknown` when one of them is none of the organization's.
pub(crate) async fn given_by(tx: &mut Tx, names: &[String], unknown: Refusal) -> Result<Vec<Permission>> {
    let org = tx.org()?;
    let known = sqlx::query!("select name, permissions from roles where org_id = $1 and name = any($2)", org.0, names)
        .fetch_all(tx.conn())
        .await?;
    if names.iter().any(|name| !known.iter().any(|role| role.name == *name)) {
        return Err(unknown.into());
    }
    Ok(known.iter().flat_map(|role| gives(&role.name, &role.permissions)).collect())
}

/// One at a time per organization: two people must not take each other's place at once, nor a role be given while it
/// goes.
pub(crate) async fn lock_people(tx: &mut Tx) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("select id from organizations where id = $1 for no key update", org.0).fetch_one(tx.conn()).await?;
    Ok(())
}
