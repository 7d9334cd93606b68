//! Who belongs to a tenant, in which roles (D2, CX8, CX9).

use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    identity::Principal,
    ids::UserId,
    paging::{Listed, Page},
    permissions::Permission,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// A person in this organization.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// How they are called.
    pub full_name: String,
    /// `active` or `suspended`.
    pub status: String,
    /// Their roles, by name.
    pub roles: Vec<String>,
    /// When they joined.
    pub joined_at: DateTime<Utc>,
}

/// The members of this organization, by name.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, page: Page) -> Result<Listed<Member>> {
    let org = tx.org()?;
    let total = sqlx::query_scalar!(r#"select count(*) as "n!" from memberships where org_id = $1"#, org.0)
        .fetch_one(tx.conn())
        .await?;
    let items = sqlx::query_as!(
        Member,
        r#"select m.user_id as "user_id: UserId", u.full_name, m.status,
                  array(select r.role from membership_roles r
                        where r.org_id = m.org_id and r.user_id = m.user_id order by r.role) as "roles!",
                  m.created_at as joined_at
           from memberships m join users u on u.id = m.user_id
           where m.org_id = $1 order by u.full_name, m.user_id limit $2 offset $3"#,
        org.0,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Listed { items, total })
}

/// One member of this organization.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, user: UserId) -> Result<Member> {
    let org = tx.org()?;
    sqlx::query_as!(
        Member,
        r#"select m.user_id as "user_id: UserId", u.full_name, m.status,
                  array(select r.role from membership_roles r
                        where r.org_id = m.org_id and r.user_id = m.user_id order by r.role) as "roles!",
                  m.created_at as joined_at
           from memberships m join users u on u.id = m.user_id where m.org_id = $1 and m.user_id = $2"#,
        org.0,
        user.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Refusal::NotFound.into())
}

/// Makes a person a member, if they are not, and gives them a role on top of those they have.
///
/// # Errors
/// [`Refusal::Invalid`] on `roles` when there is no such role, [`Refusal::NotFound`] when there is no such person.
pub async fn grant(tx: &mut Tx, user: UserId, role: &str) -> Result<()> {
    let org = tx.org()?;
    let joined =
        sqlx::query!("insert into memberships (org_id, user_id) values ($1, $2) on conflict do nothing", org.0, user.0)
            .execute(tx.conn())
            .await
            .refuse_on("memberships_user_id_fkey", Refusal::NotFound)?
            .rows_affected();
    let granted = sqlx::query!(
        "insert into membership_roles (org_id, user_id, role) values ($1, $2, $3) on conflict do nothing",
        org.0,
        user.0,
        role
    )
    .execute(tx.conn())
    .await
    .refuse_on("membership_roles_org_id_role_fkey", unknown_role())?
    .rows_affected();
    match (joined, granted) {
        (1, _) => tx.record(Change::created("membership", user, json!({ "roles": [role] }))),
        (_, 1) => tx.record(Change::updated("membership", user, json!({}), json!({ "roles": [role] }))),
        _ => {}
    }
    Ok(())
}

/// Gives a member exactly these roles. Nobody hands out what they do not hold (CX9), and somebody must remain who
/// can hand out roles.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Invalid`] on `roles`, [`Refusal::Forbidden`], [`Refusal::Conflict`] with
/// `last_admin`.
pub async fn set_roles(tx: &mut Tx, giver: &Principal, user: UserId, roles: &[String]) -> Result<Member> {
    let org = tx.org()?;
    // one at a time per organization: two admins must not take each other's role at once
    sqlx::query!("select id from organizations where id = $1 for no key update", org.0).fetch_one(tx.conn()).await?;
    let before = find(tx, user).await?;
    check_gift(tx, giver, &before, roles).await?;
    sqlx::query!("delete from membership_roles where org_id = $1 and user_id = $2", org.0, user.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into membership_roles (org_id, user_id, role) select $1, $2, unnest($3::text[]) on conflict do nothing",
        org.0,
        user.0,
        roles
    )
    .execute(tx.conn())
    .await?;
    check_somebody_manages(tx).await?;
    let after = find(tx, user).await?;
    tx.record(Change::updated("membership", user, json!({ "roles": before.roles }), json!({ "roles": after.roles })));
    Ok(after)
}

async fn check_gift(tx: &mut Tx, giver: &Principal, before: &Member, roles: &[String]) -> Result<()> {
    let org = tx.org()?;
    let known =
        sqlx::query!("select name, permissions from roles where org_id = $1", org.0).fetch_all(tx.conn()).await?;
    let operator =
        sqlx::query_scalar!("select operator from organizations where id = $1", org.0).fetch_one(tx.conn()).await?;
    for role in roles {
        let role = known.iter().find(|k| k.name == *role).ok_or_else(unknown_role)?;
        if before.roles.contains(&role.name) {
            continue;
        }
        let held = role.permissions.iter().filter_map(|code| Permission::from_code(code));
        // outside the operator's organization `ops:*` gives nothing: nobody holds it, everybody may pass it on
        for permission in held.filter(|permission| operator || !permission.is_operators()) {
            giver.require(permission)?;
        }
    }
    Ok(())
}

async fn check_somebody_manages(tx: &mut Tx) -> Result<()> {
    let org = tx.org()?;
    let somebody = sqlx::query_scalar!(
        r#"select exists(select 1 from membership_roles m
                         join memberships s on s.org_id = m.org_id and s.user_id = m.user_id and s.status = 'active'
                         join roles r on r.org_id = m.org_id and r.name = m.role
                         where m.org_id = $1 and $2 = any(r.permissions)) as "yes!""#,
        org.0,
        Permission::MemberManage.code()
    )
    .fetch_one(tx.conn())
    .await?;
    if somebody { Ok(()) } else { Err(Refusal::Conflict { reason: "last_admin" }.into()) }
}

fn unknown_role() -> Refusal {
    Refusal::invalid("roles", "must be roles of the organization")
}
