//! Reads about broadcasts.

use super::{Audience, Text};
use crate::{db::Tx, error::Result, ids::*, refusals::Refusal};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// One message to many people.
#[derive(Debug, Clone)]
pub struct Broadcast {
    /// Its id.
    pub id: BroadcastId,
    /// The operation that does the telling.
    pub operation: OperationId,
    /// Who said it.
    pub sender: UserId,
    /// To whom.
    pub audience: Audience,
    /// First line.
    pub subject: Text,
    /// The whole message.
    pub body: Text,
    /// How it travels beside the app.
    pub channels: Vec<String>,
    /// Everyone up to this id was told.
    pub walked_to: Option<UserId>,
    /// When the last one was.
    pub walked_at: Option<DateTime<Utc>>,
    /// People the walk came to.
    pub recipients: i32,
    /// Those of them who were not told: suspended, erased, or told before.
    pub passed_over: i32,
    /// When it was said.
    pub created_at: DateTime<Utc>,
}

/// What became of a broadcast, in people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Whom the walk came to.
    pub recipients: i64,
    /// Whom a message reached on at least one channel; without channels, who has it in the app.
    pub sent: i64,
    /// Who may still be reached.
    pub waiting: i64,
    /// Who has it in the app at most: no address, switched off, or called off in time.
    pub skipped: i64,
    /// Whom no carrier could reach.
    pub failed: i64,
}

macro_rules! broadcast {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query!(
            r#"select id as "id: BroadcastId", operation_id as "operation: OperationId", sender_id as "sender: UserId",
                      audience, role, site_id, member_ids, subject_fr, subject_en, body_fr, body_en, channels,
                      walked_to as "walked_to: UserId", walked_at, recipients, passed_over, created_at
               from broadcasts where org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

macro_rules! read {
    ($row:expr) => {{
        let row = $row.ok_or(Refusal::NotFound)?;
        Ok(Broadcast {
            id: row.id,
            operation: row.operation,
            sender: row.sender,
            audience: Audience::of(&row.audience, row.role, row.site_id, row.member_ids)?,
            subject: Text { french: row.subject_fr, english: row.subject_en },
            body: Text { french: row.body_fr, english: row.body_en },
            channels: row.channels,
            walked_to: row.walked_to,
            walked_at: row.walked_at,
            recipients: row.recipients,
            passed_over: row.passed_over,
            created_at: row.created_at,
        })
    }};
}

/// The broadcast with this id, and what became of it so far.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, id: BroadcastId) -> Result<(Broadcast, Counts)> {
    let org = tx.org()?;
    let found: Result<Broadcast> = read!(broadcast!("and id = $2", org.0, id.0).fetch_optional(tx.conn()).await?);
    let broadcast = found?;
    let counts = counts(tx, &broadcast).await?;
    Ok((broadcast, counts))
}

/// The broadcast of an operation. Whoever changes it holds the operation.
pub(super) async fn of_operation(tx: &mut Tx, operation: OperationId) -> Result<Broadcast> {
    let org = tx.org()?;
    read!(broadcast!("and operation_id = $2", org.0, operation.0).fetch_optional(tx.conn()).await?)
}

/// Counted afresh from what was written and carried.
pub(super) async fn counts(tx: &mut Tx, broadcast: &Broadcast) -> Result<Counts> {
    let org = tx.org()?;
    let told = sqlx::query!(
        r#"select count(*) as "told!", count(*) filter (where sent) as "sent!",
                  count(*) filter (where not sent and waiting) as "waiting!",
                  count(*) filter (where not sent and not waiting and failed) as "failed!"
           from (select coalesce(bool_or(d.status = 'sent'), false) as sent,
                        coalesce(bool_or(d.status in ('queued', 'sending')), false) as waiting,
                        coalesce(bool_or(d.status = 'failed'), false) as failed
                 from notifications n
                 left join deliveries d on d.org_id = n.org_id and d.notification_id = n.id
                 where n.org_id = $1 and n.subject_id = $2 and n.subject_type = 'broadcast'
                 group by n.id) as people"#,
        org.0,
        broadcast.id.0
    )
    .fetch_one(tx.conn())
    .await?;
    let passed_over = i64::from(broadcast.passed_over);
    let (sent, skipped) = if broadcast.channels.is_empty() {
        (told.told, passed_over)
    } else {
        (told.sent, passed_over + told.told - told.sent - told.waiting - told.failed)
    };
    let recipients = i64::from(broadcast.recipients);
    Ok(Counts { recipients, sent, waiting: told.waiting, skipped, failed: told.failed })
}

/// Whether it was called off: what did not leave yet stays here.
pub(crate) async fn is_cancelled(tx: &mut Tx, id: BroadcastId) -> Result<bool> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select from broadcasts b join operations o on o.org_id = b.org_id and o.id = b.operation_id
                          where b.org_id = $1 and b.id = $2 and o.status = 'cancelled') as "yes!""#,
        org.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?)
}
