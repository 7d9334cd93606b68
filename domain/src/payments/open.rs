//! A rider starts to pay (J4). The payment, its operation and the job that calls the provider are one commit.

use super::{
    Payment, account_for,
    queries::{self, NewRow},
};
use crate::{
    bookings::{self, Authority, Booking, Status},
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    jobs::Payments,
    operations,
    refusals::Refusal,
};

/// What a rider wants to pay, and how.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// Which booking.
    pub booking: BookingId,
    /// `wave`.
    pub method: String,
    /// Where the browser goes afterwards; https, at most 500 characters.
    pub return_url: String,
}

/// Opens a payment for an approved booking whose hold still runs.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::AlreadyPaid`], [`Refusal::PaymentInProgress`], [`Refusal::HoldExpired`],
/// [`Refusal::NothingDue`], [`Refusal::StateConflict`], [`Refusal::MethodUnavailable`], [`Refusal::Invalid`].
pub async fn open(tx: &mut Tx, by: Authority, new: NewPayment) -> Result<(Payment, OperationId)> {
    if new.return_url.len() > 500 || !is_safe_return(&new.return_url) {
        return Err(Refusal::invalid("return_url", "must be an https address of at most 500 characters").into());
    }
    if new.method != "wave" {
        return Err(Refusal::invalid("method", "must be one of: wave").into());
    }
    let booking = bookings::lock(tx, new.booking).await?;
    by.must_ride(&booking)?;
    must_be_payable(tx, &booking)?;
    if let Some(payment) = open_payment_of(tx, booking.id).await? {
        return Err(Refusal::PaymentInProgress { payment }.into());
    }
    let account = account_for(tx, &new.method, booking.price.currency).await?;
    let id = PaymentId::new();
    let operation = operations::open(tx, "payment", "payment", id.into()).await?;
    let row = NewRow {
        direction: "in",
        purpose: "booking",
        subject_type: "booking",
        subject_id: booking.id.into(),
        user: Some(by.user()),
        method: &new.method,
        provider_account: account.id,
        provider_ref: None,
        amount: booking.price,
        status: "created",
        return_url: Some(new.return_url),
        destination: None,
        operation: Some(operation),
        parent: None,
    };
    let payment = queries::insert(tx, id, row)
        .await
        .refuse_on("payments_one_open", Refusal::Conflict { reason: "a payment for this is already open" })?;
    bookings::set_payment_status(tx, booking.id, "processing").await?;
    tx.enqueue(&Payments::StartPayment { payment: id });
    Ok((payment, operation))
}

/// Encrypted, or to the client's own machine during development.
fn is_safe_return(url: &str) -> bool {
    ["https://", "http://localhost:", "http://127.0.0.1:"].iter().any(|start| url.starts_with(start))
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn must_be_payable(tx: &Tx, booking: &Booking) -> Result<()> {
    if booking.price.amount == 0 {
        return Err(Refusal::NothingDue.into());
    }
    match booking.status {
        Status::Approved => match booking.hold_expires_at.filter(|deadline| *deadline <= tx.now()) {
            Some(expired_at) => Err(Refusal::HoldExpired { expired_at }.into()),
            None => Ok(()),
        },
        Status::Expired => Err(Refusal::HoldExpired { expired_at: booking.hold_expires_at.unwrap_or(tx.now()) }.into()),
        Status::Confirmed | Status::InUse | Status::Completed => Err(Refusal::AlreadyPaid.into()),
        other => Err(Refusal::StateConflict { status: other.code().into() }.into()),
    }
}

async fn open_payment_of(tx: &mut Tx, booking: BookingId) -> Result<Option<PaymentId>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select id as "id: PaymentId" from payments
           where org_id = $1 and subject_type = 'booking' and subject_id = $2 and direction = 'in'
             and status in ('created', 'submitted', 'authorized')"#,
        org.0,
        booking.0
    )
    .fetch_optional(tx.conn())
    .await?)
}
