//! Reading the audit trail (U3, U6, C35), newest first. It only grows, so a page begins after an event one has seen and
//! stays where it is, however much is written meanwhile (CX2).

use crate::{
    db::Tx,
    error::Result,
    ids::*,
    paging::{Listed, Page},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

/// One change as it was written.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id.
    pub id: AuditId,
    /// `user`, `admin`, `machine` or `system`.
    pub actor_type: String,
    /// The person behind it, if any.
    pub actor_id: Option<UserId>,
    /// What kind of thing changed.
    pub entity_type: String,
    /// Which.
    pub entity_id: Uuid,
    /// `CREATE`, `UPDATE`, `SOFT_DELETE`, `RESTORE` or `STATUS_CHANGE`.
    pub action: String,
    /// How it was.
    pub before: Option<Value>,
    /// How it is since.
    pub after: Option<Value>,
    /// Why, or through what.
    pub meta: Value,
    /// The request that caused it.
    pub request_id: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Which changes to read; unset means every one.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// What kind of thing changed.
    pub entity_type: Option<String>,
    /// Which thing.
    pub entity_id: Option<Uuid>,
    /// Who changed it.
    pub actor: Option<UserId>,
    /// On what ground: any of these; all when empty.
    pub actor_types: Vec<String>,
    /// What happened: any of these; all when empty.
    pub actions: Vec<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// At this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub before: Option<DateTime<Utc>>,
}

/// One page, counted from the newest.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: &Filter, page: Page) -> Result<Listed<Event>> {
    let org = tx.org()?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from audit_events
           where org_id = $1 and ($2::text is null or entity_type = $2) and ($3::uuid is null or entity_id = $3)
             and ($4::uuid is null or actor_id = $4) and (cardinality($5::text[]) = 0 or actor_type = any($5))
             and (cardinality($6::text[]) = 0 or action = any($6)) and ($7::text is null or request_id = $7)
             and ($8::timestamptz is null or created_at >= $8) and ($9::timestamptz is null or created_at < $9)"#,
        org.0,
        filter.entity_type.as_deref(),
        filter.entity_id,
        filter.actor.map(Uuid::from),
        &filter.actor_types,
        &filter.actions,
        filter.request_id.as_deref(),
        filter.from,
        filter.before
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Listed { items: read(tx, filter, None, page).await?, total })
}

/// The events before `seen`, the newest of them first; nobody counts them.
///
/// # Errors
/// A fault when the database fails.
pub async fn after(tx: &mut Tx, filter: &Filter, seen: AuditId, limit: i64) -> Result<Vec<Event>> {
    read(tx, filter, Some(seen), Page { limit, offset: 0 }).await
}

async fn read(tx: &mut Tx, filter: &Filter, seen: Option<AuditId>, page: Page) -> Result<Vec<Event>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Event,
        r#"select id as "id: AuditId", actor_type, actor_id as "actor_id: UserId", entity_type, entity_id, action, before,
                  after, meta, request_id, created_at
           from audit_events
           where org_id = $1 and ($2::text is null or entity_type = $2) and ($3::uuid is null or entity_id = $3)
             and ($4::uuid is null or actor_id = $4) and (cardinality($5::text[]) = 0 or actor_type = any($5))
             and (cardinality($6::text[]) = 0 or action = any($6)) and ($7::text is null or request_id = $7)
             and ($8::timestamptz is null or created_at >= $8) and ($9::timestamptz is null or created_at < $9)
             and ($10::uuid is null or id < $10)
           order by id desc limit $11 offset $12"#,
        org.0,
        filter.entity_type.as_deref(),
        filter.entity_id,
        filter.actor.map(Uuid::from),
        &filter.actor_types,
        &filter.actions,
        filter.request_id.as_deref(),
        filter.from,
        filter.before,
        seen.map(Uuid::from),
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?)
}
