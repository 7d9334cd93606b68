//! Ending sessions (C19, CX42). Access tokens carry their session's id and die with it.

use crate::{db::Tx, error::Result, ids::*, refusals::Refusal};
use chrono::{DateTime, Utc};

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// What the device called itself.
    pub device_label: Option<String>,
    /// How the person proved who they are.
    pub amr: Vec<String>,
    /// When they did.
    pub authenticated_at: DateTime<Utc>,
    /// When its token was last refreshed.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends unless refreshed.
    pub expires_at: DateTime<Utc>,
}

/// The live sessions of a person, the latest used first.
///
/// # Errors
/// A fault when the database fails.
pub async fn my_sessions(tx: &mut Tx, user: UserId) -> Result<Vec<SessionView>> {
    let now = tx.now();
    Ok(sqlx::query_as!(
        SessionView,
        r#"select id as "id: SessionId", device_label, amr, authenticated_at, last_seen_at, expires_at
           from sessions where user_id = $1 and revoked_at is null and expires_at > $2
           order by last_seen_at desc limit 200"#,
        user.0,
        now
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Ends one of a person's sessions; ending it again changes nothing. Logging out is this, on the own session.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not theirs.
pub async fn revoke_session(tx: &mut Tx, user: UserId, session: SessionId) -> Result<()> {
    let now = tx.now();
    let found = sqlx::query!(
        "update sessions set revoked_at = coalesce(revoked_at, $3) where id = $1 and user_id = $2",
        session.0,
        user.0,
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if found == 1 { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// Ends a person's sessions, all but `except`. Answers how many ended.
///
/// # Errors
/// A fault when the database fails.
pub async fn revoke_all_sessions(tx: &mut Tx, user: UserId, except: Option<SessionId>) -> Result<u64> {
    let now = tx.now();
    Ok(sqlx::query!(
        "update sessions set revoked_at = $3 where user_id = $1 and revoked_at is null and id is distinct from $2",
        user.0,
        except.map(|session| session.0),
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected())
}
