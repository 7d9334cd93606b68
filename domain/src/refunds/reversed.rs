//! A refund that was sent and came back, days later (PROVIDERS §10, 23). What is written stays written: another
//! transaction takes it back, and the refund waits for a person.

use super::send::{parent_of, tell};
use crate::{
    bookings::{self, Status},
    db::Tx,
    error::Result,
    ids::BookingId,
    ledger::postings,
    notifications::NoticeKind,
    payments::{self, Payment},
};

/// The provider says that this refund failed after all. Said again, it changes nothing; one that a person sent is no
/// matter of the provider's.
pub(crate) async fn reversed(tx: &mut Tx, refund: &Payment, code: &str) -> Result<()> {
    let by_hand = refund.transaction_ref.is_some();
    if refund.status != "succeeded" || by_hand {
        return Ok(());
    }
    tracing::error!(refund = %refund.id, code, "a refund that was sent has failed: a person must send it");
    metrics::counter!("payments_suspense_total", "reason" => "refund_reversed").increment(1);
    let fee = refund.amount.with(refund.fees);
    postings::refund_reversed(tx, refund.id, refund.account()?, refund.amount, fee).await?;
    let after = Payment { status: "failed".into(), failure_code: Some(code.to_owned()), fees: 0, ..refund.clone() };
    let after = payments::set_status(tx, refund, after).await?;
    let parent = payments::find(tx, parent_of(refund)?).await?;
    if parent.subject_type == "booking" {
        let booking = bookings::lock(tx, BookingId(parent.subject_id)).await?;
        if matches!(booking.status, Status::Cancelled | Status::Expired | Status::Rejected) {
            bookings::set_payment_status(tx, booking.id, "paid").await?;
        }
    }
    tell(tx, &after, NoticeKind::RefundFailed).await
}
