//! What was paid from a wallet goes back into it, at once (K27): no provider is asked.

use super::send;
use crate::{
    bookings::Booking,
    db::Tx,
    error::Result,
    ids::PaymentId,
    ledger::postings,
    money::Money,
    payments::{self, NewRow, Payment},
};

/// So much of the price of a cancelled booking is in the payer's wallet again.
pub(super) async fn of_booking(tx: &mut Tx, booking: &Booking, of: &Payment, amount: Money) -> Result<()> {
    let id = PaymentId::new();
    let row = NewRow {
        direction: "out",
        purpose: "refund",
        subject_type: "payment",
        subject_id: of.id.into(),
        user: of.user,
        method: &of.method,
        provider_account: None,
        provider_ref: None,
        amount,
        status: "succeeded",
        payer_phone: None,
        return_url: None,
        destination: None,
        operation: None,
        parent: Some(of.id),
    };
    let refund = payments::insert(tx, id, row).await?;
    postings::booking_refund_started(tx, booking.id, id, amount).await?;
    postings::refund_confirmed(tx, id, refund.source()?, amount, amount.with(0)).await?;
    send::money_is_back(tx, &refund).await
}
