//! Applies one stored event to the payment it is about (Q13, ★5).

use super::{
    PollOrder,
    accounts::account_of,
    hint, limits, lock,
    look::{self, Look, Seen},
    provider::{Checkout, CheckoutRef, CheckoutState, News},
    queries::note_call,
    settle,
};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    jobs::Payments,
    ledger::postings,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// An event that matches nothing waits this long for our own record, then becomes a person's question.
pub(super) const PATIENCE: TimeDelta = TimeDelta::hours(1);

pub(super) struct Event {
    pub(super) id: EventId,
    pub(super) account: ProviderAccountId,
    news: News,
    fresh: bool,
    pub(super) received_at: DateTime<Utc>,
    payment: Option<PaymentId>,
    status: String,
}

/// Settles, parks or ignores the event. Called again, it finds the event handled.
///
/// # Errors
/// A fault when the database fails.
pub async fn settle_event(tx: &mut Tx, id: EventId) -> Result<()> {
    let Some(event) = lock_event(tx, id).await? else { return Ok(()) };
    let checkout = match &event.news {
        News::CheckoutPaid(checkout) => checkout.clone(),
        News::AttemptFailed(checkout) => {
            let payment = find_payment(tx, event.account, checkout).await?;
            close_event(tx, &event, payment, "ignored", "a failed attempt is a note, not a state").await?;
            return match payment {
                Some(payment) => limits::attempt_failed(tx, payment).await,
                None => Ok(()),
            };
        }
        News::Hint { payment } => return hint::take(tx, &event, *payment).await,
        News::RefundMoved { refund } => return look::take(tx, &event, Some(*refund)).await,
        News::Disputed { transaction_ref } => {
            let of = moved_as(tx, event.account, transaction_ref).await?;
            return look::take(tx, &event, of).await;
        }
        News::Other => return close_event(tx, &event, None, "ignored", "not about a payment of ours").await,
    };
    if !event.fresh {
        // good signature, old timestamp: the provider's own word decides, not this body
        tx.enqueue(&Payments::AskAboutEvent { event: id });
        return Ok(());
    }
    apply(tx, &event, &checkout, "").await
}

/// What the provider is asked about an event.
#[derive(Debug, Clone)]
pub enum Ask {
    /// How a checkout stands.
    Checkout(PollOrder),
    /// Whether money that has moved still stands.
    Look(Look),
}

/// Whom to ask about an event that is not to be believed, and about what; `None` when it was handled meanwhile.
///
/// # Errors
/// A fault when the database fails.
pub async fn load_ask(tx: &mut Tx, id: EventId) -> Result<Option<Ask>> {
    let Some(event) = lock_event(tx, id).await? else { return Ok(None) };
    let checkout = match event.news {
        News::CheckoutPaid(checkout) => {
            if let Some(payment) = find_payment(tx, event.account, &checkout).await? {
                note_call(tx, payment, "status").await?;
            }
            CheckoutRef { provider_ref: checkout.provider_ref, price: checkout.price }
        }
        News::Hint { payment } => match hint::asked_of(tx, &event, payment).await? {
            Some(checkout) => {
                note_call(tx, payment, "status").await?;
                checkout
            }
            None => return Ok(None),
        },
        News::RefundMoved { .. } | News::Disputed { .. } => return load_look_of(tx, &event).await,
        News::AttemptFailed(_) | News::Other => return Ok(None),
    };
    let account = account_of(tx, event.account).await?;
    Ok(Some(Ask::Checkout(PollOrder { account, checkout })))
}

async fn load_look_of(tx: &mut Tx, event: &Event) -> Result<Option<Ask>> {
    let Some(payment) = event.payment else { return Ok(None) };
    match look::load_look(tx, payment).await? {
        Some(look) => Ok(Some(Ask::Look(look))),
        None => {
            // still on its way, or ended before: whoever carries it asks
            close_event(tx, event, Some(payment), "ignored", "nothing to look at").await?;
            Ok(None)
        }
    }
}

/// Applies what was seen of the money such an event is about.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_looked(tx: &mut Tx, id: EventId, payment: PaymentId, seen: Seen) -> Result<()> {
    let Some(event) = lock_event(tx, id).await? else { return Ok(()) };
    look::record_look(tx, payment, seen).await?;
    close_event(tx, &event, Some(payment), "settled", "the provider was asked").await
}

/// Applies what the provider answered about such an event: that it was paid, or that it was not. Says when to ask again,
/// or `None` when there is no need.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_asked(tx: &mut Tx, id: EventId, checkout: &Checkout) -> Result<Option<Duration>> {
    let Some(event) = lock_event(tx, id).await? else { return Ok(None) };
    if let News::Hint { payment } = event.news {
        return hint::answered(tx, &event, payment, checkout).await;
    }
    match checkout.state {
        CheckoutState::Paid { .. } => apply(tx, &event, checkout, "stale: the provider confirmed it").await?,
        _ => close_event(tx, &event, None, "ignored", "stale: the provider does not confirm it").await?,
    }
    Ok(None)
}

async fn apply(tx: &mut Tx, event: &Event, checkout: &Checkout, note: &str) -> Result<()> {
    let Some(payment) = find_payment(tx, event.account, checkout).await? else {
        return unmatched(tx, event, checkout).await;
    };
    let locked = lock(tx, payment).await?;
    settle::apply_checkout(tx, &locked, checkout, Some(event.id)).await?;
    close_event(tx, event, Some(payment), "settled", note).await
}

async fn lock_event(tx: &mut Tx, id: EventId) -> Result<Option<Event>> {
    let org = tx.org()?;
    let row = sqlx::query!(
        r#"select provider_account_id as "account: ProviderAccountId", news, fresh, received_at, status,
                  payment_id as "payment: PaymentId"
           from inbound_events where org_id = $1 and id = $2 and status in ('received', 'parked', 'linked') for update"#,
        org.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        let news = serde_json::from_value(row.news).map_err(|e| Fault::corrupt("inbound_events.news", e))?;
        let (account, fresh, received_at, status) = (row.account, row.fresh, row.received_at, row.status);
        Ok(Event { id, account, news, fresh, received_at, payment: row.payment, status })
    })
    .transpose()
}

/// By the provider's reference, or by ours: the event may be here before the answer to our own call.
async fn find_payment(tx: &mut Tx, account: ProviderAccountId, checkout: &Checkout) -> Result<Option<PaymentId>> {
    let org = tx.org()?;
    let ours: Option<PaymentId> = checkout.client_reference.as_deref().and_then(|reference| reference.parse().ok());
    Ok(sqlx::query_scalar!(
        r#"select id as "id: PaymentId" from payments
           where org_id = $1 and provider_account_id = $2 and direction = 'in' and (provider_ref = $3 or id = $4)
           order by provider_ref = $3 desc nulls last limit 1"#,
        org.0,
        account.0,
        checkout.provider_ref,
        ours.map(uuid::Uuid::from)
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// The payment that came in as this movement at the provider.
async fn moved_as(tx: &mut Tx, account: ProviderAccountId, transaction_ref: &str) -> Result<Option<PaymentId>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select id as "id: PaymentId" from payments
           where org_id = $1 and provider_account_id = $2 and direction = 'in' and transaction_ref = $3 limit 1"#,
        org.0,
        account.0,
        transaction_ref
    )
    .fetch_optional(tx.conn())
    .await?)
}

async fn unmatched(tx: &mut Tx, event: &Event, checkout: &Checkout) -> Result<()> {
    if tx.now() - event.received_at < PATIENCE {
        return park(tx, event, Some(&checkout.provider_ref)).await;
    }
    metrics::counter!("payments_suspense_total", "reason" => "unclaimed").increment(1);
    tracing::error!(event = %event.id, "authentic money that matches nothing: a person must look");
    postings::unexplained_money(tx, event.account, &checkout.provider_ref, None, checkout.price).await?;
    close_event(tx, event, None, "settled", "unclaimed: in suspense").await
}

/// Parked events carry the reference they wait for, so that recording our own call finds them.
pub(super) async fn park(tx: &mut Tx, event: &Event, waits_for: Option<&str>) -> Result<()> {
    if event.status == "parked" {
        return Ok(());
    }
    let org = tx.org()?;
    metrics::counter!("inbound_events_parked_total").increment(1);
    sqlx::query!(
        "update inbound_events set status = 'parked',
                news = case when $3::text is null then news else news || jsonb_build_object('provider_ref', $3::text) end
         where org_id = $1 and id = $2",
        org.0,
        event.id.0,
        waits_for
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn close_event(
    tx: &mut Tx,
    event: &Event,
    payment: Option<PaymentId>,
    status: &str,
    note: &str,
) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update inbound_events set status = $3, payment_id = coalesce($4, payment_id), note = nullif($5, ''), handled_at = $6
         where org_id = $1 and id = $2",
        org.0,
        event.id.0,
        status,
        payment.map(uuid::Uuid::from),
        note,
        now
    )
    .execute(tx.conn())
    .await?;
    metrics::counter!("inbound_events_handled_total", "status" => status.to_owned()).increment(1);
    Ok(())
}
