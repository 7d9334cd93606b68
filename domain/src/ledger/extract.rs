//! The books for whoever takes them elsewhere (K7, V5): every line of a span in the order it was written, and what it comes
//! to. Both read the same rows, so that one can be held against the other.

use super::{accounts::as_read, statement::MovementFilter};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    money::{Currency, Money},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One entry with what it is about.
#[derive(Debug, Clone)]
pub struct Extracted {
    /// The entry; the next page goes on after it.
    pub id: EntryId,
    /// The transaction it is a side of.
    pub transaction: TransactionId,
    /// What happened.
    pub kind: String,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// What its account is for.
    pub account_kind: String,
    /// Whose account: a person's name, a provider, or nobody for the organization's own.
    pub owner: Option<String>,
    /// What kind of thing it is about.
    pub subject_type: String,
    /// What it is about.
    pub subject_id: Uuid,
    /// The payment that moved the money, if one did.
    pub payment: Option<PaymentId>,
    /// As the books have it: debit positive.
    pub amount: Money,
}

impl Extracted {
    /// By how much what the account holds rose, or fell when negative.
    #[must_use]
    pub fn rose(&self) -> Money {
        as_read(&self.account_kind, self.amount.amount, self.amount.currency)
    }
}

/// What entries of one currency come to, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// Of what.
    pub currency: Currency,
    /// How many entries.
    pub entries: i64,
    /// The positive ones.
    pub debit: i64,
    /// The others, without their sign.
    pub credit: i64,
}

/// Entries written by `cutoff`, after one that was seen, in the order of their ids; at most `limit`.
///
/// # Errors
/// A fault when the database fails.
pub async fn extract(
    tx: &mut Tx,
    filter: &MovementFilter,
    cutoff: DateTime<Utc>,
    seen: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Extracted>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select e.id, e.amount, e.currency, a.kind as account_kind, t.id as transaction, t.kind, t.subject_type,
                  t.subject_id, t.payment_id, t.occurred_at,
                  case a.owner_type when 'user' then coalesce(nullif(u.full_name, ''), a.owner_id::text)
                                    when 'provider' then coalesce(p.provider, a.owner_id::text) end as owner
           from entries e
           join accounts a on a.org_id = e.org_id and a.id = e.account_id
           join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id
           left join users u on a.owner_type = 'user' and u.id = a.owner_id
           left join provider_accounts p on a.owner_type = 'provider' and p.org_id = a.org_id and p.id = a.owner_id
           where e.org_id = $1 and e.created_at <= $2 and ($3::uuid is null or a.owner_type = 'user' and a.owner_id = $3)
             and ($4::text is null or a.kind = $4) and ($5::timestamptz is null or t.occurred_at >= $5)
             and ($6::timestamptz is null or t.occurred_at < $6) and ($7::uuid is null or e.id > $7)
           order by e.id limit $8"#,
        org.0,
        cutoff,
        filter.owner.map(Uuid::from),
        filter.account_kind.as_deref(),
        filter.from,
        filter.before,
        seen.map(Uuid::from),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("entries.currency", e))?;
        lines.push(Extracted {
            id: row.id.into(),
            transaction: row.transaction.into(),
            kind: row.kind,
            occurred_at: row.occurred_at,
            account_kind: row.account_kind,
            owner: row.owner,
            subject_type: row.subject_type,
            subject_id: row.subject_id,
            payment: row.payment_id.map(PaymentId),
            amount: Money { amount: row.amount, currency },
        });
    }
    Ok(lines)
}

/// What the entries that [`extract`] reads come to, by currency.
///
/// # Errors
/// A fault when the database fails.
pub async fn sums(tx: &mut Tx, filter: &MovementFilter, cutoff: DateTime<Utc>) -> Result<Vec<Sum>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select e.currency, count(*) as "entries!",
                  coalesce(sum(e.amount) filter (where e.amount > 0), 0)::bigint as "debit!",
                  coalesce(-sum(e.amount) filter (where e.amount < 0), 0)::bigint as "credit!"
           from entries e
           join accounts a on a.org_id = e.org_id and a.id = e.account_id
           join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id
           where e.org_id = $1 and e.created_at <= $2 and ($3::uuid is null or a.owner_type = 'user' and a.owner_id = $3)
             and ($4::text is null or a.kind = $4) and ($5::timestamptz is null or t.occurred_at >= $5)
             and ($6::timestamptz is null or t.occurred_at < $6)
           group by e.currency order by e.currency"#,
        org.0,
        cutoff,
        filter.owner.map(Uuid::from),
        filter.account_kind.as_deref(),
        filter.from,
        filter.before
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = row.currency.parse().map_err(|e| Fault::corrupt("entries.currency", e))?;
            Ok(Sum { currency, entries: row.entries, debit: row.debit, credit: row.credit })
        })
        .collect()
}
