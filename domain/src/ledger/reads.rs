//! What the books say about a person.

use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::UserId,
    money::Money,
};
use std::collections::HashSet;
use uuid::Uuid;

/// One balance of a person, as they see it: what we owe them is positive.
#[derive(Debug, Clone)]
pub struct Balance {
    /// `wallet` or `earnings`.
    pub kind: String,
    /// What we owe them.
    pub balance: Money,
}

/// What one checkout put into suspense, if anything.
pub(crate) async fn put_aside(tx: &mut Tx, dedupe_key: &str) -> Result<Option<Money>> {
    let org = tx.org()?;
    let row = sqlx::query!(
        "select -e.amount as \"amount!\", e.currency from ledger_transactions t
         join entries e on e.org_id = t.org_id and e.transaction_id = t.id and e.amount < 0
         where t.org_id = $1 and t.dedupe_key = $2",
        org.0,
        dedupe_key
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("entries.currency", e))?;
        Ok(Money { amount: row.amount, currency })
    })
    .transpose()
}

/// Those of these keys under which money was written.
pub(crate) async fn written_among(tx: &mut Tx, keys: &[String]) -> Result<HashSet<String>> {
    let org = tx.org()?;
    let found = sqlx::query_scalar!(
        "select dedupe_key from ledger_transactions where org_id = $1 and dedupe_key = any($2)",
        org.0,
        keys
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().collect())
}

/// A person's balances in this organization.
///
/// # Errors
/// A fault when the database fails.
pub async fn balances_of(tx: &mut Tx, user: UserId) -> Result<Vec<Balance>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select kind, currency, -cached_balance as "owed!" from accounts
           where org_id = $1 and owner_type = 'user' and owner_id = $2 order by kind, currency"#,
        org.0,
        Uuid::from(user)
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = row.currency.parse().map_err(|e| Fault::corrupt("accounts.currency", e))?;
            Ok(Balance { kind: row.kind, balance: Money { amount: row.owed, currency } })
        })
        .collect()
}
