//! Forgetting what is past its time (Q5, SN44).

use crate::{db::Tx, error::Result};
use chrono::TimeDelta;

/// How many rows were forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Sessions that ended more than 30 days ago.
    pub sessions: u64,
    /// Refresh tokens spent more than 60 days ago.
    pub refresh_tokens: u64,
    /// One-time codes that expired more than a day ago.
    pub codes: u64,
    /// Idempotency keys older than 7 days.
    pub idempotency_keys: i64,
    /// Copies of what is held about people, past their time.
    pub exports: i64,
    /// Files of statements and reports, past their time or never finished.
    pub reports: i64,
    /// Invitations whose time ended more than 90 days ago.
    pub invitations: i64,
    /// Bodies of providers' events older than 400 days.
    pub event_bodies: i64,
}

/// Deletes expired sessions, spent tokens, codes, copies, reports, idempotency keys, invitations and the bodies of
/// providers' events of all organizations.
///
/// # Errors
/// A fault when the database fails.
pub async fn forget_expired(tx: &mut Tx) -> Result<Forgotten> {
    let now = tx.now();
    let sessions = sqlx::query!("delete from sessions where expires_at < $1", now - TimeDelta::days(30))
        .execute(tx.conn())
        .await?
        .rows_affected();
    let refresh_tokens =
        sqlx::query!("delete from spent_refresh_tokens where spent_at < $1", now - TimeDelta::days(60))
            .execute(tx.conn())
            .await?
            .rows_affected();
    let codes = sqlx::query!("delete from one_time_codes where expires_at < $1", now - TimeDelta::days(1))
        .execute(tx.conn())
        .await?
        .rows_affected();
    let idempotency_keys = sqlx::query_scalar!(r#"select forget_idempotency_keys(interval '7 days') as "gone!""#)
        .fetch_one(tx.conn())
        .await?;
    let exports = sqlx::query_scalar!(r#"select forget_exports() as "gone!""#).fetch_one(tx.conn()).await?;
    let reports = sqlx::query_scalar!(r#"select forget_reports() as "gone!""#).fetch_one(tx.conn()).await?;
    let invitations =
        sqlx::query_scalar!(r#"select forget_invitations(interval '90 days') as "gone!""#).fetch_one(tx.conn()).await?;
    let event_bodies = sqlx::query_scalar!(r#"select forget_event_bodies(interval '400 days') as "gone!""#)
        .fetch_one(tx.conn())
        .await?;
    Ok(Forgotten { sessions, refresh_tokens, codes, idempotency_keys, exports, reports, invitations, event_bodies })
}
