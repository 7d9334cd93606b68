//! A person becomes a member.

use super::{
    place::{Place, check_parts, check_shape},
    unknown_role,
};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::UserId,
    refusals::Refusal,
};
use serde_json::json;

/// Gives a known person who does not belong here their place, as one change.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::NotFound`] when there is no such person, [`Refusal::Conflict`] with
/// `already_member`.
pub(crate) async fn admit(tx: &mut Tx, user: UserId, place: &Place) -> Result<()> {
    check_shape(place)?;
    check_parts(tx, place).await?;
    let org = tx.org()?;
    let service = place.service.as_deref().map(str::trim).filter(|service| !service.is_empty());
    sqlx::query!(
        "insert into memberships (org_id, user_id, extra_permissions, priority, service, site_id, department_id)
         values ($1, $2, $3, $4, $5, $6, $7)",
        org.0,
        user.0,
        &place.extra_permissions,
        place.priority,
        service,
        place.site.map(|site| site.0),
        place.department.map(|department| department.0)
    )
    .execute(tx.conn())
    .await
    .refuse_on("memberships_user_id_fkey", Refusal::NotFound)
    .refuse_on("memberships_pkey", Refusal::Conflict { reason: "already_member" })?;
    give(tx, user, &place.roles).await?;
    let after = json!({
        "status": "active", "roles": place.roles, "extra_permissions": place.extra_permissions,
        "priority": place.priority, "service": service,
        "site": place.site, "department": place.department,
    });
    tx.record(Change::created("membership", user, after));
    Ok(())
}

/// Adds roles; one they have already stays.
pub(super) async fn give(tx: &mut Tx, user: UserId, roles: &[String]) -> Result<u64> {
    let org = tx.org()?;
    let given = sqlx::query!(
        "insert into membership_roles (org_id, user_id, role) select $1, $2, unnest($3::text[]) on conflict do nothing",
        org.0,
        user.0,
        roles
    )
    .execute(tx.conn())
    .await
    .refuse_on("membership_roles_org_id_role_fkey", unknown_role())?;
    Ok(given.rows_affected())
}

/// Makes a person a member, if they are not, and gives them a role on top of those they have: the organization's own
/// doing, not a person's gift.
///
/// # Errors
/// [`Refusal::Invalid`] on `roles` when there is no such role, [`Refusal::NotFound`] when there is no such person.
pub async fn grant(tx: &mut Tx, user: UserId, role: &str) -> Result<()> {
    if super::status(tx, user).await?.is_none() {
        return admit(tx, user, &Place::of(role)).await;
    }
    if give(tx, user, &[role.to_owned()]).await? == 1 {
        tx.record(Change::updated("membership", user, json!({}), json!({ "roles": [role] })));
    }
    Ok(())
}
