//! Inviting somebody (SN4), or putting them on the list of those who may come (C6, L24).

use super::{Invitation, find, hash, secret};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    identity::{Identifier, Principal, checks::checked_locale, find_user},
    ids::InvitationId,
    jobs::Notifications,
    organizations::{
        load, members,
        roles::{given_by, lock_people, must_hold},
    },
    refusals::Refusal,
};
use chrono::TimeDelta;
use serde_json::json;

/// Somebody who is to come.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Where they are reached.
    pub contact: Identifier,
    /// The role they will have; the organization's default one when unset.
    pub role: Option<String>,
    /// Language of the letter; the organization's when unset.
    pub locale: Option<String>,
    /// How long it is good, in days: 1 to 365. A letter is good for 7, a place on the list for 365, when unset.
    pub days: Option<i64>,
    /// Whether a letter goes out.
    pub letter: bool,
}

/// Invitations one organization may write within a day: each may cost a text message.
const MOST_PER_DAY: i64 = 500;
const LETTER_DAYS: i64 = 7;
const LONGEST_DAYS: i64 = 365;

/// Invites somebody, on behalf of `by`, who must hold what the role gives; a list that is read in has nobody's. One
/// address has one invitation at a time.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::Forbidden`], [`Refusal::Conflict`] with `already_invited` or
/// `already_member`, [`Refusal::Policy`] with `invitations_per_day`.
pub async fn create(tx: &mut Tx, by: Option<&Principal>, new: &NewInvitation) -> Result<Invitation> {
    if matches!(new.contact, Identifier::Username(_)) {
        return Err(Refusal::invalid("identifier", "must be an e-mail address or a phone number").into());
    }
    let longest = new.days.unwrap_or(if new.letter { LETTER_DAYS } else { LONGEST_DAYS });
    if !(1..=LONGEST_DAYS).contains(&longest) {
        return Err(Refusal::invalid("expires_in_days", format!("must be between 1 and {LONGEST_DAYS}")).into());
    }
    let organization = load(tx).await?;
    let locale = checked_locale(new.locale.as_deref().unwrap_or(&organization.locale))?;
    let role = new.role.clone().unwrap_or(organization.default_role);
    let unknown = Refusal::invalid("role", "must be a role of the organization");
    let given = given_by(tx, std::slice::from_ref(&role), unknown).await?;
    if let Some(by) = by {
        must_hold(tx, by, given).await?;
    }
    lock_people(tx).await?;
    refuse_known(tx, &new.contact).await?;
    check_pace(tx).await?;
    let id = InvitationId::new();
    let (org, now) = (tx.org()?, tx.now());
    let token_hash = if new.letter { Some(hash(&secret(tx.keys()?.as_ref(), id)).to_vec()) } else { None };
    sqlx::query!(
        "insert into invitations (org_id, id, contact_kind, contact, role, locale, token_hash, letter, invited_by,
                                  expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        org.0,
        id.0,
        new.contact.kind(),
        new.contact.value(),
        role,
        locale,
        token_hash,
        if new.letter { "queued" } else { "none" },
        by.map(|by| by.user.0),
        now + TimeDelta::days(longest),
        now
    )
    .execute(tx.conn())
    .await
    .refuse_on("invitations_one_open", Refusal::Conflict { reason: "already_invited" })?;
    if new.letter {
        tx.enqueue(&Notifications::SendInvitation { invitation: id });
    }
    let after = json!({ "by": new.contact.kind(), "role": role, "letter": new.letter, "days": longest });
    tx.record(Change::created("invitation", id, after));
    find(tx, id).await
}

/// Whoever is here needs no invitation; one whose time is over makes room for the next.
async fn refuse_known(tx: &mut Tx, contact: &Identifier) -> Result<()> {
    if let Some(user) = find_user(tx, contact).await?
        && matches!(members::status(tx, user).await?.as_deref(), Some("active" | "suspended"))
    {
        return Err(Refusal::Conflict { reason: "already_member" }.into());
    }
    let (org, now) = (tx.org()?, tx.now());
    let over = sqlx::query_scalar!(
        r#"update invitations set revoked_at = $3 where org_id = $1 and contact = $2
             and accepted_at is null and revoked_at is null and expires_at <= $3
           returning id as "id: InvitationId""#,
        org.0,
        contact.value(),
        now
    )
    .fetch_all(tx.conn())
    .await?;
    for id in over {
        tx.record(Change::moved("invitation", id, json!({ "state": "expired" }), json!({ "state": "revoked" })));
    }
    Ok(())
}

async fn check_pace(tx: &mut Tx) -> Result<()> {
    let (org, since) = (tx.org()?, tx.now() - TimeDelta::days(1));
    let lately = sqlx::query_scalar!(
        r#"select count(*) as "n!" from invitations where org_id = $1 and created_at > $2 and letter <> 'none'"#,
        org.0,
        since
    )
    .fetch_one(tx.conn())
    .await?;
    if lately < MOST_PER_DAY {
        return Ok(());
    }
    Err(Refusal::Policy { rule: "invitations_per_day", limit: MOST_PER_DAY, value: lately + 1 }.into())
}
