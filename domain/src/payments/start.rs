//! Opening the checkout at the provider: load, call, record. The call may be lost, repeated or overtaken by its own
//! webhook; recording copes with each.

use super::{
    Payment,
    accounts::{AccountRef, account_of},
    lock,
    provider::{Checkout, CheckoutOrder, CheckoutState, StartAnswer},
    queries::begin_attempt,
    set_status, settle,
};
use crate::{
    bookings::{self, Status},
    db::Tx,
    error::Result,
    fines,
    ids::*,
    jobs::Payments,
    operations,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Everything the carrier needs to call the provider.
#[derive(Debug, Clone)]
pub struct StartOrder {
    /// What to ask.
    pub order: CheckoutOrder,
    /// Through which account.
    pub account: AccountRef,
    /// An earlier attempt may have reached the provider: search before asking again (PROVIDERS §1.3).
    pub maybe_started: bool,
}

/// Loads the order and notes the attempt; `None` when there is nothing to start any more.
///
/// # Errors
/// A fault when the database fails.
pub async fn load_start(tx: &mut Tx, id: PaymentId) -> Result<Option<StartOrder>> {
    let payment = lock(tx, id).await?;
    if payment.status != "created" {
        return Ok(None);
    }
    let account = account_of(tx, payment.account()?).await?;
    begin_attempt(tx, &payment).await?;
    let return_url = payment.return_url.clone().unwrap_or_default();
    Ok(Some(StartOrder {
        order: CheckoutOrder {
            payment: id,
            price: payment.amount,
            success_url: return_url.clone(),
            error_url: return_url,
            payer: payment.payer_phone.clone(),
            attempt: payment.attempts,
            opened_at: payment.created_at,
        },
        account,
        maybe_started: payment.attempts > 0,
    }))
}

/// Records what the provider answered. Safe to call twice, and after the webhook.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_started(tx: &mut Tx, id: PaymentId, answer: StartAnswer) -> Result<()> {
    let payment = lock(tx, id).await?;
    match answer {
        StartAnswer::Started(checkout) if payment.status == "created" => submitted(tx, &payment, checkout).await,
        StartAnswer::Declined(declined) if payment.status == "created" => {
            settle::failed(tx, &payment, &declined.code).await
        }
        _ => Ok(()), // settled or ended meanwhile: the answer adds nothing
    }
}

async fn submitted(tx: &mut Tx, payment: &Payment, checkout: Checkout) -> Result<()> {
    let after = Payment {
        status: "submitted".into(),
        provider_ref: Some(checkout.provider_ref.clone()),
        next_action: next_action(payment, &checkout),
        expires_at: checkout.expires_at,
        ..payment.clone()
    };
    let after = set_status(tx, payment, after).await?;
    if let Some(digest) = checkout.callback_digest {
        keep_digest(tx, after.id, digest).await?;
    }
    if let Some(operation) = after.operation {
        operations::advance(tx, operation, "checkout_opened", Some("payer")).await?;
    }
    link_parked_events(tx, &after).await?;
    if !matches!(checkout.state, CheckoutState::Open) {
        return settle::apply_checkout(tx, &after, &checkout, None).await;
    }
    let first_look = tx.now() + TimeDelta::seconds(15);
    tx.enqueue_at(&Payments::PollPayment { payment: after.id }, first_look);
    close_if_nobody_waits(tx, &after).await
}

/// A page to go to; or, asked on the phone, the phone.
fn next_action(payment: &Payment, checkout: &Checkout) -> Option<Value> {
    match &checkout.launch_url {
        Some(url) => Some(json!({ "type": "redirect", "redirect_url": url })),
        None => payment.payer_phone.as_ref().map(|_| json!({ "type": "approve_on_phone" })),
    }
}

/// Keeps what the provider's notifications will bring along.
async fn keep_digest(tx: &mut Tx, id: PaymentId, digest: [u8; 32]) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("update payments set callback_digest = $3 where org_id = $1 and id = $2", org.0, id.0, &digest)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Events that came before we knew the provider's reference find their payment now (★5).
async fn link_parked_events(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let org = tx.org()?;
    let parked = sqlx::query_scalar!(
        r#"update inbound_events set payment_id = $4, status = 'linked'
           where org_id = $1 and provider_account_id = $2 and status = 'parked'
             and (news ->> 'provider_ref' = $3 or payment_id = $4)
           returning id as "id: EventId""#,
        org.0,
        payment.account()?.0,
        payment.provider_ref.as_deref(),
        payment.id.0
    )
    .fetch_all(tx.conn())
    .await?;
    for event in parked {
        tx.enqueue(&Payments::SettleEvent { event });
    }
    Ok(())
}

/// The booking may have ended, or the fine been waived, while the provider answered: then nobody should pay.
async fn close_if_nobody_waits(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let awaited = match payment.purpose.as_str() {
        "topup" | "purchase" => true,
        "fine" => fines::lock(tx, FineId(payment.subject_id)).await?.status == fines::Status::Due,
        _ => bookings::lock(tx, BookingId(payment.subject_id)).await?.status == Status::Approved,
    };
    if !awaited {
        tx.enqueue(&Payments::ExpireCheckout { payment: payment.id });
    }
    Ok(())
}
