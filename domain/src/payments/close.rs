//! Closing a checkout nobody should pay any more (PROVIDERS §10, 10). Money that comes nevertheless is refunded or
//! revives the booking (★6).

use super::{
    Payment,
    accounts::{AccountRef, account_of},
    lock,
    provider::{Checkout, CheckoutRef, CheckoutState, ExpireAnswer},
    queries::note_call,
    set_status, settle,
};
use crate::{db::Tx, error::Result, ids::*, jobs::Payments, operations};

/// Enqueues the closing of the open checkout of a booking or a fine, if it has one.
pub(crate) async fn close_open(tx: &mut Tx, subject_type: &str, subject: uuid::Uuid) -> Result<()> {
    close_open_all(tx, subject_type, &[subject]).await
}

/// The same for several.
pub(super) async fn close_open_all(tx: &mut Tx, subject_type: &str, subjects: &[uuid::Uuid]) -> Result<()> {
    let org = tx.org()?;
    let open = sqlx::query!(
        r#"select id as "id: PaymentId", subject_id from payments
           where org_id = $1 and subject_type = $2 and subject_id = any($3) and direction = 'in'
             and status in ('created', 'submitted', 'authorized')"#,
        org.0,
        subject_type,
        subjects
    )
    .fetch_all(tx.conn())
    .await?;
    for other in open {
        tx.goes_on_with(other.id.into(), other.subject_id);
        tx.enqueue(&Payments::ExpireCheckout { payment: other.id });
    }
    Ok(())
}

/// What the carrier must do.
#[derive(Debug, Clone)]
pub enum ExpireOrder {
    /// Nothing: it ended.
    Nothing,
    /// The start is still under way: look again later.
    Later,
    /// Close this checkout.
    Close {
        /// Through which account.
        account: AccountRef,
        /// Which it is.
        checkout: CheckoutRef,
    },
}

/// Loads what to close.
///
/// # Errors
/// A fault when the database fails.
pub async fn load_expire(tx: &mut Tx, id: PaymentId) -> Result<ExpireOrder> {
    let payment = lock(tx, id).await?;
    if !payment.is_open() {
        return Ok(ExpireOrder::Nothing);
    }
    match payment.provider_ref.clone() {
        Some(provider_ref) => {
            let checkout = CheckoutRef { provider_ref, price: payment.amount };
            note_call(tx, id, "expire").await?;
            Ok(ExpireOrder::Close { account: account_of(tx, payment.account()?).await?, checkout })
        }
        None if payment.attempts == 0 => {
            // no call was ever begun: nobody can pay it
            let after = Payment { status: "expired".into(), ..payment.clone() };
            let after = set_status(tx, &payment, after).await?;
            if let Some(operation) = after.operation {
                operations::fail(tx, operation, "payment_expired", "the booking ended first").await?;
            }
            settle::give_back_turn(tx, &after).await?;
            Ok(ExpireOrder::Nothing)
        }
        None => Ok(ExpireOrder::Later),
    }
}

/// Records the answer: closed, or too late, in which case the poll reads what happened.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_expire(tx: &mut Tx, id: PaymentId, answer: ExpireAnswer) -> Result<()> {
    match answer {
        ExpireAnswer::TooLate => {
            tx.enqueue(&Payments::PollPayment { payment: id });
            Ok(())
        }
        ExpireAnswer::Expired => {
            let payment = lock(tx, id).await?;
            let checkout = Checkout {
                provider_ref: payment.provider_ref.clone().unwrap_or_default(),
                client_reference: None,
                price: payment.amount,
                state: CheckoutState::Expired,
                launch_url: None,
                expires_at: None,
                callback_digest: None,
            };
            settle::apply_checkout(tx, &payment, &checkout, None).await
        }
    }
}
