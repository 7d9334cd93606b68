//! Money that goes back into a wallet, at once (K27, CX49): what was paid from one, what the policy sends there, and what
//! its provider could not take back. No provider is asked.

use super::send;
use crate::{
    bookings::{self, Booking},
    db::Tx,
    error::Result,
    ids::*,
    ledger::postings,
    money::Money,
    payments::{self, NewRow, Payment, WALLET},
    policies::RefundDestination,
};
use uuid::Uuid;

/// Marks a refund that its provider could not make and that is in the wallet instead: nobody sends it once more.
pub(super) const IN_WALLET: &str = "in_wallet_instead";

/// So much of the price of a booking is in the payer's wallet.
pub(super) async fn of_booking(tx: &mut Tx, booking: &Booking, of: &Payment, amount: Money) -> Result<()> {
    let refund = order(tx, of, ("payment", of.id.into()), amount).await?;
    postings::booking_refund_started(tx, booking.id, refund.id, amount).await?;
    arrived(tx, &refund).await
}

/// The provider cannot or will not make this open refund: where the policy of its booking says so, the money is in the
/// payer's wallet instead, unless their bank takes the payment back. Answers whether it is.
pub(super) async fn instead(tx: &mut Tx, refund: &Payment, code: &str) -> Result<bool> {
    let of = payments::find(tx, send::parent_of(refund)?).await?;
    if of.subject_type != "booking" || refund.user.is_none() {
        return Ok(false);
    }
    let booking = bookings::lock(tx, BookingId(of.subject_id)).await?;
    if booking.policy.refund_destination != RefundDestination::OriginalThenWallet
        || payments::is_taken_back(tx, of.id).await?
    {
        return Ok(false);
    }
    tracing::warn!(refund = %refund.id, code, "the provider does not refund: the money is in the payer's wallet");
    let failed = Payment { status: "failed".into(), failure_code: Some(IN_WALLET.into()), ..refund.clone() };
    payments::set_status(tx, refund, failed).await?;
    postings::refund_failed(tx, refund.id, refund.amount).await?;
    let other = order(tx, &of, (&refund.subject_type, refund.subject_id), refund.amount).await?;
    postings::stray_refund_started(tx, of.id, other.id, other.amount).await?;
    arrived(tx, &other).await?;
    Ok(true)
}

async fn arrived(tx: &mut Tx, refund: &Payment) -> Result<()> {
    let nothing = refund.amount.with(0);
    postings::refund_confirmed(tx, refund.id, refund.source()?, refund.amount, nothing).await?;
    send::money_is_back(tx, refund).await
}

async fn order(tx: &mut Tx, of: &Payment, (subject_type, subject_id): (&str, Uuid), amount: Money) -> Result<Payment> {
    let row = NewRow {
        direction: "out",
        purpose: "refund",
        subject_type,
        subject_id,
        user: of.user,
        method: WALLET,
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
    payments::insert(tx, PaymentId::new(), row).await
}
