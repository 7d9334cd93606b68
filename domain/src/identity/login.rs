//! Signing in (C12, C13): find the credential, verify it outside the transaction, open a session. A session holds one
//! refresh token at a time, of which only the hash is stored (C17).

use super::{Identifier, password::Proof};
use crate::{db::Tx, error::Result, ids::*, keys::sha256, refusals::Refusal};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a session lives without being refreshed.
pub(super) const SESSION_LIFETIME: TimeDelta = TimeDelta::hours(720);

/// A stored password, to verify with [`super::password::prove`].
#[derive(Clone)]
pub struct Credential {
    /// Whose it is.
    pub user: UserId,
    /// How it was hashed.
    pub algorithm: String,
    /// The hash.
    pub secret_hash: String,
}

/// What is known about whoever wants to sign in.
#[derive(Clone)]
pub struct Known {
    /// Their password, if there is such a person and they have one.
    pub credential: Option<Credential>,
    /// Whether anybody's password is still kept in the old way (CX7).
    pub some_brought_along: bool,
}

/// What a client holds of a session. The refresh token is shown once and never stored.
#[derive(Clone)]
pub struct SessionTokens {
    /// Goes into the access token.
    pub session: SessionId,
    /// 256 random bits, URL-safe; good for one refresh.
    pub refresh_token: String,
    /// When the session ends unless it is refreshed before.
    pub expires_at: DateTime<Utc>,
}

/// The password behind an identifier, if there is one. Answer an unknown one as slowly as a wrong password.
///
/// # Errors
/// A fault when the database fails.
pub async fn find_credential(tx: &mut Tx, identifier: &Identifier) -> Result<Known> {
    let row = sqlx::query!(
        "select c.user_id, c.algorithm, c.secret_hash
         from identities i join credentials c on c.user_id = i.user_id and c.kind = 'password'
         where i.kind = $1 and i.issuer = '' and i.value = $2",
        identifier.kind(),
        identifier.value()
    )
    .fetch_optional(tx.conn())
    .await?;
    let some_brought_along =
        sqlx::query_scalar!(r#"select exists(select 1 from credentials where algorithm = 'pbkdf2-sha256') as "yes!""#)
            .fetch_one(tx.conn())
            .await?;
    let credential =
        row.map(|row| Credential { user: row.user_id.into(), algorithm: row.algorithm, secret_hash: row.secret_hash });
    Ok(Known { credential, some_brought_along })
}

/// Takes a proved password as the reason to open a session. It must still be the password: whoever changes it ends
/// every session, and none may slip through between the proof and the end. A password kept in the old way is replaced.
///
/// # Errors
/// [`Refusal::BadCredentials`] when it changed since; [`Refusal::Conflict`] with `renewed` when it was kept in the old
/// way and somebody else may have renewed it: look again.
pub async fn accept_proof(tx: &mut Tx, proof: &Proof) -> Result<UserId> {
    let (Proof { credential, renewed }, now) = (proof, tx.now());
    let still = match renewed {
        Some(hash) => sqlx::query!(
            "update credentials set algorithm = 'argon2id', secret_hash = $3, updated_at = $4
             where user_id = $1 and kind = 'password' and secret_hash = $2",
            credential.user.0,
            credential.secret_hash,
            hash,
            now
        )
        .execute(tx.conn())
        .await?
        .rows_affected(),
        None => sqlx::query!(
            "select user_id from credentials where user_id = $1 and kind = 'password' and secret_hash = $2 for share",
            credential.user.0,
            credential.secret_hash
        )
        .fetch_all(tx.conn())
        .await?
        .len() as u64,
    };
    match (still, renewed) {
        (1, _) => Ok(credential.user),
        (_, Some(_)) => Err(Refusal::Conflict { reason: "renewed" }.into()),
        (_, None) => Err(Refusal::BadCredentials.into()),
    }
}

/// Opens a session for a person who proved who they are by `amr` (RFC 8176: `pwd`, `otp`). `device_label` is shown
/// in the list of sessions; what exceeds 200 characters is cut.
///
/// # Errors
/// [`Refusal::AccountInactive`].
pub async fn open_session(
    tx: &mut Tx,
    user: UserId,
    amr: &[&str],
    device_label: Option<&str>,
) -> Result<SessionTokens> {
    let active =
        sqlx::query_scalar!(r#"select status = 'active' as "active!" from users where id = $1 for share"#, user.0)
            .fetch_optional(tx.conn())
            .await?;
    if active != Some(true) {
        return Err(Refusal::AccountInactive.into());
    }
    let (session, family, refresh_token) = (SessionId::new(), FamilyId::new(), new_refresh_token());
    let (now, expires_at) = (tx.now(), tx.now() + SESSION_LIFETIME);
    let label: Option<String> = device_label.map(|label| label.chars().take(200).collect());
    let amr: Vec<String> = amr.iter().map(|&method| method.to_owned()).collect();
    sqlx::query!(
        "insert into sessions (id, user_id, family_id, refresh_hash, device_label, amr, authenticated_at, last_seen_at,
                               expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        session.0,
        user.0,
        family.0,
        &sha256(refresh_token.as_bytes())[..],
        label,
        &amr,
        now,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(SessionTokens { session, refresh_token, expires_at })
}

/// 256 bits nobody can guess, safe in URLs and headers.
pub(super) fn new_refresh_token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_is_256_bits_and_new_each_time() {
        let token = new_refresh_token();
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(&token).unwrap().len(), 32);
        assert_ne!(token, new_refresh_token());
    }
}
