//! Settlements that share a commit. Provider events that tell of paid bookings, and agree with our records in everything, take
//! a dozen statements however many they are. Whatever is in any way odd is left to [`super::settle_event`], which knows every
//! case; both write through the same functions.

use super::{
    Payment,
    close::close_open_all,
    event::{self, Event},
    provider::{Checkout, CheckoutState, News},
    queries::{lock_open, set_status_all},
    settle::{CONFIRMED, as_paid, disagreement, ended, has_left},
};
use crate::{
    bookings::{self, Booking, Status, Subject},
    db::Tx,
    error::Result,
    ids::*,
    ledger::{self, postings},
    operations, promotions,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// An event that waits to be settled.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Which.
    pub event: EventId,
    /// The trace of the request that brought it: what follows from it goes on there, not in that of the shared commit.
    pub trace: Option<String>,
}

/// A paid checkout, and our payment, locked, that agrees with it.
struct Paid {
    event: Event,
    checkout: Checkout,
    transaction_ref: Option<String>,
    payment: Payment,
}

/// The same, and the booking it is for, locked, which waits for just this.
struct Plain {
    paid: Paid,
    booking: Booking,
    subject: Subject,
}

/// Settles those of these events that are plain, and answers which; the others are as they were.
///
/// # Errors
/// A fault when the database fails; then none of them is settled.
pub async fn settle_together(tx: &mut Tx, waiting: &[Waiting]) -> Result<HashSet<EventId>> {
    // many wait for this commit: who is in its way is left to the one case it concerns
    sqlx::query_scalar!("select set_config('lock_timeout', '2s', true)").fetch_one(tx.conn()).await?;
    let paid = agreeing(tx, waiting).await?;
    let plain = waited_for(tx, paid).await?;
    if !plain.is_empty() {
        goes_on(tx, waiting, &plain);
        write(tx, &plain).await?;
    }
    Ok(plain.iter().map(|one| one.paid.event.id).collect())
}

/// Fresh news of paid checkouts, one for a payment, which agree with it; nothing of them was put aside before.
async fn agreeing(tx: &mut Tx, waiting: &[Waiting]) -> Result<Vec<Paid>> {
    let ids: Vec<EventId> = waiting.iter().map(|one| one.event).collect();
    let events = event::lock_all(tx, &ids).await?;
    let told: Vec<(Event, Checkout, Option<String>)> = events.into_iter().filter_map(told_of).collect();
    let checkouts: Vec<_> = told.iter().map(|(event, checkout, _)| (event.account, checkout)).collect();
    let found = event::find_payments(tx, &checkouts).await?;
    let keys: Vec<String> =
        checkouts.iter().map(|(account, checkout)| postings::in_suspense(*account, &checkout.provider_ref)).collect();
    let payments: Vec<PaymentId> = found.iter().copied().flatten().collect();
    let mut locked: HashMap<PaymentId, Payment> =
        lock_open(tx, &payments).await?.into_iter().map(|payment| (payment.id, payment)).collect();
    let aside = ledger::written_among(tx, &keys).await?;
    let mut paid = Vec::with_capacity(told.len());
    for (((event, checkout, transaction_ref), found), key) in told.into_iter().zip(found).zip(keys) {
        // whoever tells of the same payment a second time finds it settled, by itself
        let Some(payment) = found.and_then(|id| locked.remove(&id)) else { continue };
        let agrees = payment.purpose == "booking" && disagreement(&payment, &checkout).is_none();
        if agrees && !aside.contains(&key) {
            paid.push(Paid { event, checkout, transaction_ref, payment });
        }
    }
    Ok(paid)
}

fn told_of(event: Event) -> Option<(Event, Checkout, Option<String>)> {
    let News::CheckoutPaid(checkout) = &event.news else { return None };
    let CheckoutState::Paid { transaction_ref } = checkout.state.clone() else { return None };
    let checkout = checkout.clone();
    event.fresh.then_some((event, checkout, transaction_ref))
}

/// Those whose booking still waits for the whole of this money, in time, and was promised nothing.
async fn waited_for(tx: &mut Tx, paid: Vec<Paid>) -> Result<Vec<Plain>> {
    let ids: Vec<BookingId> = paid.iter().map(|one| BookingId(one.payment.subject_id)).collect();
    let locked = bookings::lock_all(tx, &ids).await?;
    let promised = promotions::promised_among(tx, &ids).await?;
    let subjects = bookings::subjects_of(tx, &locked).await?;
    let mut bookings: HashMap<Uuid, (Booking, Subject)> =
        locked.into_iter().zip(subjects).map(|(booking, subject)| (booking.id.into(), (booking, subject))).collect();
    let mut plain = Vec::with_capacity(paid.len());
    for paid in paid {
        let Some((booking, subject)) = bookings.remove(&paid.payment.subject_id) else { continue };
        let waits = booking.status == Status::Approved && !has_left(tx, &booking, &subject);
        if waits && booking.price == paid.payment.amount && !promised.contains(&booking.id) {
            plain.push(Plain { paid, booking, subject });
        }
    }
    Ok(plain)
}

fn goes_on(tx: &mut Tx, waiting: &[Waiting], plain: &[Plain]) {
    let traces: HashMap<EventId, &Waiting> = waiting.iter().map(|one| (one.event, one)).collect();
    for one in plain {
        let trace = traces.get(&one.paid.event.id).and_then(|waiting| waiting.trace.as_deref());
        tx.goes_on(one.paid.payment.id.into(), trace);
        tx.goes_on(one.booking.id.into(), trace);
    }
}

/// Payments, bookings, books, operations and events, as [`super::settle_event`] writes them one by one.
async fn write(tx: &mut Tx, plain: &[Plain]) -> Result<()> {
    let moved = plain.iter().map(|Plain { paid, .. }| {
        (&paid.payment, as_paid(&paid.payment, &paid.checkout, paid.transaction_ref.clone()))
    });
    let payments = set_status_all(tx, moved.collect()).await?;
    let firm: Vec<_> = plain.iter().map(|one| (&one.booking, &one.subject)).collect();
    bookings::confirm_paid_all(tx, &firm).await?;
    let (mut posted, mut ends, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for (Plain { paid, booking, .. }, payment) in plain.iter().zip(&payments) {
        let (money, nothing) = ((payment.source()?, payment.amount), payment.amount.with(0));
        posted.push(postings::of_paid_booking(booking.id, payment.id, money, nothing));
        ends.extend(payment.operation.map(|operation| (operation, ended(payment, CONFIRMED))));
        events.push((paid.event.id, Some(payment.id)));
    }
    ledger::post_all(tx, posted).await?;
    let bookings: Vec<Uuid> = plain.iter().map(|one| one.booking.id.into()).collect();
    close_open_all(tx, "booking", &bookings).await?;
    operations::succeed_all(tx, ends).await?;
    event::close_all(tx, &events, "settled", "").await
}
