//! A callback nobody signed (PROVIDERS §9.2): it is kept, and its only effect is that the provider is asked. What its body
//! claims is never used, not even to fail a payment.

use super::{
    Payment,
    event::{Event, close_event},
    lock,
    provider::{Checkout, CheckoutRef},
    settle,
};
use crate::{
    db::Tx,
    error::{Error, Result},
    ids::*,
    jobs::Payments,
    refusals::Refusal,
};
use std::time::Duration;

/// The provider may not know yet what it has just told (PROVIDERS §10, 29): asked again after so many seconds, counted
/// from the callback, before the ordinary schedule takes over.
const AGAIN: [i64; 4] = [1, 3, 8, 18];

/// Asks the provider once for all the callbacks of a payment that come together; one that is ahead of our own record
/// waits for it.
pub(super) async fn take(tx: &mut Tx, event: &Event, id: PaymentId) -> Result<()> {
    let payment = match lock(tx, id).await {
        Err(Error::Refused(Refusal::NotFound)) => return stranger(tx, event).await,
        found => found?,
    };
    if payment.provider_account != Some(event.account) {
        return stranger(tx, event).await;
    }
    if payment.status == "succeeded" {
        return close_event(tx, event, Some(id), "ignored", "settled before").await;
    }
    if payment.provider_ref.is_none() {
        return link(tx, event, id, "parked").await;
    }
    if is_being_asked(tx, event, id).await? {
        return close_event(tx, event, Some(id), "ignored", "the provider is being asked").await;
    }
    link(tx, event, id, "linked").await?;
    tx.enqueue(&Payments::AskAboutEvent { event: event.id });
    Ok(())
}

async fn stranger(tx: &mut Tx, event: &Event) -> Result<()> {
    close_event(tx, event, None, "ignored", "not about a payment of this account").await
}

/// What to ask; `None` when the payment was settled meanwhile.
pub(super) async fn asked_of(tx: &mut Tx, event: &Event, id: PaymentId) -> Result<Option<CheckoutRef>> {
    let payment = lock(tx, id).await?;
    if payment.status == "succeeded" {
        close_event(tx, event, Some(id), "ignored", "settled before").await?;
        return Ok(None);
    }
    Ok(payment.provider_ref.map(|provider_ref| CheckoutRef { provider_ref, price: payment.amount }))
}

/// Applies the provider's word. As long as it has none, it is asked again a few times.
pub(super) async fn answered(
    tx: &mut Tx,
    event: &Event,
    id: PaymentId,
    checkout: &Checkout,
) -> Result<Option<Duration>> {
    let before = lock(tx, id).await?;
    settle::apply_checkout(tx, &before, checkout, Some(event.id)).await?;
    let after = lock(tx, id).await?;
    if is_decided(&after) {
        close_event(tx, event, Some(id), "settled", "the provider was asked").await?;
        return Ok(None);
    }
    let age = (tx.now() - event.received_at).num_seconds();
    match AGAIN.into_iter().find(|moment| age < *moment) {
        Some(moment) => Ok(Some(Duration::from_secs((moment - age).unsigned_abs()))),
        None => {
            close_event(tx, event, Some(id), "ignored", "the provider does not confirm it").await?;
            Ok(None)
        }
    }
}

fn is_decided(payment: &Payment) -> bool {
    !payment.is_open() && payment.status != "unknown"
}

async fn is_being_asked(tx: &mut Tx, event: &Event, id: PaymentId) -> Result<bool> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select exists(select from inbound_events where org_id = $1 and payment_id = $2 and id <> $3
                         and status = 'linked') as "yes!""#,
        org.0,
        id.0,
        event.id.0
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn link(tx: &mut Tx, event: &Event, id: PaymentId, status: &str) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update inbound_events set status = $3, payment_id = $4 where org_id = $1 and id = $2",
        org.0,
        event.id.0,
        status,
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
