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
use uuid::Uuid;

/// An event that matches nothing waits this long for our own record, then becomes a person's question.
pub(super) const PATIENCE: TimeDelta = TimeDelta::hours(1);

pub(super) struct Event {
    pub(super) id: EventId,
    pub(super) account: ProviderAccountId,
    pub(super) news: News,
    pub(super) fresh: bool,
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
    Ok(lock_all(tx, &[id]).await?.pop())
}

/// Those of them that are not handled yet, in the order of their ids.
pub(super) async fn lock_all(tx: &mut Tx, ids: &[EventId]) -> Result<Vec<Event>> {
    let org = tx.org()?;
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let rows = sqlx::query!(
        r#"select id as "id: EventId", provider_account_id as "account: ProviderAccountId", news, fresh, received_at, status,
                  payment_id as "payment: PaymentId"
           from inbound_events where org_id = $1 and id = any($2) and status in ('received', 'parked', 'linked')
           order by id for update"#,
        org.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let read = |news| serde_json::from_value(news).map_err(|e| Fault::corrupt("inbound_events.news", e));
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, account, fresh, received_at, status) = (row.id, row.account, row.fresh, row.received_at, row.status);
        events.push(Event { id, account, news: read(row.news)?, fresh, received_at, payment: row.payment, status });
    }
    Ok(events)
}

async fn find_payment(tx: &mut Tx, account: ProviderAccountId, checkout: &Checkout) -> Result<Option<PaymentId>> {
    Ok(find_payments(tx, &[(account, checkout)]).await?.pop().flatten())
}

/// By the provider's reference, or by ours: the event may be here before the answer to our own call.
pub(super) async fn find_payments(
    tx: &mut Tx,
    checkouts: &[(ProviderAccountId, &Checkout)],
) -> Result<Vec<Option<PaymentId>>> {
    let org = tx.org()?;
    let accounts: Vec<Uuid> = checkouts.iter().map(|(account, _)| Uuid::from(*account)).collect();
    let theirs: Vec<String> = checkouts.iter().map(|(_, checkout)| checkout.provider_ref.clone()).collect();
    let named = |checkout: &Checkout| checkout.client_reference.as_deref().and_then(|ours| ours.parse().ok());
    let ours: Vec<Option<Uuid>> = checkouts.iter().map(|(_, checkout)| named(checkout)).collect();
    Ok(sqlx::query_scalar!(
        r#"select known.id as "id: PaymentId"
           from unnest($2::uuid[], $3::text[], $4::uuid[]) with ordinality as asked (account, theirs, ours, place)
           left join lateral (
               select p.id, 1 as rank from payments p
               where p.org_id = $1 and p.provider_account_id = asked.account and p.direction = 'in'
                 and p.provider_ref = asked.theirs
               union all
               select p.id, 2 from payments p
               where p.org_id = $1 and p.id = asked.ours and p.provider_account_id = asked.account and p.direction = 'in'
               order by rank limit 1) known on true
           order by asked.place"#,
        org.0,
        &accounts,
        &theirs,
        &ours as &[Option<Uuid>]
    )
    .fetch_all(tx.conn())
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
    close_all(tx, &[(event.id, payment)], status, note).await
}

/// The same for several that end alike.
pub(super) async fn close_all(
    tx: &mut Tx,
    ended: &[(EventId, Option<PaymentId>)],
    status: &str,
    note: &str,
) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let events: Vec<Uuid> = ended.iter().map(|(event, _)| Uuid::from(*event)).collect();
    let payments: Vec<Option<Uuid>> = ended.iter().map(|(_, payment)| payment.map(Uuid::from)).collect();
    sqlx::query!(
        "update inbound_events e set status = $4, payment_id = coalesce(ended.payment, e.payment_id), note = nullif($5, ''),
                handled_at = $6
         from unnest($2::uuid[], $3::uuid[]) as ended (event, payment) where e.org_id = $1 and e.id = ended.event",
        org.0,
        &events,
        &payments as &[Option<Uuid>],
        status,
        note,
        now
    )
    .execute(tx.conn())
    .await?;
    metrics::counter!("inbound_events_handled_total", "status" => status.to_owned()).increment(events.len() as u64);
    Ok(())
}
