//! A loan is not back in time (SN6): noticed once, and said.

use super::{Booking, Status, lock, protect_next, queries, subject_of, tell};
use crate::{db::Tx, error::Result, ids::BookingId, notifications::NoticeKind};

/// Marks the loan as late, if it is; otherwise finds nothing to do.
///
/// # Errors
/// A fault when the database fails.
pub async fn mark_overdue(tx: &mut Tx, id: BookingId) -> Result<bool> {
    let before = lock(tx, id).await?;
    let late = before.status == Status::InUse
        && before.overdue_at.is_none()
        && before.due_at.is_some_and(|due_at| due_at <= tx.now());
    if late {
        let subject = subject_of(tx, &before).await?;
        let after = Booking { overdue_at: Some(tx.now()), ..before.clone() };
        let after = queries::store(tx, &before, after).await?;
        tell(tx, &after, &subject, NoticeKind::LoanOverdue).await?;
        protect_next::warn_next(tx, id).await?;
    }
    Ok(late)
}
