//! A request that must happen once (T7, T8, CX15). The key is claimed in the request's own transaction: a rival with
//! the same key waits on the unique index and then finds the answer; a crash leaves neither effect nor key.

use crate::{db::Tx, error::Result, ids::OperationId, refusals::Refusal};
use serde_json::Value;
use uuid::Uuid;

/// The client's key and the hash of what it asked.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// As sent, 1 to 255 visible characters.
    pub key: String,
    /// SHA-256 over method, path and body: the same key with another request is a mistake.
    pub request_hash: [u8; 32],
}

/// The answer given the first time.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP-like status code, opaque here.
    pub status: u16,
    /// Where the created thing lives.
    pub location: Option<String>,
    /// Its version tag.
    pub etag: Option<String>,
    /// The body's data.
    pub body: Value,
    /// The operation to look at instead of the stored body, which may have moved on.
    pub operation: Option<OperationId>,
}

/// Whether this request is the first of its key.
#[derive(Debug)]
pub enum Once {
    /// Do it, then [`keep`] the answer in the same transaction.
    First,
    /// It was done: give the same answer.
    Again(Box<Answer>),
}

/// Claims the key for this request.
///
/// # Errors
/// [`Refusal::KeyReused`] when the key belongs to another request.
pub async fn claim(tx: &mut Tx, key: &IdempotencyKey) -> Result<Once> {
    let org = tx.org()?;
    let actor = tx.actor().user().map(Uuid::from).unwrap_or_default();
    let first = sqlx::query!(
        "insert into idempotency_keys (org_id, actor_id, key, request_hash) values ($1, $2, $3, $4)
         on conflict on constraint idempotency_keys_once do nothing",
        org.0,
        actor,
        key.key,
        &key.request_hash[..]
    )
    .execute(tx.conn())
    .await?
    .rows_affected()
        == 1;
    if first {
        return Ok(Once::First);
    }
    let earlier = sqlx::query!(
        "select request_hash, status, location, etag, body, operation_id from idempotency_keys
         where org_id = $1 and actor_id = $2 and key = $3",
        org.0,
        actor,
        key.key
    )
    .fetch_one(tx.conn())
    .await?;
    if earlier.request_hash != key.request_hash {
        return Err(Refusal::KeyReused.into());
    }
    Ok(Once::Again(Box::new(Answer {
        status: earlier.status.and_then(|s| u16::try_from(s).ok()).unwrap_or(200),
        location: earlier.location,
        etag: earlier.etag,
        body: earlier.body.unwrap_or_default(),
        operation: earlier.operation_id.map(OperationId),
    })))
}

/// Keeps the answer with the key, in the transaction that claimed it.
///
/// # Errors
/// A fault when the database fails.
pub async fn keep(tx: &mut Tx, key: &IdempotencyKey, answer: &Answer) -> Result<()> {
    let org = tx.org()?;
    let actor = tx.actor().user().map(Uuid::from).unwrap_or_default();
    sqlx::query!(
        "update idempotency_keys set status = $4, location = $5, etag = $6, body = $7, operation_id = $8
         where org_id = $1 and actor_id = $2 and key = $3",
        org.0,
        actor,
        key.key,
        i32::from(answer.status),
        answer.location.as_deref(),
        answer.etag.as_deref(),
        answer.body,
        answer.operation.map(Uuid::from)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
