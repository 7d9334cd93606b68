//! Money that has moved is looked at again: a refund may fail days after it succeeded, a payout may be taken back, a payer
//! may turn to their bank (SN5; PROVIDERS §4.2, §10, 23). An event only makes us look; without one we look all the same.

use super::{
    AccountRef, Payment,
    accounts::account_of,
    dispute,
    event::{Event, close_event},
    find, hint, lock,
    provider::{Dispute, PayoutAnswer, RefundAnswer, RefundOrder},
};
use crate::{
    db::Tx,
    error::{Error, Fault, Result},
    ids::*,
    jobs::Payments,
    payouts, refunds,
    refusals::Refusal,
};
use chrono::TimeDelta;
use std::time::Duration;

/// Days after which money that went out is looked at again: Wave takes a payout back within three (PROVIDERS §1.5).
const LOOKS: [i64; 2] = [1, 4];
/// A dispute is looked at so often while it lasts.
const DISPUTED: Duration = Duration::from_secs(24 * 60 * 60);

/// Whom to ask, about what.
#[derive(Debug, Clone)]
pub struct Look {
    /// About which payment.
    pub payment: PaymentId,
    /// Through which account.
    pub account: AccountRef,
    /// What about it.
    pub at: LookAt,
}

/// What is looked at.
#[derive(Debug, Clone)]
pub enum LookAt {
    /// Whether a refund still stands.
    Refund(RefundOrder),
    /// Whether a payout still stands.
    Payout,
    /// Whether somebody takes this money movement back.
    Disputes {
        /// The provider's id of it.
        transaction_ref: String,
    },
}

/// What was seen.
#[derive(Debug, Clone)]
pub enum Seen {
    /// The refund; `None` where the provider cannot be asked.
    Refund(Option<RefundAnswer>),
    /// The payout, likewise.
    Payout(Option<PayoutAnswer>),
    /// Every dispute of the payment.
    Disputes(Vec<Dispute>),
}

/// Money went out just now: it will be looked at again.
pub(crate) fn look_again_later(tx: &mut Tx, payment: PaymentId) {
    let first = tx.now() + TimeDelta::days(LOOKS[0]);
    tx.enqueue_at(&Payments::LookAgain { payment }, first);
}

/// What to look at; `None` when nothing about it can change any more.
///
/// # Errors
/// A fault when the database fails.
pub async fn load_look(tx: &mut Tx, id: PaymentId) -> Result<Option<Look>> {
    let payment = lock(tx, id).await?;
    let succeeded = payment.status == "succeeded";
    let provider_account = payment.account()?;
    let at = match payment.purpose.as_str() {
        "refund" if succeeded => LookAt::Refund(refunds::order_of(tx, payment).await?),
        "payout" | "withdrawal" if succeeded => LookAt::Payout,
        "chargeback" => {
            let parent = payment.parent.ok_or_else(|| Fault::corrupt("chargeback", "of nothing"))?;
            match find(tx, parent).await?.transaction_ref {
                Some(transaction_ref) => LookAt::Disputes { transaction_ref },
                None => return Ok(None),
            }
        }
        _ => match payment.transaction_ref {
            Some(transaction_ref) if succeeded && payment.direction == "in" => LookAt::Disputes { transaction_ref },
            _ => return Ok(None),
        },
    };
    Ok(Some(Look { payment: id, account: account_of(tx, provider_account).await?, at }))
}

/// Applies what was seen; says when to look again, or `None` when there is no need.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_look(tx: &mut Tx, id: PaymentId, seen: Seen) -> Result<Option<Duration>> {
    match seen {
        Seen::Refund(Some(RefundAnswer::Declined(why))) => {
            let refund = lock(tx, id).await?;
            refunds::reversed(tx, &refund, &why.code).await?;
        }
        Seen::Payout(Some(PayoutAnswer::Reversed { .. })) => {
            let payout = lock(tx, id).await?;
            payouts::reversed(tx, &payout, "reversed").await?;
        }
        Seen::Payout(Some(PayoutAnswer::Declined(why))) => {
            let payout = lock(tx, id).await?;
            payouts::reversed(tx, &payout, &why.code).await?;
        }
        Seen::Refund(_) | Seen::Payout(_) => {}
        Seen::Disputes(disputes) => {
            // the payment is locked, never its chargeback: whoever records disputes meets here
            let found = find(tx, id).await?;
            let of = lock(tx, disputed(&found)).await?;
            for found in &disputes {
                dispute::record(tx, &of, found).await?;
            }
        }
    }
    let after = find(tx, id).await?;
    Ok(next_look(tx, &after))
}

/// The payment a chargeback takes back; any other is its own.
fn disputed(payment: &Payment) -> PaymentId {
    payment.parent.filter(|_| payment.purpose == "chargeback").unwrap_or(payment.id)
}

fn next_look(tx: &Tx, payment: &Payment) -> Option<Duration> {
    if payment.purpose == "chargeback" {
        return (payment.status == "processing").then_some(DISPUTED);
    }
    let age = tx.now() - payment.succeeded_at.filter(|_| payment.direction == "out")?;
    let next = LOOKS.into_iter().map(TimeDelta::days).find(|moment| age < *moment)?;
    (next - age).to_std().ok()
}

/// An event about money that has moved: its only effect is that the provider is asked. One that is ahead of our own record
/// waits for it.
pub(super) async fn take(tx: &mut Tx, event: &Event, of: Option<PaymentId>) -> Result<()> {
    let known = match of {
        Some(id) => match lock(tx, id).await {
            Err(Error::Refused(Refusal::NotFound)) => None,
            found => Some(found?).filter(|payment| payment.provider_account == Some(event.account)),
        },
        None => None,
    };
    let Some(payment) = known else { return unmatched(tx, event).await };
    hint::link(tx, event, payment.id, "linked").await?;
    tx.enqueue(&Payments::AskAboutEvent { event: event.id });
    Ok(())
}

async fn unmatched(tx: &mut Tx, event: &Event) -> Result<()> {
    if tx.now() - event.received_at < super::event::PATIENCE {
        return super::event::park(tx, event, None).await;
    }
    metrics::counter!("payments_suspense_total", "reason" => "unclaimed_dispute").increment(1);
    tracing::error!(event = %event.id, "money is taken back of a payment nobody knows: a person must look");
    close_event(tx, event, None, "ignored", "about no payment of this account").await
}
