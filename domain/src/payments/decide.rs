//! A person ends what no provider will: authentic money that does not agree with our record, in another currency for one
//! (SN5; PROVIDERS §10, 13). It goes back the way it came, or stays in suspense for whoever corrects the books.

use super::{Payment, lock, second_person, set_status, settle};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    ledger::{self, postings},
    operations, refunds,
    refusals::Refusal,
};

/// What becomes of money nobody asked for in this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// All that came goes back.
    Refund,
    /// It stays in suspense.
    Keep,
}

/// Ends a payment that waits for a person; what it was for may be paid again. Where money leaves, from the amount on that
/// the settings name, when somebody else decides the same (SN25).
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::StateConflict`] unless its money waits in suspense, [`Refusal::Conflict`] when the
/// same person confirms.
pub async fn decide(tx: &mut Tx, by: UserId, id: PaymentId, decision: Decision) -> Result<Payment> {
    let payment = lock(tx, id).await?;
    let not_now = || Refusal::StateConflict { status: payment.status.clone() };
    if payment.status != "unknown" || !settle::disagrees(&payment) {
        return Err(not_now().into());
    }
    let checkout = payment.provider_ref.as_deref().ok_or_else(not_now)?;
    let aside = ledger::put_aside(tx, &postings::in_suspense(payment.account()?, checkout)).await?;
    let came = aside.ok_or_else(not_now)?;
    if decision == Decision::Refund
        && let Some(stated) = second_person::awaited(tx, by, &payment, "refund").await?
    {
        return Ok(stated);
    }
    let after = Payment { status: "failed".into(), next_action: None, ..payment.clone() };
    let after = set_status(tx, &payment, after).await?;
    if decision == Decision::Refund {
        refunds::of_stray_payment(tx, &after, came).await?;
    }
    settle::give_back_turn(tx, &after).await?;
    if let Some(operation) = after.operation {
        let code = after.failure_code.as_deref().unwrap_or_default();
        operations::fail(tx, operation, "payment_failed", code).await?;
    }
    Ok(after)
}
