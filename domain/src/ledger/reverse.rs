//! A correction made by a person is taken back by its mirror, never by a change (K2). What the rules posted for bookings and
//! payments is not taken back by hand: it follows from what happens to them.

use super::post::post_mirror;
use crate::{audit::Change, db::Tx, error::Result, ids::*, refusals::Refusal};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// What only people post.
const BY_PEOPLE: [&str; 1] = ["reconciled"];

/// A transaction that took another back.
#[derive(Debug, Clone, Serialize)]
pub struct Reversal {
    /// Its id.
    pub id: TransactionId,
    /// The transaction it takes back.
    pub reverses: TransactionId,
    /// Why.
    pub memo: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// Takes a correction back, once.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::Invalid`] for a reason of another length than 3 to 200 characters;
/// [`Refusal::StateConflict`] with `reversed` when it was taken back before, or is the mirror of another, and with the kind of
/// the transaction when it follows from a booking or a payment.
pub async fn reverse(tx: &mut Tx, id: TransactionId, memo: &str) -> Result<Reversal> {
    let memo = memo.trim().to_owned();
    if !(3..=200).contains(&memo.chars().count()) || memo.contains('\0') {
        return Err(Refusal::invalid("reason", "must have 3 to 200 characters").into());
    }
    let (org, now, mirror) = (tx.org()?, tx.now(), TransactionId::new());
    let before =
        sqlx::query!("select kind, reverses_id from ledger_transactions where org_id = $1 and id = $2", org.0, id.0)
            .fetch_optional(tx.conn())
            .await?
            .ok_or(Refusal::NotFound)?;
    if before.reverses_id.is_some() {
        return Err(Refusal::StateConflict { status: "reversed".into() }.into());
    }
    if !BY_PEOPLE.contains(&before.kind.as_str()) {
        return Err(Refusal::StateConflict { status: before.kind }.into());
    }
    post_mirror(tx, id, mirror, &memo).await?;
    let reversal = Reversal { id: mirror, reverses: id, memo, occurred_at: now };
    tx.record(Change::created("ledger_reversal", mirror, &reversal));
    Ok(reversal)
}
