//! What moved on each account in each period, and what it held before and after (V5): the debits of all lines equal their
//! credits, because those of each transaction do.

use super::accounts::as_read;
use crate::{
    db::Tx,
    error::{Fault, Result},
    localtime,
    money::Currency,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// How long a line of a report covers, on the organization's clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday on.
    Week,
    /// Of the calendar.
    Month,
    /// From January on.
    Year,
}

/// What the lines of a report are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sorted {
    /// Accounts, with what they held before and after: those of people together, those at providers by provider.
    Account,
    /// Money at providers, by provider and what happened.
    Provider,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The first day of the period.
    pub period: NaiveDate,
    /// What the account is for.
    pub account: String,
    /// The provider, if the money is at one.
    pub provider: Option<String>,
    /// What happened, when sorted by provider.
    pub what: Option<String>,
    /// Of the amounts.
    pub currency: Currency,
    /// How many entries.
    pub entries: i64,
    /// What it held before, as people read it; when sorted by account.
    pub opening: Option<i64>,
    /// In minor units.
    pub debit: i64,
    /// In minor units.
    pub credit: i64,
    /// What it held afterwards.
    pub closing: Option<i64>,
}

/// The lines of what was written by `cutoff` and happened between `from` and `before`, by account and then by period. An
/// account that held something and did not move has one line, in the first period.
///
/// # Errors
/// A fault when the database fails.
pub async fn trial_balance(
    tx: &mut Tx,
    sorted: Sorted,
    period: Period,
    zone: Tz,
    (from, before, cutoff): (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Moved>> {
    let org = tx.org()?;
    let length = match period {
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
        Period::Year => "year",
    };
    let rows = sqlx::query!(
        r#"select a.kind, p.provider as "provider?", case when $7 then t.kind end as what, e.currency,
                  case when t.occurred_at >= $4 then date_trunc($2, t.occurred_at at time zone $3)::date end as period,
                  count(*) as "entries!", coalesce(sum(e.amount) filter (where e.amount > 0), 0)::bigint as "debit!",
                  coalesce(-sum(e.amount) filter (where e.amount < 0), 0)::bigint as "credit!"
           from entries e
           join accounts a on a.org_id = e.org_id and a.id = e.account_id
           join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id
           left join provider_accounts p on a.owner_type = 'provider' and p.org_id = a.org_id and p.id = a.owner_id
           where e.org_id = $1 and e.created_at <= $6 and t.occurred_at < $5
             and (not $7 or a.owner_type = 'provider' and t.occurred_at >= $4)
           group by 1, 2, 3, 4, 5 order by 1, 2, 4, 3, 5 nulls first"#,
        org.0,
        length,
        zone.name(),
        from,
        before,
        cutoff,
        sorted == Sorted::Provider
    )
    .fetch_all(tx.conn())
    .await?;
    let first = localtime::wall(from, zone).date();
    let mut lines = Vec::new();
    // what the account of the row before holds: rows of one account follow one another
    let mut held = 0;
    let mut rows = rows.into_iter().peekable();
    while let Some(row) = rows.next() {
        let currency: Currency = row.currency.parse().map_err(|e| Fault::corrupt("entries.currency", e))?;
        let opening = held;
        held += row.debit - row.credit;
        let closing = held;
        let last = rows.peek().is_none_or(|next| {
            (&next.kind, &next.provider, &next.currency) != (&row.kind, &row.provider, &row.currency)
        });
        if last {
            held = 0;
        }
        let reads = |sum: i64| (sorted == Sorted::Account).then(|| as_read(&row.kind, sum, currency).amount);
        let (period, moved) = match row.period {
            Some(period) => (period, (reads(opening), row.entries, row.debit, row.credit)),
            // it held something and did not move
            None if last && closing != 0 => (first, (reads(closing), 0, 0, 0)),
            None => continue, // what it held before stands in its first line
        };
        let (opening, entries, debit, credit) = moved;
        let closing = reads(closing);
        let (account, provider, what) = (row.kind, row.provider, row.what);
        lines.push(Moved { period, account, provider, what, currency, entries, opening, debit, credit, closing });
    }
    Ok(lines)
}
