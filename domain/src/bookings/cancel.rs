//! A booking is given up (G19, G35, L2, L12). Before the payment nothing is owed; afterwards what the policy lets the house
//! keep is kept, and the rest goes back.

use super::{
    Authority, Booking, Status,
    cancellation::{fee, promised},
    end::complete_if_over,
    free, lock, queries,
    subject::Subject,
    subject_of, tell, tell_driver,
};
use crate::{
    db::Tx, error::Result, ids::BookingId, ledger::postings, money::Money, notifications::NoticeKind, refunds,
    refusals::Refusal, trips::Trip, waitlist,
};

/// Why somebody gives up, and on what terms.
#[derive(Debug, Clone, Default)]
pub struct Cancellation {
    /// At most 60 characters.
    pub reason: Option<String>,
    /// The code of a quote: then its terms hold, whatever the time.
    pub quote: Option<String>,
}

impl Cancellation {
    /// On the terms of its policy, for this reason.
    #[must_use]
    pub fn because(reason: Option<String>) -> Self {
        Self { reason, quote: None }
    }
}

/// Cancels for the person, or as staff.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers, [`Refusal::StateConflict`] once it started or ended, [`Refusal::Policy`] when it
/// is too late for its person; of a quote [`Refusal::Invalid`] and [`Refusal::Conflict`].
pub async fn cancel(tx: &mut Tx, by: Authority, id: BookingId, asked: Cancellation) -> Result<Booking> {
    let before = lock(tx, id).await?;
    by.must_ride(&before)?;
    if before.status == Status::Waitlisted {
        return waitlist::cancel_wish(tx, &before, asked.reason).await;
    }
    let subject = subject_of(tx, &before).await?;
    let kept = match &asked.quote {
        Some(code) => promised(tx, &before, code)?,
        None => fee(tx, by, &before).await?,
    };
    let after = give_up(tx, &before, asked.reason, kept).await?;
    if let Subject::Ride(trip) = &subject {
        complete_if_over(tx, trip).await?;
    }
    if before.status != Status::Draft {
        tell(tx, &after, &subject, NoticeKind::BookingCancelled).await?;
        tell_driver(tx, &after, &subject, NoticeKind::BookingCancelled).await?;
    }
    Ok(after)
}

/// Cancels because the trip will not happen; the rider is told why.
pub(crate) async fn cancel_with_trip(tx: &mut Tx, trip: &Trip, id: BookingId) -> Result<()> {
    let before = lock(tx, id).await?;
    let after = give_up(tx, &before, Some("trip_cancelled".into()), before.price.with(0)).await?;
    tell(tx, &after, &Subject::Ride(Box::new(trip.clone())), NoticeKind::TripCancelled).await
}

/// Ends it; `kept` is what the house keeps of what was paid.
async fn give_up(tx: &mut Tx, before: &Booking, reason: Option<String>, kept: Money) -> Result<Booking> {
    if !matches!(before.status, Status::Draft | Status::Pending | Status::Approved | Status::Confirmed) {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    free::free_units(tx, before).await?;
    let after = Booking {
        status: Status::Cancelled,
        reason_code: reason,
        cancelled_at: Some(tx.now()),
        cancellation_fee: kept,
        hold_expires_at: None,
        ..before.clone()
    };
    let after = queries::store(tx, before, after).await?;
    if before.status == Status::Confirmed && before.price.amount > 0 {
        postings::cancellation_fee(tx, after.id, kept).await?;
        refunds::of_booking(tx, &after, before.price.with(before.price.amount - kept.amount)).await?;
        return lock(tx, after.id).await; // what went to a wallet is back already
    }
    Ok(after)
}
