//! Changing a member: let in or kept out, roles, extra permissions, priority (C31, D2, D6, D16, V1).

use super::{
    Member, Place,
    admit::give,
    check_an_admin_remains, find, must_hold_theirs, must_not_be_below,
    place::{check_parts, check_shape},
    unknown_role,
};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    identity::Principal,
    ids::*,
    organizations::{
        departments,
        roles::{checked_permissions, given_by, lock_people, must_hold},
    },
    permissions::Permission,
    refusals::Refusal,
};
use serde_json::{Value, json};

/// What to change; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct MemberPatch {
    /// `active` or `suspended`.
    pub status: Option<String>,
    /// Names of roles, all of them.
    pub roles: Option<Vec<String>>,
    /// Permissions on top of the roles, all of them.
    pub extra_permissions: Option<Vec<String>>,
    /// `standard` or `high`.
    pub priority: Option<String>,
    /// At most 100 characters; empty for none.
    pub service: Option<String>,
    /// Another main site, or none.
    pub site: Option<Option<SiteId>>,
    /// Another department, or none.
    pub department: Option<Option<DepartmentId>>,
}

/// Gives a member exactly these roles: [`change`] of nothing else.
///
/// # Errors
/// As [`change`].
pub async fn set_roles(tx: &mut Tx, by: &Principal, user: UserId, roles: &[String]) -> Result<Member> {
    change(tx, by, user, None, &MemberPatch { roles: Some(roles.to_vec()), ..MemberPatch::default() }).await
}

/// Changes a member, if they are still at `seen` where the caller says so. Nobody hands out what they do not hold, nor
/// raises themselves (CX9); whoever manages others is touched only by somebody who holds as much; an admin remains.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Invalid`] naming the field, [`Refusal::Forbidden`], [`Refusal::VersionMismatch`],
/// [`Refusal::StateConflict`] for somebody who was removed, [`Refusal::Conflict`] with `last_admin`, `own_role`,
/// `own_priority` or `leads_department`.
pub async fn change(
    tx: &mut Tx,
    by: &Principal,
    user: UserId,
    seen: Option<i32>,
    patch: &MemberPatch,
) -> Result<Member> {
    lock_people(tx).await?;
    let before = find(tx, user).await?;
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Refusal::VersionMismatch { current: before.version }.into());
    }
    if before.status == "removed" {
        return Err(Refusal::StateConflict { status: before.status }.into());
    }
    let (status, place) = wanted(&before, patch)?;
    if (place.site, place.department) != (before.site, before.department) {
        check_parts(tx, &place).await?;
    }
    check(tx, by, &before, &status, &place).await?;
    write(tx, user, &status, &place).await?;
    check_an_admin_remains(tx, &before).await?;
    departments::may_stop_leading(tx, user).await?;
    let after = find(tx, user).await?;
    let change = if before.status == after.status { Change::updated } else { Change::moved };
    tx.record(change("membership", user, audited(&before), audited(&after)));
    Ok(after)
}

fn wanted(before: &Member, patch: &MemberPatch) -> Result<(String, Place)> {
    let status = patch.status.clone().unwrap_or_else(|| before.status.clone());
    if !["active", "suspended"].contains(&status.as_str()) {
        return Err(Refusal::invalid("status", "must be active or suspended").into());
    }
    let service = patch.service.as_deref().map(str::trim).or(before.service.as_deref());
    let place = Place {
        roles: patch.roles.clone().unwrap_or_else(|| before.roles.clone()),
        extra_permissions: patch.extra_permissions.clone().unwrap_or_else(|| before.extra_permissions.clone()),
        priority: patch.priority.clone().unwrap_or_else(|| before.priority.clone()),
        service: service.filter(|service| !service.is_empty()).map(str::to_owned),
        site: patch.site.unwrap_or(before.site),
        department: patch.department.unwrap_or(before.department),
    };
    check_shape(&place)?;
    Ok((status, place))
}

async fn check(tx: &mut Tx, by: &Principal, before: &Member, status: &str, place: &Place) -> Result<()> {
    let added =
        |now: &[String], had: &[String]| now.iter().filter(|one| !had.contains(one)).cloned().collect::<Vec<_>>();
    let (roles, extra) =
        (added(&place.roles, &before.roles), added(&place.extra_permissions, &before.extra_permissions));
    let less = !added(&before.roles, &place.roles).is_empty()
        || !added(&before.extra_permissions, &place.extra_permissions).is_empty();
    if by.user == before.user_id {
        if !roles.is_empty() || !extra.is_empty() {
            return Err(Refusal::Conflict { reason: "own_role" }.into());
        }
        if place.priority != before.priority {
            return Err(Refusal::Conflict { reason: "own_priority" }.into());
        }
    }
    let extra = checked_permissions("extra_permissions", &extra)?;
    let given: Vec<Permission> = given_by(tx, &roles, unknown_role()).await?.into_iter().chain(extra).collect();
    must_hold(tx, by, given).await?;
    match (before.status.as_str(), status) {
        ("suspended", "active") => must_hold_theirs(tx, by, before.user_id).await,
        ("active", "suspended") => must_not_be_below(tx, by, before.user_id).await,
        _ if less => must_not_be_below(tx, by, before.user_id).await,
        _ => Ok(()),
    }
}

async fn write(tx: &mut Tx, user: UserId, status: &str, place: &Place) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update memberships set status = $3, extra_permissions = $4, priority = $5, service = $6, site_id = $7, department_id = $8,
                version = version + 1
         where org_id = $1 and user_id = $2",
        org.0,
        user.0,
        status,
        &place.extra_permissions,
        place.priority,
        place.service.as_deref(),
        place.site.map(|site| site.0),
        place.department.map(|department| department.0)
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from membership_roles where org_id = $1 and user_id = $2 and role <> all($3)",
        org.0,
        user.0,
        &place.roles
    )
    .execute(tx.conn())
    .await?;
    give(tx, user, &place.roles).await?;
    Ok(())
}

/// What audit keeps of a member: their place, not their addresses (W3).
pub(super) fn audited(member: &Member) -> Value {
    json!({
        "status": member.status, "roles": member.roles, "extra_permissions": member.extra_permissions,
        "priority": member.priority, "service": member.service,
        "site": member.site, "department": member.department,
    })
}
