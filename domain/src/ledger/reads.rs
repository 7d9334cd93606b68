//! What the books say about a person.

use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::UserId,
    money::Money,
};
use uuid::Uuid;

/// One balance of a person, as they see it: what we owe them is positive.
#[derive(Debug, Clone)]
pub struct Balance {
    /// `wallet` or `earnings`.
    pub kind: String,
    /// What we owe them.
    pub balance: Money,
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
