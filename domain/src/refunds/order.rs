//! Decides that money goes back.

use super::to_wallet;
use crate::{
    bookings::Booking,
    db::Tx,
    error::{Fault, Result},
    identity,
    ids::*,
    jobs::Payments,
    ledger::postings,
    money::Money,
    payments::{self, Payment, WALLET, provider::Checkout},
    policies::RefundDestination,
    promotions,
};
use uuid::Uuid;

/// So much of the price of a booking goes back: what a promotion gave to the organization first, the rest the way it came or
/// to the wallet, as its policy says (CX49); nothing is ordered for nothing.
pub(crate) async fn of_booking(tx: &mut Tx, booking: &Booking, amount: Money) -> Result<()> {
    let given = promotions::given_for(tx, booking).await?;
    let refund = amount.with((amount.amount - given.amount).max(0));
    postings::discount_returned(tx, booking.id, amount.with(amount.amount - refund.amount)).await?;
    let amount = refund;
    if amount.amount == 0 {
        return Ok(());
    }
    let payment = payment_of(tx, booking).await?;
    if is_for_wallet(tx, booking, &payment).await? {
        return to_wallet::of_booking(tx, booking, &payment, amount).await;
    }
    let refund = insert(tx, &payment, amount).await?;
    postings::booking_refund_started(tx, booking.id, refund, amount).await?;
    Ok(())
}

/// Whether what goes back of a paid booking goes to the payer's wallet.
pub(crate) async fn goes_to_wallet(tx: &mut Tx, booking: &Booking) -> Result<bool> {
    let payment = payment_of(tx, booking).await?;
    is_for_wallet(tx, booking, &payment).await
}

/// What a bank takes back is not put into the wallet besides: its provider refuses the refund, and a person looks.
async fn is_for_wallet(tx: &mut Tx, booking: &Booking, payment: &Payment) -> Result<bool> {
    if payment.method == WALLET {
        return Ok(true);
    }
    let by_policy = booking.policy.refund_destination == RefundDestination::Wallet;
    Ok(by_policy && !payments::is_taken_back(tx, payment.id).await?)
}

/// The payment whose money is held for it.
async fn payment_of(tx: &mut Tx, booking: &Booking) -> Result<Payment> {
    let org = tx.org()?;
    let paid = sqlx::query_scalar!(
        r#"select p.id as "id: PaymentId" from payments p
           where p.org_id = $1 and p.subject_id = $2 and p.direction = 'in' and p.status = 'succeeded'
             and exists (select from ledger_transactions t
                         where t.org_id = p.org_id and t.payment_id = p.id and t.kind = 'booking_paid')"#,
        org.0,
        booking.id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Fault::corrupt("booking", "confirmed and priced, but not paid"))?;
    payments::find(tx, paid).await
}

/// Money that came too late, or not as agreed, goes back from suspense: all that came (★6, SN5).
pub(crate) async fn of_stray_payment(tx: &mut Tx, payment: &Payment, came: Money) -> Result<()> {
    let refund = insert(tx, payment, came).await?;
    postings::stray_refund_started(tx, payment.id, refund, came).await?;
    Ok(())
}

/// The payer paid a second checkout of one payment: that checkout is refunded, once.
pub(crate) async fn of_second_checkout(
    tx: &mut Tx,
    payment: &Payment,
    checkout: &Checkout,
    event: Option<EventId>,
) -> Result<()> {
    let id = PaymentId::new();
    let subject = event.map_or_else(|| id.into(), Uuid::from);
    order(tx, id, payment, ("event", subject), &checkout.provider_ref, checkout.price).await?;
    postings::stray_refund_started(tx, payment.id, id, checkout.price).await?;
    Ok(())
}

/// One refund per payment: the constraint `payments_one_refund` holds whatever asks twice.
async fn insert(tx: &mut Tx, of: &Payment, amount: Money) -> Result<PaymentId> {
    let id = PaymentId::new();
    let checkout_ref =
        of.provider_ref.as_deref().ok_or_else(|| Fault::corrupt("payment", "paid without a reference"))?;
    order(tx, id, of, ("payment", of.id.into()), checkout_ref, amount).await?;
    Ok(id)
}

/// A refund names the checkout it refunds; a checkout is refunded once (`payments_provider_ref_key`).
async fn order(
    tx: &mut Tx,
    id: PaymentId,
    of: &Payment,
    (subject_type, subject_id): (&str, Uuid),
    checkout_ref: &str,
    amount: Money,
) -> Result<()> {
    // a provider that only sends back the whole pays a part to the payer's own wallet
    let part = amount.amount < of.amount.amount && of.payer_phone.is_none();
    let own = match of.user.filter(|_| part) {
        Some(user) => identity::phone_of(tx, user).await?,
        None => None,
    };
    let row = payments::NewRow {
        direction: "out",
        purpose: "refund",
        subject_type,
        subject_id,
        user: of.user,
        method: &of.method,
        provider_account: Some(of.account()?),
        provider_ref: Some(checkout_ref),
        amount,
        status: "scheduled",
        payer_phone: of.payer_phone.clone().or(own),
        return_url: None,
        destination: None,
        operation: None,
        parent: Some(of.id),
    };
    payments::insert(tx, id, row).await?;
    tx.enqueue(&Payments::SendRefund { payment: id });
    Ok(())
}
