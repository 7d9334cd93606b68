//! Opening the checkout at the provider: load, call, record. The call may be lost, repeated or overtaken by its own
//! webhook; recording copes with each.

use super::{
    Payment,
    accounts::{AccountRef, account_of},
    lock,
    provider::{Checkout, CheckoutOrder, CheckoutState, Declined, StartAnswer},
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
use serde_json::json;

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
            declined_for_good(tx, &payment, declined).await
        }
        _ => Ok(()), // settled or ended meanwhile: the answer adds nothing
    }
}

async fn submitted(tx: &mut Tx, payment: &Payment, checkout: Checkout) -> Result<()> {
    let after = Payment {
        status: "submitted".into(),
        provider_ref: Some(checkout.provider_ref.clone()),
        next_action: checkout.launch_url.as_ref().map(|url| json!({ "type": "redirect", "redirect_url": url })),
        expires_at: checkout.expires_at,
        ..payment.clone()
    };
    let after = set_status(tx, payment, after).await?;
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

/// Events that came before we knew the provider's reference find their payment now (★5).
async fn link_parked_events(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let org = tx.org()?;
    let parked = sqlx::query_scalar!(
        r#"update inbound_events set payment_id = $4, status = 'linked'
           where org_id = $1 and provider_account_id = $2 and status = 'parked' and news ->> 'provider_ref' = $3
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
        "fine" => fines::lock(tx, FineId(payment.subject_id)).await?.status == fines::Status::Due,
        _ => bookings::lock(tx, BookingId(payment.subject_id)).await?.status == Status::Approved,
    };
    if !awaited {
        tx.enqueue(&Payments::ExpireCheckout { payment: payment.id });
    }
    Ok(())
}

async fn declined_for_good(tx: &mut Tx, payment: &Payment, declined: Declined) -> Result<()> {
    let after = Payment { status: "failed".into(), failure_code: Some(declined.code.clone()), ..payment.clone() };
    let after = set_status(tx, payment, after).await?;
    settle::give_back_turn(tx, &after).await?;
    if let Some(operation) = after.operation {
        operations::fail(tx, operation, "payment_failed", &declined.code).await?;
    }
    Ok(())
}
