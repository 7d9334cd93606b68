//! Asking the provider, whatever webhooks do (Q17): webhooks may be lost, polls are not.

use super::{
    Payment,
    accounts::{AccountRef, account_of},
    lock,
    provider::{Checkout, CheckoutRef},
    queries::note_call,
    set_status, settle,
};
use crate::{db::Tx, error::Result, ids::PaymentId, operations};
use chrono::TimeDelta;
use std::time::Duration;

/// After the provider's own deadline it gets this long to make up its mind before a person is told.
const MARGIN: TimeDelta = TimeDelta::minutes(15);
/// How long a checkout without a deadline of its own may stay open: a payer asked on the phone has minutes.
const NO_DEADLINE: TimeDelta = TimeDelta::hours(1);
/// So long we go on asking about a payment nobody decides, then it has expired; `silent_payments` knows the same number.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// Whom to ask, about what.
#[derive(Debug, Clone)]
pub struct PollOrder {
    /// Through which account.
    pub account: AccountRef,
    /// What.
    pub checkout: CheckoutRef,
}

/// What to ask; `None` when the provider has said its last word, or was never asked (the start job looks after that).
///
/// # Errors
/// A fault when the database fails.
pub async fn load_poll(tx: &mut Tx, id: PaymentId) -> Result<Option<PollOrder>> {
    let payment = lock(tx, id).await?;
    let undecided = !["succeeded", "failed"].contains(&payment.status.as_str());
    match payment.provider_ref.clone() {
        Some(provider_ref) if undecided && payment.direction == "in" => {
            let account = account_of(tx, payment.account()?).await?;
            note_call(tx, id, "status").await?;
            let checkout = CheckoutRef { provider_ref, price: payment.amount };
            Ok(Some(PollOrder { account, checkout }))
        }
        _ => Ok(None),
    }
}

/// Applies the provider's answer; says when to ask again, or `None` when there is no need.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_checkout(tx: &mut Tx, id: PaymentId, checkout: &Checkout) -> Result<Option<Duration>> {
    let payment = lock(tx, id).await?;
    settle::apply_checkout(tx, &payment, checkout, None).await?;
    let payment = lock(tx, id).await?;
    if !payment.is_open() && payment.status != "unknown" {
        return Ok(None);
    }
    let deadline = payment.expires_at.unwrap_or(payment.created_at + NO_DEADLINE);
    let (over, age) = (deadline + MARGIN <= tx.now(), tx.now() - payment.created_at);
    if over && settle::send_back(tx, &payment, checkout).await? {
        return Ok(None);
    }
    if age >= LONGEST {
        settle::given_up(tx, &payment).await?;
    } else if over && payment.is_open() {
        nobody_knows(tx, &payment).await?;
    }
    touch(tx, id).await?;
    Ok((age < LONGEST).then(|| patience(age)))
}

/// When to ask again about something so old: at once after it began, while the payer is likely at it, then ever more rarely
/// (PROVIDERS §3.8).
pub(crate) fn patience(age: TimeDelta) -> Duration {
    Duration::from_secs(match age.num_minutes() {
        ..2 => age.num_seconds().clamp(2, 10).unsigned_abs(),
        2..10 => 30,
        10..60 => 120,
        _ => 600,
    })
}

/// The provider still calls it open long after its own deadline: an alarm, not a guess. We go on asking, and the rider
/// is told nothing that is not known.
async fn nobody_knows(tx: &mut Tx, payment: &Payment) -> Result<()> {
    tracing::error!(payment = %payment.id, "the provider does not decide: a person must look");
    let after = Payment { status: "unknown".into(), failure_code: Some("provider_silent".into()), ..payment.clone() };
    let after = set_status(tx, payment, after).await?;
    match after.operation {
        Some(operation) => operations::advance(tx, operation, "provider_silent", Some("review")).await,
        None => Ok(()),
    }
}

/// The sweep looks for payments nobody has looked at; this one was looked at.
async fn touch(tx: &mut Tx, id: PaymentId) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("update payments set updated_at = app_now() where org_id = $1 and id = $2", org.0, id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_again_sooner_than_it_has_lasted_and_then_ever_more_rarely() {
        let pauses = [0, 1, 4, 60, 300, 3_000, 90_000].map(|age| patience(TimeDelta::seconds(age)).as_secs());
        assert_eq!(pauses, [2, 2, 4, 10, 30, 120, 600]);
    }
}
