//! Removing a member, and taking them back (C34, D8). Nothing of them is erased: what they booked, paid and earned
//! stays in the books, and so does the place they had.

use super::{Member, admit::give, change::audited, check_an_admin_remains, find, must_hold_theirs, must_not_be_below};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    identity::Principal,
    ids::UserId,
    organizations::{departments, invitations::Invitation, roles::lock_people},
    refusals::Refusal,
};

/// Removes a member: from now on there is no such place for them. Removing oneself is leaving.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Forbidden`], [`Refusal::StateConflict`] when they were removed before,
/// [`Refusal::Conflict`] with `last_admin` or `leads_department`.
pub async fn remove(tx: &mut Tx, by: &Principal, user: UserId) -> Result<Member> {
    lock_people(tx).await?;
    let before = find(tx, user).await?;
    if before.status == "removed" {
        return Err(Refusal::StateConflict { status: before.status }.into());
    }
    must_not_be_below(tx, by, user).await?;
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update memberships set status = 'removed', removed_at = $3, version = version + 1
         where org_id = $1 and user_id = $2",
        org.0,
        user.0,
        now
    )
    .execute(tx.conn())
    .await?;
    check_an_admin_remains(tx, &before).await?;
    departments::may_stop_leading(tx, user).await?;
    tx.record(Change::removed("membership", user, audited(&before)));
    find(tx, user).await
}

/// Takes a removed member back, in the place they had. Whoever does so must hold what that place gives.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Forbidden`], [`Refusal::StateConflict`] when they are here.
pub async fn restore(tx: &mut Tx, by: &Principal, user: UserId) -> Result<Member> {
    lock_people(tx).await?;
    let before = find(tx, user).await?;
    if before.status != "removed" {
        return Err(Refusal::StateConflict { status: before.status }.into());
    }
    must_hold_theirs(tx, by, user).await?;
    let org = tx.org()?;
    sqlx::query!(
        "update memberships set status = 'active', removed_at = null, version = version + 1
         where org_id = $1 and user_id = $2",
        org.0,
        user.0
    )
    .execute(tx.conn())
    .await?;
    let after = find(tx, user).await?;
    tx.record(Change::restored("membership", user, audited(&before), audited(&after)));
    Ok(after)
}

/// Somebody who was removed comes back because they were asked again: with the role they were asked for, and nothing of
/// what they had.
///
/// # Errors
/// [`Refusal::RegistrationClosed`] when the invitation is older than the removal.
pub(crate) async fn return_by_invitation(tx: &mut Tx, user: UserId, invitation: &Invitation) -> Result<()> {
    let before = find(tx, user).await?;
    if before.removed_at.is_none_or(|removed| removed >= invitation.created_at) {
        return Err(Refusal::RegistrationClosed.into());
    }
    let org = tx.org()?;
    sqlx::query!("delete from membership_roles where org_id = $1 and user_id = $2", org.0, user.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update memberships set status = 'active', removed_at = null, extra_permissions = '{}', priority = 'standard',
                version = version + 1
         where org_id = $1 and user_id = $2",
        org.0,
        user.0
    )
    .execute(tx.conn())
    .await?;
    give(tx, user, std::slice::from_ref(&invitation.role)).await?;
    let after = find(tx, user).await?;
    tx.record(Change::restored("membership", user, audited(&before), audited(&after)));
    Ok(())
}
