//! Paying with what is in the wallet (K24, CX20): no provider is asked, so the payment is born and ends in the request's
//! own commit. Two at once meet at the wallet's row, and the database refuses the one it does not cover.

use super::{
    Due, Payment,
    open::price_of,
    queries::{self, NewRow},
};
use crate::{
    bookings::{self, Authority},
    db::Tx,
    error::Result,
    fines,
    ids::*,
    ledger::postings,
    money::Money,
    operations, promotions,
    refusals::Refusal,
    tickets, wallet,
};
use serde_json::json;

/// The way to pay that needs no provider.
pub const WALLET: &str = "wallet";

/// Pays what is due from the payer's own wallet.
///
/// # Errors
/// As [`super::open`]; [`Refusal::InsufficientFunds`] when the wallet does not cover it.
pub(super) async fn pay(tx: &mut Tx, by: Authority, due: Due) -> Result<(Payment, OperationId)> {
    if matches!(due, Due::Topup(_)) {
        return Err(Refusal::invalid("method", "a wallet is not filled from itself").into());
    }
    wallet::must_be_on(tx).await?;
    let price = price_of(tx, by, due).await?;
    let id = PaymentId::new();
    let operation = operations::open(tx, "payment", "payment", id.into()).await?;
    let payment = write(tx, id, by.user(), due, price, operation).await?;
    let outcome = match due {
        Due::Booking(id) => {
            let booking = bookings::lock(tx, id).await?;
            let subject = bookings::subject_of(tx, &booking).await?;
            let discount = promotions::of_payment(tx, &booking, price).await?;
            let discount = discount.ok_or(Refusal::Conflict { reason: "the price has changed" })?;
            postings::booking_paid(tx, id, payment.id, (payment.source()?, price), discount.amount).await?;
            discount.settle(tx).await?;
            bookings::confirm_paid(tx, &booking, &subject).await?;
            "booking_confirmed"
        }
        Due::Fine(id) => {
            postings::fine_paid(tx, id, payment.id, payment.source()?, price).await?;
            fines::paid(tx, id).await?;
            "fine_paid"
        }
        Due::Tickets(offer) => {
            tickets::note(tx, id, by.user(), offer).await?;
            tickets::sold(tx, &payment).await?;
            "tickets_issued"
        }
        Due::Topup(_) => "wallet_topped_up",
    };
    let result = json!({ "payment_id": payment.id, "status": payment.status, "outcome": outcome });
    operations::succeed(tx, operation, result).await?;
    Ok((payment, operation))
}

async fn write(
    tx: &mut Tx,
    id: PaymentId,
    payer: UserId,
    due: Due,
    amount: Money,
    operation: OperationId,
) -> Result<Payment> {
    let (subject_type, subject_id) = due.subject(payer);
    let row = NewRow {
        direction: "in",
        purpose: due.purpose(),
        subject_type,
        subject_id,
        user: Some(payer),
        method: WALLET,
        provider_account: None,
        provider_ref: None,
        amount,
        status: "succeeded",
        payer_phone: None,
        return_url: None,
        destination: None,
        operation: Some(operation),
        parent: None,
    };
    queries::insert(tx, id, row).await
}
