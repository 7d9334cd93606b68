//! The movements of accounts, newest first (K2, K6): a wallet's transactions are a view of its owner's entries (CX20).

use super::accounts::as_read;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    money::{Currency, Money},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One movement of one account.
#[derive(Debug, Clone)]
pub struct Movement {
    /// The entry; a list goes on after it.
    pub id: EntryId,
    /// Which account.
    pub account: AccountId,
    /// What that account is for.
    pub account_kind: String,
    /// The transaction it is a side of.
    pub transaction: TransactionId,
    /// What happened, e.g. `booking_completed`.
    pub kind: String,
    /// By how much the balance rose, or fell when negative.
    pub amount: Money,
    /// What kind of thing it is about.
    pub subject_type: String,
    /// What it is about.
    pub subject_id: Uuid,
    /// The payment that moved the money, if one did.
    pub payment: Option<PaymentId>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
}

/// Which movements to read; unset means every one.
#[derive(Debug, Clone, Default)]
pub struct MovementFilter {
    /// Of this account.
    pub account: Option<AccountId>,
    /// Of this person's accounts.
    pub owner: Option<UserId>,
    /// Of accounts for this.
    pub account_kind: Option<String>,
    /// What happened.
    pub kind: Option<String>,
    /// Only what raised the balance of people's accounts, or only what lowered it.
    pub rises: Option<bool>,
    /// Of accounts in this currency.
    pub currency: Option<Currency>,
    /// At this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub before: Option<DateTime<Utc>>,
}

/// Movements after one that was seen, at most so many.
///
/// # Errors
/// A fault when the database fails.
pub async fn movements(
    tx: &mut Tx,
    filter: &MovementFilter,
    seen: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Movement>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select e.id as "id: EntryId", a.id as "account: AccountId", a.kind as account_kind, e.amount, e.currency,
                  t.id as "transaction: TransactionId", t.kind, t.subject_type, t.subject_id,
                  t.payment_id as "payment: PaymentId", t.occurred_at
           from accounts a
           join entries e on e.org_id = a.org_id and e.account_id = a.id
           join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id
           where a.org_id = $1 and ($2::uuid is null or a.id = $2)
             and ($3::uuid is null or a.owner_type = 'user' and a.owner_id = $3) and ($4::text is null or a.kind = $4)
             and ($5::text is null or t.kind = $5) and ($6::timestamptz is null or t.occurred_at >= $6)
             and ($7::timestamptz is null or t.occurred_at < $7) and ($8::uuid is null or e.id < $8)
             and ($10::boolean is null or (e.amount < 0) = $10) and ($11::text is null or a.currency = $11)
           order by e.id desc limit $9"#,
        org.0,
        filter.account.map(Uuid::from),
        filter.owner.map(Uuid::from),
        filter.account_kind.as_deref(),
        filter.kind.as_deref(),
        filter.from,
        filter.before,
        seen.map(Uuid::from),
        limit,
        filter.rises,
        filter.currency.map(Currency::code)
    )
    .fetch_all(tx.conn())
    .await?;
    let mut movements = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("entries.currency", e))?;
        movements.push(Movement {
            id: row.id,
            account: row.account,
            amount: as_read(&row.account_kind, row.amount, currency),
            account_kind: row.account_kind,
            transaction: row.transaction,
            kind: row.kind,
            subject_type: row.subject_type,
            subject_id: row.subject_id,
            payment: row.payment,
            occurred_at: row.occurred_at,
        });
    }
    Ok(movements)
}
