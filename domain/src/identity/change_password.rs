//! Choosing another password, from within or with a code (SN3). Whoever else is signed in as this person is not any
//! more: a password is changed because somebody may know the old one.

use super::{Credential, Identifier, Purpose, Verified, choose_organization, record, revoke_all_sessions, verify_code};
use crate::{
    audit::Change,
    db::Tx,
    error::{Error, Result},
    ids::*,
    refusals::Refusal,
};
use serde_json::json;

/// The password of a signed-in person, to prove before it is changed.
///
/// # Errors
/// [`Refusal::Conflict`] with `no_password` when codes are their only way in: a code also lets them choose one.
pub async fn my_credential(tx: &mut Tx, user: UserId) -> Result<Credential> {
    sqlx::query!("select algorithm, secret_hash from credentials where user_id = $1 and kind = 'password'", user.0)
        .fetch_optional(tx.conn())
        .await?
        .map(|row| Credential { user, algorithm: row.algorithm, secret_hash: row.secret_hash })
        .ok_or_else(|| Refusal::Conflict { reason: "no_password" }.into())
}

/// Puts `new_hash` in the place of the password that was `proved`, and ends every other session. Answers how many.
///
/// # Errors
/// [`Refusal::BadCredentials`] when the password changed since it was proved.
pub async fn change_password(tx: &mut Tx, proved: &Credential, session: SessionId, new_hash: &str) -> Result<u64> {
    let (user, now) = (proved.user, tx.now());
    let changed = sqlx::query!(
        "update credentials set algorithm = 'argon2id', secret_hash = $3, updated_at = $4
         where user_id = $1 and kind = 'password' and secret_hash = $2",
        user.0,
        proved.secret_hash,
        new_hash,
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if changed == 0 {
        return Err(Refusal::BadCredentials.into());
    }
    let ended = revoke_all_sessions(tx, user, Some(session)).await?;
    record(tx, changed_by(user, "password", ended));
    Ok(ended)
}

/// Tries a code sent to `target` and, when it is right, makes `new_hash` the password and ends every session. Commit
/// whatever the answer: a wrong try is counted.
///
/// # Errors
/// A fault when the database fails.
pub async fn reset_password(tx: &mut Tx, target: &Identifier, code: &str, new_hash: &str) -> Result<Verified> {
    let user = match verify_code(tx, target, Purpose::ResetPassword, code).await? {
        Verified::Right { user: Some(user) } => user,
        // right, and nobody's: it must not look otherwise than a code nobody sent
        Verified::Right { user: None } => return Ok(Verified::Refused(Refusal::CodeExpired)),
        refused @ Verified::Refused(_) => return Ok(refused),
    };
    let now = tx.now();
    sqlx::query!(
        "insert into credentials (user_id, kind, algorithm, secret_hash, updated_at)
         values ($1, 'password', 'argon2id', $2, $3)
         on conflict (user_id, kind) do update
         set algorithm = excluded.algorithm, secret_hash = excluded.secret_hash, updated_at = excluded.updated_at",
        user.0,
        new_hash,
        now
    )
    .execute(tx.conn())
    .await?;
    let ended = revoke_all_sessions(tx, user, None).await?;
    at_home(tx, user).await?;
    record(tx, changed_by(user, "code", ended));
    Ok(Verified::Right { user: Some(user) })
}

/// Nobody is signed in here, so nobody chose an organization: the change is audited where the person is known, if that
/// is one place.
async fn at_home(tx: &mut Tx, user: UserId) -> Result<()> {
    match choose_organization(tx, user, None).await {
        Ok(org) => tx.enter(org).await,
        Err(Error::Refused(_)) => Ok(()),
        Err(fault) => Err(fault),
    }
}

fn changed_by(user: UserId, proof: &str, sessions_ended: u64) -> Change {
    let after = json!({ "password": "changed", "proof": proof, "sessions_ended": sessions_ended });
    Change::updated("user", user, json!({}), after)
}
