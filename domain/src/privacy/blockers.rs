//! What must be finished before somebody can be forgotten (SN26): what they owe, are owed, or promised.

use crate::{db::Tx, error::Result, ids::*};
use serde::Serialize;
use uuid::Uuid;

/// One unfinished thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// In which organization.
    pub org_id: OrgId,
    /// `open_booking`, `unpaid_booking`, `unpaid_fine`, `open_trip`, `open_payment`, `unfinished_refund`, `unfinished_payout`,
    /// `balance` or `last_admin`.
    pub reason: String,
    /// The booking, trip, payment, account or organization.
    pub id: Uuid,
}

/// Blockers that are listed; who has more finishes these first.
const MOST: i64 = 100;

/// What keeps a person from being forgotten, in all their organizations.
///
/// # Errors
/// A fault when the database fails.
pub async fn blockers(tx: &mut Tx, user: UserId) -> Result<Vec<Blocker>> {
    Ok(sqlx::query_as!(
        Blocker,
        r#"select org_id as "org_id!: OrgId", reason as "reason!", subject_id as "id!" from erasure_blockers($1)
           order by 1, 2, 3 limit $2"#,
        user.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?)
}
