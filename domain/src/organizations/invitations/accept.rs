//! Coming in on an invitation. It is used in the same commit as it gives its role: twice is once.

use super::{Invitation, hash, queries::lock};
use crate::{
    audit::Change,
    db::Tx,
    error::{Error, Result},
    identity::{Identifier, principal},
    ids::{InvitationId, UserId},
    organizations::{
        members::{self, Place},
        roles::{given_by, lock_people, must_hold},
    },
    refusals::Refusal,
};
use serde_json::json;

/// The open invitation behind a secret, locked: a rival with the same secret waits here and then finds it used. The
/// organization's people are locked before it, as everywhere.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, [`Refusal::InvitationGone`] when it was used or withdrawn, its time is over,
/// or whoever wrote it no longer holds what it gives.
pub async fn find_open(tx: &mut Tx, token: &str) -> Result<Invitation> {
    let org = tx.org()?;
    let id = sqlx::query_scalar!(
        r#"select id as "id: InvitationId" from invitations where org_id = $1 and token_hash = $2"#,
        org.0,
        &hash(token)[..]
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    lock_people(tx).await?;
    let invitation = lock(tx, id).await?;
    if invitation.state != "open" {
        return Err(Refusal::InvitationGone.into());
    }
    still_given(tx, &invitation).await?;
    Ok(invitation)
}

/// Comes in on a secret, as somebody who has an account already. The address proves itself: the letter went there.
///
/// # Errors
/// As [`find_open`]; [`Refusal::Conflict`] with `already_member`; [`Refusal::RegistrationClosed`] for somebody who was
/// suspended, or removed after it was written.
pub async fn accept_token(tx: &mut Tx, token: &str, user: UserId) -> Result<()> {
    let invitation = find_open(tx, token).await?;
    let now = tx.now();
    sqlx::query!(
        "update identities set verified_at = $4
         where user_id = $1 and kind = $2 and issuer = '' and value = $3 and verified_at is null",
        user.0,
        invitation.contact.kind(),
        invitation.contact.value(),
        now
    )
    .execute(tx.conn())
    .await?;
    accept(tx, invitation, user).await
}

/// Uses a locked, open invitation.
pub(crate) async fn accept(tx: &mut Tx, invitation: Invitation, user: UserId) -> Result<()> {
    match members::status(tx, user).await?.as_deref() {
        None => members::admit(tx, user, &Place::of(&invitation.role)).await?,
        Some("active") => return Err(Refusal::Conflict { reason: "already_member" }.into()),
        Some("removed") => members::return_by_invitation(tx, user, &invitation).await?,
        Some(_) => return Err(Refusal::RegistrationClosed.into()),
    }
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update invitations set accepted_at = $3, accepted_by = $4 where org_id = $1 and id = $2",
        org.0,
        invitation.id.0,
        now,
        user.0
    )
    .execute(tx.conn())
    .await?;
    let (before, after) = (json!({ "state": "open" }), json!({ "state": "accepted", "by": user }));
    tx.record(Change::moved("invitation", invitation.id, before, after));
    Ok(())
}

/// Comes in because a verified address is on the list; whether it was.
pub(crate) async fn accept_listed(tx: &mut Tx, user: UserId) -> Result<bool> {
    let listed = listed(tx, user).await?;
    if !listed.is_empty() {
        lock_people(tx).await?;
    }
    for id in listed {
        let invitation = lock(tx, id).await?;
        let given = invitation.state == "open" && still_given(tx, &invitation).await.is_ok();
        if given {
            accept(tx, invitation, user).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a verified address of theirs is on the list.
pub(crate) async fn is_listed(tx: &mut Tx, user: UserId) -> Result<bool> {
    Ok(!listed(tx, user).await?.is_empty())
}

/// Whether this address is expected, so that its owner may come and prove it.
pub(crate) async fn expects(tx: &mut Tx, contact: &Identifier) -> Result<bool> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_scalar!(
        r#"select exists(select 1 from invitations where org_id = $1 and contact = $2 and contact_kind = $3
                         and accepted_at is null and revoked_at is null and expires_at > $4) as "yes!""#,
        org.0,
        contact.value(),
        contact.kind(),
        now
    )
    .fetch_one(tx.conn())
    .await?)
}

async fn listed(tx: &mut Tx, user: UserId) -> Result<Vec<InvitationId>> {
    let (org, now) = (tx.org()?, tx.now());
    Ok(sqlx::query_scalar!(
        r#"select v.id as "id: InvitationId" from invitations v
           join identities i on i.issuer = '' and i.kind = v.contact_kind and i.value = v.contact
           where v.org_id = $1 and i.user_id = $2 and i.verified_at is not null
             and v.accepted_at is null and v.revoked_at is null and v.expires_at > $3
           order by v.created_at desc, v.id"#,
        org.0,
        user.0,
        now
    )
    .fetch_all(tx.conn())
    .await?)
}

/// A gift is good as long as its giver could give it: whoever was shown the door leaves no back door behind.
async fn still_given(tx: &mut Tx, invitation: &Invitation) -> Result<()> {
    let given = given_by(tx, std::slice::from_ref(&invitation.role), Refusal::InvitationGone).await?;
    let Some(giver) = invitation.invited_by else { return Ok(()) };
    let still = match principal(tx, giver).await {
        Ok(giver) => must_hold(tx, &giver, given).await,
        Err(error) => Err(error),
    };
    match still {
        Err(Error::Refused(_)) => Err(Refusal::InvitationGone.into()),
        other => other,
    }
}
