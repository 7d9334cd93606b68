//! Sends a refund: load, call, record. Asking a provider twice for the same refund moves money once (PROVIDERS §1.4).
//! Where a provider has no refunds, a person sends the money.

use super::to_wallet;
use crate::{
    bookings::{self, Status},
    db::Tx,
    error::{Fault, Result},
    ids::*,
    ledger::postings,
    notifications::{self, Notice, NoticeKind},
    payments::{
        self, AccountRef, Payment,
        provider::{RefundAnswer, RefundOrder},
    },
};
use serde_json::json;
use std::time::Duration;

/// What the carrier asks for.
#[derive(Debug, Clone)]
pub struct RefundSend {
    /// What to send back.
    pub order: RefundOrder,
    /// Through which account.
    pub account: AccountRef,
}

/// Loads the order; `None` when the refund ended, or is a person's to send.
///
/// # Errors
/// A fault when the database fails.
pub async fn load_refund(tx: &mut Tx, id: PaymentId) -> Result<Option<RefundSend>> {
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
    Ok(Some(RefundSend { account, order: order_of(tx, refund).await? }))
}

/// What the provider is asked, the first time and whenever it is asked how it stands.
pub(crate) async fn order_of(tx: &mut Tx, refund: Payment) -> Result<RefundOrder> {
    let parent = payments::find(tx, parent_of(&refund)?).await?;
    let checkout_ref = refund.provider_ref.ok_or_else(|| Fault::corrupt("refund", "it names no checkout"))?;
    // of a second checkout paid by mistake we know the checkout only
    let transaction_ref = parent.transaction_ref.filter(|_| parent.provider_ref.as_ref() == Some(&checkout_ref));
    // of a payment that failed all goes back that came, whatever it was
    let all = refund.amount == parent.amount || parent.status == "failed";
    let whole = all || parent.provider_ref.as_ref() != Some(&checkout_ref);
    let (amount, payer) = (refund.amount, refund.payer_phone);
    Ok(RefundOrder { refund: refund.id, checkout_ref, transaction_ref, amount, whole, payer })
}

/// Records the answer in the payment, the books and the booking; tells the payer. Says when to ask again, or `None` when
/// there is no need. Safe to call twice.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_refund(tx: &mut Tx, id: PaymentId, answer: RefundAnswer) -> Result<Option<Duration>> {
    let refund = payments::lock(tx, id).await?;
    if !refund.is_open() {
        return Ok(None);
    }
    let impossible = match &answer {
        RefundAnswer::ByHand => Some("no_refunds"),
        RefundAnswer::Declined(declined) => Some(declined.code.as_str()),
        RefundAnswer::Refunded { .. } | RefundAnswer::Processing => None,
    };
    if let Some(code) = impossible
        && to_wallet::instead(tx, &refund, code).await?
    {
        return Ok(None);
    }
    match answer {
        RefundAnswer::Refunded { fee } => {
            confirmed(tx, &refund, Payment { fees: fee, ..refund.clone() }).await?;
            payments::look_again_later(tx, id);
        }
        RefundAnswer::Processing => return Ok(Some(payments::patience(tx.now() - refund.created_at))),
        RefundAnswer::ByHand => {
            tracing::warn!(refund = %id, method = refund.method, "this provider has no refunds: a person must send it");
            metrics::counter!("refunds_by_hand_total").increment(1);
            let after = Payment { status: "manual".into(), ..refund.clone() };
            payments::set_status(tx, &refund, after).await?;
        }
        RefundAnswer::Declined(declined) => {
            tracing::error!(refund = %id, code = declined.code, "the provider refuses a refund: a person must act");
            metrics::counter!("payments_suspense_total", "reason" => "refund_refused").increment(1);
            let after = Payment { status: "failed".into(), failure_code: Some(declined.code), ..refund.clone() };
            payments::set_status(tx, &refund, after).await?;
            postings::refund_failed(tx, id, refund.amount).await?;
        }
    }
    Ok(None)
}

pub(super) async fn confirmed(tx: &mut Tx, refund: &Payment, after: Payment) -> Result<()> {
    let after = Payment { status: "succeeded".into(), ..after };
    let after = payments::set_status(tx, refund, after).await?;
    let (id, fee) = (refund.id, refund.amount.with(after.fees));
    if refund.status == "failed" {
        postings::refund_sent_by_hand(tx, id, refund.account()?, refund.amount).await?;
    } else {
        postings::refund_confirmed(tx, id, refund.source()?, refund.amount, fee).await?;
    }
    money_is_back(tx, &after).await
}

/// The booking and the payer learn that a refund arrived.
pub(super) async fn money_is_back(tx: &mut Tx, refund: &Payment) -> Result<()> {
    let parent = payments::find(tx, parent_of(refund)?).await?;
    if parent.subject_type == "booking" {
        // a booking that stands keeps its own money: what went back was paid a second time
        let booking = bookings::lock(tx, BookingId(parent.subject_id)).await?;
        if matches!(booking.status, Status::Cancelled | Status::Expired | Status::Rejected | Status::NoShow) {
            let status = if refund.amount == parent.amount { "refunded" } else { "partially_refunded" };
            bookings::set_payment_status(tx, booking.id, status).await?;
        }
    }
    tell(tx, refund, NoticeKind::RefundSent).await
}

pub(super) fn parent_of(refund: &Payment) -> Result<PaymentId> {
    refund.parent.ok_or_else(|| Fault::corrupt("refund", "it refunds nothing").into())
}

pub(super) async fn tell(tx: &mut Tx, refund: &Payment, kind: NoticeKind) -> Result<()> {
    let Some(user) = refund.user else { return Ok(()) };
    let notice = Notice {
        user,
        kind,
        subject_type: "payment",
        subject_id: refund.id.into(),
        payload: json!({ "amount": refund.amount.amount, "currency": refund.amount.currency }),
        dedupe_key: format!("refund/{}/{}", refund.id, refund.version),
    };
    notifications::notify(tx, notice).await?;
    Ok(())
}
