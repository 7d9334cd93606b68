//! Where money leaves by a person's word, from some amount on a second person says the same (SN25).

use super::{Payment, find};
use crate::{audit::Change, db::Tx, error::Result, ids::UserId, organizations, refusals::Refusal};

/// Keeps what the first person says and answers the payment as it is then; `None` when the word of `by` is enough, because
/// somebody else said the same or the amount is small. Nothing is moved here.
///
/// # Errors
/// [`Refusal::Conflict`] when the same person confirms, or another word is said.
pub(crate) async fn awaited(tx: &mut Tx, by: UserId, payment: &Payment, word: &str) -> Result<Option<Payment>> {
    let limit = organizations::load(tx).await?.settings.second_person_from;
    if limit.is_none_or(|limit| payment.amount.amount < limit) {
        return Ok(None);
    }
    match (payment.stated_by, payment.stated_ref.as_deref()) {
        (None, _) => state(tx, by, payment, word).await.map(Some),
        (Some(first), _) if first == by => Err(Refusal::Conflict { reason: "another person must confirm it" }.into()),
        (_, Some(stated)) if stated != word => {
            Err(Refusal::Conflict { reason: "the first person named another reference" }.into())
        }
        _ => Ok(None),
    }
}

async fn state(tx: &mut Tx, by: UserId, payment: &Payment, word: &str) -> Result<Payment> {
    let org = tx.org()?;
    sqlx::query!(
        "update payments set stated_by = $3, stated_ref = $4, version = version + 1 where org_id = $1 and id = $2",
        org.0,
        payment.id.0,
        by.0,
        word
    )
    .execute(tx.conn())
    .await?;
    let after = find(tx, payment.id).await?;
    tx.record(Change::updated("payment", payment.id, payment, &after));
    Ok(after)
}
