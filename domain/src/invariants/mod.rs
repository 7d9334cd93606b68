//! The promises, re-checked all the time and without trusting what enforces them (★2, ★4, ★17). A violation is an
//! alarm: it is counted, sampled and kept; nothing is repaired silently.

use crate::{db::Tx, error::Result};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Every promise that is re-checked: `check_invariant` calls the function `promise_…` of its name.
pub const PROMISES: [&str; 15] = [
    "ledger_zero_sum",
    "cached_balances",
    "no_overlapping_claims",
    "bookings_hold_their_claims",
    "offers_hold_their_claims",
    "waiting_is_in_line",
    "bookings_have_their_postings",
    "one_effect_per_event",
    "money_out_has_its_postings",
    "fines_have_their_postings",
    "transactions_are_whole",
    "money_is_shared_as_agreed",
    "wallet_money_has_its_postings",
    "promotions_keep_their_limits",
    "tickets_have_their_postings",
];

/// What one check found.
#[derive(Debug, Clone)]
pub struct Check {
    /// Which promise.
    pub name: String,
    /// When it was checked.
    pub checked_at: DateTime<Utc>,
    /// Over how many rows.
    pub rows: i64,
    /// How many broke it.
    pub violations: i64,
    /// Ids of a few that did.
    pub sample: Value,
}

/// Checks every promise over all organizations and keeps the findings.
///
/// # Errors
/// A fault when the database fails.
pub async fn check_all(tx: &mut Tx) -> Result<Vec<Check>> {
    let mut checks = Vec::with_capacity(PROMISES.len());
    for name in PROMISES {
        let found = sqlx::query!(
            r#"select rows_checked as "rows!", violations as "violations!", sample as "sample!" from check_invariant($1)"#,
            name
        )
        .fetch_one(tx.conn())
        .await?;
        let check = Check {
            name: name.into(),
            checked_at: tx.now(),
            rows: found.rows,
            violations: found.violations,
            sample: found.sample,
        };
        keep(tx, &check).await?;
        checks.push(check);
    }
    Ok(checks)
}

async fn keep(tx: &mut Tx, check: &Check) -> Result<()> {
    sqlx::query!(
        "insert into invariant_checks (name, checked_at, rows_checked, violations, sample) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        check.name,
        check.checked_at,
        check.rows,
        check.violations,
        check.sample
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from invariant_checks where name = $1 and checked_at < app_now() - interval '30 days'",
        check.name
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The newest finding of every promise.
///
/// # Errors
/// A fault when the database fails.
pub async fn latest(tx: &mut Tx) -> Result<Vec<Check>> {
    Ok(sqlx::query_as!(
        Check,
        "select distinct on (name) name, checked_at, rows_checked as rows, violations, sample from invariant_checks
         order by name, checked_at desc"
    )
    .fetch_all(tx.conn())
    .await?)
}
