//! Sends a refund: load, call, record. Asking a provider twice for the same refund moves money once (PROVIDERS §1.4).

use crate::{
    bookings::{self, Status},
    db::Tx,
    error::{Fault, Result},
    ids::*,
    ledger::postings,
    notifications::{self, Notice, NoticeKind},
    payments::{self, AccountRef, Payment, provider::RefundAnswer},
};
use serde_json::json;

/// What the carrier asks for.
#[derive(Debug, Clone)]
pub struct RefundOrder {
    /// Through which account.
    pub account: AccountRef,
    /// The provider's id of the checkout that was paid.
    pub checkout_ref: String,
}

/// Loads the order; `None` when the refund ended.
///
/// # Errors
/// A fault when the database fails.
pub async fn load_refund(tx: &mut Tx, id: PaymentId) -> Result<Option<RefundOrder>> {
    let refund = payments::lock(tx, id).await?;
    if !refund.is_open() || refund.purpose != "refund" {
        return Ok(None);
    }
    payments::begin_attempt(tx, &refund).await?;
    if refund.status == "scheduled" {
        let after = Payment { status: "processing".into(), ..refund.clone() };
        payments::set_status(tx, &refund, after).await?;
    }
    let account = payments::account_of(tx, refund.account()?).await?;
    let checkout_ref = refund.provider_ref.ok_or_else(|| Fault::corrupt("refund", "it names no checkout"))?;
    Ok(Some(RefundOrder { account, checkout_ref }))
}

/// Records the answer in the payment, the books and the booking; tells the payer. Safe to call twice.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_refund(tx: &mut Tx, id: PaymentId, answer: RefundAnswer) -> Result<()> {
    let refund = payments::lock(tx, id).await?;
    if !refund.is_open() {
        return Ok(());
    }
    match answer {
        RefundAnswer::Refunded => {
            let after = Payment { status: "succeeded".into(), ..refund.clone() };
            payments::set_status(tx, &refund, after).await?;
            postings::refund_confirmed(tx, id, refund.account()?, refund.amount).await?;
            let parent = payments::find(tx, parent_of(&refund)?).await?;
            if parent.subject_type == "booking" {
                // a booking that stands keeps its own money: what went back was paid a second time
                let booking = bookings::lock(tx, BookingId(parent.subject_id)).await?;
                if matches!(booking.status, Status::Cancelled | Status::Expired | Status::Rejected) {
                    bookings::set_payment_status(tx, booking.id, "refunded").await?;
                }
            }
            tell(tx, &refund, NoticeKind::RefundSent).await
        }
        RefundAnswer::Declined(declined) => {
            tracing::error!(refund = %id, code = declined.code, "the provider refuses a refund: a person must act");
            metrics::counter!("payments_suspense_total", "reason" => "refund_refused").increment(1);
            let after = Payment { status: "failed".into(), failure_code: Some(declined.code), ..refund.clone() };
            payments::set_status(tx, &refund, after).await?;
            postings::refund_failed(tx, id, refund.amount).await?;
            Ok(())
        }
    }
}

fn parent_of(refund: &Payment) -> Result<PaymentId> {
    refund.parent.ok_or_else(|| Fault::corrupt("refund", "it refunds nothing").into())
}

async fn tell(tx: &mut Tx, refund: &Payment, kind: NoticeKind) -> Result<()> {
    let Some(user) = refund.user else { return Ok(()) };
    let notice = Notice {
        user,
        kind,
        subject_type: "payment",
        subject_id: refund.id.into(),
        payload: json!({ "amount": refund.amount.amount, "currency": refund.amount.currency }),
        dedupe_key: format!("refund/{}/sent", refund.id),
    };
    notifications::notify(tx, notice).await?;
    Ok(())
}
