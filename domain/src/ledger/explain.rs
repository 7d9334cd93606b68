//! Why an account holds what it holds (★4): its balance in parts, one for each booking, payment or person it is about, and
//! each part down to the movements, the payments that moved the money and the provider's events that told of it. The
//! parts add up to the balance.

use super::accounts::{AccountState, account, as_read};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    money::Money,
    paging::{Listed, Page},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// An account's balance, explained.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The account.
    pub account: AccountState,
    /// What all parts together come to, those that came to nothing included: the balance, recomputed from the entries.
    pub sum: Money,
    /// One page of its parts, the latest first.
    pub parts: Listed<Part>,
}

/// What one thing has to do with a balance.
#[derive(Debug, Clone)]
pub struct Part {
    /// What kind of thing.
    pub subject_type: String,
    /// Which.
    pub subject_id: Uuid,
    /// What it comes to.
    pub amount: Money,
    /// How that came about, in order.
    pub steps: Vec<Step>,
}

/// One movement.
#[derive(Debug, Clone)]
pub struct Step {
    /// The transaction.
    pub transaction: TransactionId,
    /// What happened, e.g. `booking_paid`.
    pub kind: String,
    /// By how much the balance rose, or fell when negative.
    pub amount: Money,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The payment that moved the money, if one did.
    pub payment: Option<Evidence>,
}

/// A payment and what its provider told of it.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Its id.
    pub id: PaymentId,
    /// Where it stands.
    pub status: String,
    /// Through which provider.
    pub method: String,
    /// The provider's id of the checkout or the payout.
    pub provider_ref: Option<String>,
    /// The provider's id of the money movement.
    pub transaction_ref: Option<String>,
    /// The provider's events about it, in the order they came.
    pub events: Vec<EventSeen>,
}

/// A provider's event as it was received; its bytes are kept sealed.
#[derive(Debug, Clone)]
pub struct EventSeen {
    /// Our id of it.
    pub id: EventId,
    /// The provider's id of it.
    pub key: String,
    /// The provider's word for it.
    pub kind: String,
    /// What became of it: `settled`, `linked`, `parked` or `ignored`.
    pub status: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Explains the balance of an account. Things that came to nothing are left out unless `all`.
///
/// # Errors
/// [`crate::refusals::Refusal::NotFound`].
pub async fn explain(tx: &mut Tx, id: AccountId, all: bool, page: Page) -> Result<Explanation> {
    let account = account(tx, id).await?;
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"with parts as materialized (
               select t.subject_type, t.subject_id, sum(e.amount)::bigint as amount, max(e.id::text) as latest
               from entries e join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id
               where e.org_id = $1 and e.account_id = $2 group by 1, 2)
           select (select coalesce(sum(amount), 0)::bigint from parts) as "sum!",
                  (select count(*) from parts where $3 or amount <> 0) as "total!",
                  p.subject_type as "subject_type?", p.subject_id as "subject_id?", p.amount as "amount?"
           from (select 1) as always left join
                (select * from parts where $3 or amount <> 0 order by latest desc limit $4 offset $5) p on true
           order by p.latest desc"#,
        org.0,
        id.0,
        all,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let currency = account.balance.currency;
    let (sum, total) = rows.first().map_or((0, 0), |row| (row.sum, row.total));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let (Some(subject_type), Some(subject_id), Some(amount)) = (row.subject_type, row.subject_id, row.amount)
        else {
            continue; // no part on this page
        };
        items.push(Part {
            subject_type,
            subject_id,
            amount: as_read(&account.kind, amount, currency),
            steps: Vec::new(),
        });
    }
    add_steps(tx, &account, &mut items).await?;
    Ok(Explanation { sum: as_read(&account.kind, sum, currency), account, parts: Listed { items, total } })
}

async fn add_steps(tx: &mut Tx, account: &AccountState, parts: &mut [Part]) -> Result<()> {
    let org = tx.org()?;
    let subjects: Vec<Uuid> = parts.iter().map(|part| part.subject_id).collect();
    let rows = sqlx::query!(
        r#"select t.subject_type, t.subject_id, t.id as "transaction: TransactionId", t.kind, e.amount, t.occurred_at,
                  p.id as "payment?: PaymentId", p.status as "status?", p.method as "method?", p.provider_ref,
                  p.transaction_ref
           from ledger_transactions t
           join entries e on e.org_id = t.org_id and e.transaction_id = t.id and e.account_id = $2
           left join payments p on p.org_id = t.org_id and p.id = t.payment_id
           where t.org_id = $1 and t.subject_id = any($3) order by e.id"#,
        org.0,
        account.id.0,
        &subjects
    )
    .fetch_all(tx.conn())
    .await?;
    let payments: Vec<PaymentId> = rows.iter().filter_map(|row| row.payment).collect();
    let seen = events(tx, &payments).await?;
    for row in rows {
        let Some(part) =
            parts.iter_mut().find(|part| part.subject_id == row.subject_id && part.subject_type == row.subject_type)
        else {
            continue;
        };
        let payment = row.payment.map(|id| Evidence {
            id,
            status: row.status.unwrap_or_default(),
            method: row.method.unwrap_or_default(),
            provider_ref: row.provider_ref,
            transaction_ref: row.transaction_ref,
            events: seen.iter().filter(|(of, _)| *of == id).map(|(_, event)| event.clone()).collect(),
        });
        part.steps.push(Step {
            transaction: row.transaction,
            kind: row.kind,
            amount: as_read(&account.kind, row.amount, account.balance.currency),
            occurred_at: row.occurred_at,
            payment,
        });
    }
    Ok(())
}

async fn events(tx: &mut Tx, payments: &[PaymentId]) -> Result<Vec<(PaymentId, EventSeen)>> {
    let org = tx.org()?;
    let payments: Vec<Uuid> = payments.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select payment_id as "payment!: PaymentId", id as "id: EventId", event_key, kind, status, received_at
           from inbound_events where org_id = $1 and payment_id = any($2) order by received_at, id"#,
        org.0,
        &payments
    )
    .fetch_all(tx.conn())
    .await?;
    let seen = rows.into_iter().map(|row| {
        let (key, received_at) = (row.event_key, row.received_at);
        (row.payment, EventSeen { id: row.id, key, kind: row.kind, status: row.status, received_at })
    });
    Ok(seen.collect())
}
