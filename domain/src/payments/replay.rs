//! A stored event goes through the real handler again (★13). Whoever asks may look first and take nothing: the caller drops
//! the transaction instead of committing it.

use super::settle_event;
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, Result},
    ids::*,
    money::Money,
    paging::{Listed, Page},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

/// What may have become of an event.
pub const EVENT_STATUSES: [&str; 5] = ["received", "parked", "linked", "settled", "ignored"];

/// A provider's event as it is kept, without its body.
#[derive(Debug, Clone, Serialize)]
pub struct StoredEvent {
    /// Our id of it.
    pub id: EventId,
    /// Through which account.
    pub account: ProviderAccountId,
    /// The provider's id of it.
    pub key: String,
    /// The provider's word for it.
    pub kind: String,
    /// One of [`EVENT_STATUSES`].
    pub status: String,
    /// Why, where there is something to say.
    pub note: Option<String>,
    /// The payment it is about.
    pub payment: Option<PaymentId>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// When it was handled.
    pub handled_at: Option<DateTime<Utc>>,
}

/// Which events to list; unset means every one.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// One event.
    pub id: Option<EventId>,
    /// In these statuses; all when empty.
    pub statuses: Vec<String>,
    /// About this payment.
    pub payment: Option<PaymentId>,
}

/// What a replay does, or would do.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The event afterwards.
    pub event: StoredEvent,
    /// Movements of the books.
    pub postings: Vec<Posting>,
    /// Things that change: what kind, which, before and after.
    pub changes: Vec<Change>,
    /// Kinds of the jobs that follow.
    pub jobs: Vec<&'static str>,
}

/// One side of a movement.
#[derive(Debug, Clone)]
pub struct Posting {
    /// What happened.
    pub kind: String,
    /// What the account is for.
    pub account_kind: String,
    /// Debit positive.
    pub amount: Money,
}

/// Stored events, the newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn list_events(tx: &mut Tx, filter: &EventFilter, page: Page) -> Result<Listed<StoredEvent>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select id as "id: EventId", provider_account_id as "account: ProviderAccountId", event_key, kind, status, note,
                  payment_id as "payment: PaymentId", received_at, handled_at, count(*) over () as "total!"
           from inbound_events
           where org_id = $1 and ($2::uuid is null or id = $2) and (cardinality($3::text[]) = 0 or status = any ($3))
             and ($4::uuid is null or payment_id = $4)
           order by received_at desc, id limit $5 offset $6"#,
        org.0,
        filter.id.map(uuid::Uuid::from),
        &filter.statuses,
        filter.payment.map(uuid::Uuid::from),
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let items = rows.into_iter().map(|row| StoredEvent {
        id: row.id,
        account: row.account,
        key: row.event_key,
        kind: row.kind,
        status: row.status,
        note: row.note,
        payment: row.payment,
        received_at: row.received_at,
        handled_at: row.handled_at,
    });
    Ok(Listed { items: items.collect(), total })
}

/// One stored event.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find_event(tx: &mut Tx, id: EventId) -> Result<StoredEvent> {
    let filter = EventFilter { id: Some(id), ..EventFilter::default() };
    let found = list_events(tx, &filter, Page { limit: 1, offset: 0 }).await?;
    Ok(found.items.into_iter().next().ok_or(Refusal::NotFound)?)
}

/// Takes the event through the handler as if it had just come, and tells what that does. What it did before is not done
/// twice: payments know that they are settled, and the books know their keys.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn replay(tx: &mut Tx, id: EventId) -> Result<Replay> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!("select id from inbound_events where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    let before = find_event(tx, id).await?;
    sqlx::query!("update inbound_events set status = 'received' where org_id = $1 and id = $2", org.0, id.0)
        .execute(tx.conn())
        .await?;
    settle_event(tx, id).await?;
    let rows = sqlx::query!(
        "select t.kind, a.kind as account_kind, e.amount, e.currency
         from ledger_transactions t join entries e on e.org_id = t.org_id and e.transaction_id = t.id
         join accounts a on a.org_id = e.org_id and a.id = e.account_id
         where t.org_id = $1 and t.occurred_at = $2 and t.xmin = pg_current_xact_id()::xid
         order by t.id, e.id",
        org.0,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    let mut postings = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("entries.currency", e))?;
        let amount = Money { amount: row.amount, currency };
        postings.push(Posting { kind: row.kind, account_kind: row.account_kind, amount });
    }
    let (changes, jobs) = tx.pending();
    let changes = changes.to_vec();
    let event = find_event(tx, id).await?;
    let (was, is) = (json!({ "status": before.status }), json!({ "status": event.status }));
    tx.record(Change::updated("inbound_event", id, was, is).because(json!({ "replayed": true })));
    Ok(Replay { event, postings, changes, jobs })
}
