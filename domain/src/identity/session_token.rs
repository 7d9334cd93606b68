//! One token that shows a session for a day (C18, CX6, CX42): for a browser's cookie, and for clients that know no
//! refresh. It is 256 random bits, of which only the hash is stored; it ends with its session.

use super::login::new_refresh_token;
use crate::{db::Tx, error::Result, ids::*, keys::sha256, refusals::Refusal};
use chrono::{DateTime, TimeDelta, Utc};

/// How long it is good.
pub const SESSION_TOKEN_LIFE: TimeDelta = TimeDelta::hours(24);
/// How many characters it has; an access token has more, and dots.
const LENGTH: usize = 43;

/// A token that was just made. It is shown once.
#[derive(Clone)]
pub struct SessionToken {
    /// 43 characters, safe in URLs and cookies.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Whether this may be such a token, by its looks.
#[must_use]
pub fn looks_like_session_token(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Makes the token of a session that was just opened.
///
/// # Errors
/// A fault when the database fails.
pub async fn issue_session_token(tx: &mut Tx, session: SessionId) -> Result<SessionToken> {
    let (token, expires_at) = (new_refresh_token(), tx.now() + SESSION_TOKEN_LIFE);
    sqlx::query!(
        "update sessions set token_hash = $2, token_expires_at = $3 where id = $1",
        session.0,
        &sha256(token.as_bytes())[..],
        expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(SessionToken { token, expires_at })
}

/// Whose token this is, and of which session; whether that lives is for [`super::admit`] to say.
///
/// # Errors
/// [`Refusal::TokenInvalid`] when unknown, [`Refusal::TokenExpired`].
pub async fn recognise(tx: &mut Tx, token: &str) -> Result<(UserId, SessionId)> {
    let now = tx.now();
    let found = sqlx::query!(
        r#"select s.id as "id: SessionId", s.user_id as "user: UserId", s.revoked_at is not null as "revoked!",
                  s.token_expires_at <= $2 as "expired!"
           from sessions s where s.token_hash = $1"#,
        &sha256(token.as_bytes())[..],
        now
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::TokenInvalid)?;
    if found.expired && !found.revoked {
        return Err(Refusal::TokenExpired.into());
    }
    Ok((found.user, found.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_token_is_told_from_an_access_token() {
        assert!(looks_like_session_token(&new_refresh_token()));
        for other in ["", "abc123", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", &"ä".repeat(43)] {
            assert!(!looks_like_session_token(other), "{other}");
        }
    }
}
