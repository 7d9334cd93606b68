//! Decides that money goes back.

use crate::{
    bookings::Booking,
    db::Tx,
    error::{Fault, Result},
    ids::*,
    jobs::Payments,
    ledger::postings,
    payments::{self, Payment},
};

/// The whole price of a cancelled booking goes back the way it came.
pub(crate) async fn of_booking(tx: &mut Tx, booking: &Booking) -> Result<()> {
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
    let payment = payments::find(tx, paid).await?;
    let refund = insert(tx, &payment).await?;
    postings::booking_refund_started(tx, booking.id, refund, payment.amount).await?;
    Ok(())
}

/// Money that came too late goes back from suspense (★6).
pub(crate) async fn of_stray_payment(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let refund = insert(tx, payment).await?;
    postings::stray_refund_started(tx, payment.id, refund, payment.amount).await?;
    Ok(())
}

/// One refund per payment: the constraint `payments_one_refund` holds whatever asks twice.
async fn insert(tx: &mut Tx, of: &Payment) -> Result<PaymentId> {
    let id = PaymentId::new();
    let row = payments::NewRow {
        direction: "out",
        purpose: "refund",
        subject_type: "payment",
        subject_id: of.id.into(),
        user: of.user,
        method: &of.method,
        provider_account: of.account()?,
        amount: of.amount,
        status: "scheduled",
        return_url: None,
        destination: None,
        operation: None,
        parent: Some(of.id),
    };
    payments::insert(tx, id, row).await?;
    tx.enqueue(&Payments::SendRefund { payment: id });
    Ok(id)
}
