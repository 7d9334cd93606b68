//! Every day of every account is held against its provider's list, once it is over (Q2).

use crate::{db::Tx, error::Result, ids::*, jobs::Payments};

/// Work of one sweep; the next one goes on.
const MOST_SWEPT: i32 = 1_000;

/// Enqueues a look at every day of the last week that nobody has looked at. Answers how many.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep(tx: &mut Tx) -> Result<usize> {
    let days = sqlx::query!(
        r#"select org_id as "org!: OrgId", account_id as "account!: ProviderAccountId", day as "day!"
           from days_to_reconcile($1)"#,
        MOST_SWEPT
    )
    .fetch_all(tx.conn())
    .await?;
    for due in &days {
        tx.enqueue_for(due.org, &Payments::ReconcileAccount { account: due.account, day: due.day });
    }
    Ok(days.len())
}
