//! Trading a refresh token for the next one (C17). A token is good once: showing it again is theft or a bug, and ends
//! the whole family. The row lock makes two simultaneous uses one use and one reuse.

use super::login::{SESSION_LIFETIME, SessionTokens, new_refresh_token};
use crate::{db::Tx, error::Result, ids::*, keys::sha256, refusals::Refusal};

/// What became of a refresh token. Commit either way: a reuse has revoked its family.
pub enum Refreshed {
    /// The next token, and whose it is.
    Rotated(SessionTokens, UserId),
    /// It was spent before: answer [`Refusal::TokenReused`] after the commit.
    Reused,
}

/// Spends a refresh token.
///
/// # Errors
/// [`Refusal::TokenInvalid`] when unknown, expired or revoked; [`Refusal::AccountInactive`].
pub async fn refresh(tx: &mut Tx, token: &str) -> Result<Refreshed> {
    let (hash, now) = (sha256(token.as_bytes()), tx.now());
    let found = sqlx::query!(
        r#"select s.id, s.user_id, s.family_id, u.status,
                  s.revoked_at is null and s.expires_at > $2 as "live!"
           from sessions s join users u on u.id = s.user_id
           where s.refresh_hash = $1 for update of s"#,
        &hash[..],
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(session) = found else { return reused(tx, &hash).await };
    if !session.live {
        return Err(Refusal::TokenInvalid.into());
    }
    if session.status != "active" {
        return Err(Refusal::AccountInactive.into());
    }
    sqlx::query!(
        "insert into spent_refresh_tokens (refresh_hash, family_id, spent_at) values ($1, $2, $3)",
        &hash[..],
        session.family_id,
        now
    )
    .execute(tx.conn())
    .await?;
    let (refresh_token, expires_at) = (new_refresh_token(), now + SESSION_LIFETIME);
    sqlx::query!(
        "update sessions set refresh_hash = $2, last_seen_at = $3, expires_at = $4 where id = $1",
        session.id,
        &sha256(refresh_token.as_bytes())[..],
        now,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    let tokens = SessionTokens { session: session.id.into(), refresh_token, expires_at };
    Ok(Refreshed::Rotated(tokens, session.user_id.into()))
}

async fn reused(tx: &mut Tx, hash: &[u8; 32]) -> Result<Refreshed> {
    let now = tx.now();
    let family = sqlx::query_scalar!("select family_id from spent_refresh_tokens where refresh_hash = $1", &hash[..])
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::TokenInvalid)?;
    sqlx::query!("update sessions set revoked_at = $2 where family_id = $1 and revoked_at is null", family, now)
        .execute(tx.conn())
        .await?;
    metrics::counter!("refresh_tokens_reused_total").increment(1);
    Ok(Refreshed::Reused)
}
