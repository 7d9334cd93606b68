//! A booking is given up (G19, G35, L12). Before the payment nothing is owed; afterwards the whole price goes back, as
//! long as the policy lets its person cancel at all.

use super::{
    Authority, Booking, Status, end::complete_if_over, free, lock, queries, subject::Subject, subject_of, tell,
    tell_driver,
};
use crate::{
    db::Tx, error::Result, ids::BookingId, notifications::NoticeKind, refunds, refusals::Refusal, trips::Trip, waitlist,
};
use chrono::{DateTime, TimeDelta, Utc};

/// Cancels for the person, or as staff.
///
/// # Errors
/// [`Refusal::NotFound`] for strangers, [`Refusal::StateConflict`] once it started or ended, [`Refusal::Policy`] when it
/// is too late for its person.
pub async fn cancel(tx: &mut Tx, by: Authority, id: BookingId, reason: Option<String>) -> Result<Booking> {
    let before = lock(tx, id).await?;
    by.must_ride(&before)?;
    if before.status == Status::Waitlisted {
        return waitlist::cancel_wish(tx, &before, reason).await;
    }
    let subject = subject_of(tx, &before).await?;
    if matches!(by, Authority::Own(_)) {
        // staff may still undo a ride nobody took
        must_be_in_time(tx.now(), &before, &subject)?;
    }
    let after = give_up(tx, &before, reason).await?;
    if let Subject::Ride(trip) = &subject {
        complete_if_over(tx, trip).await?;
    }
    if before.status != Status::Draft {
        tell(tx, &after, &subject, NoticeKind::BookingCancelled).await?;
        tell_driver(tx, &after, &subject, NoticeKind::BookingCancelled).await?;
    }
    Ok(after)
}

/// What its person may no longer give up, or move away: that would be the same.
pub(super) fn must_be_in_time(now: DateTime<Utc>, booking: &Booking, subject: &Subject) -> Result<()> {
    if !matches!(booking.status, Status::Approved | Status::Confirmed) {
        return Ok(());
    }
    let left = booking.start_at - now;
    match subject {
        Subject::Ride(trip) if booking.status == Status::Confirmed && trip.departure_at <= now => {
            Err(Refusal::DeparturePassed { departure_at: trip.departure_at }.into())
        }
        Subject::Ride(_) => Ok(()),
        Subject::Things(_) => {
            let tiers = &booking.policy.cancellation;
            let tier = tiers.iter().find(|tier| left < TimeDelta::minutes(tier.before_minutes.into()));
            let (allowed, limit) = tier.map_or((left > TimeDelta::zero(), 0), |tier| {
                (tier.allowed && left > TimeDelta::zero(), tier.before_minutes.into())
            });
            if allowed {
                return Ok(());
            }
            Err(Refusal::Policy { rule: "cancellation", limit, value: left.num_minutes() }.into())
        }
    }
}

/// Cancels because the trip will not happen; the rider is told why.
pub(crate) async fn cancel_with_trip(tx: &mut Tx, trip: &Trip, id: BookingId) -> Result<()> {
    let before = lock(tx, id).await?;
    let after = give_up(tx, &before, Some("trip_cancelled".into())).await?;
    tell(tx, &after, &Subject::Ride(Box::new(trip.clone())), NoticeKind::TripCancelled).await
}

async fn give_up(tx: &mut Tx, before: &Booking, reason: Option<String>) -> Result<Booking> {
    if !matches!(before.status, Status::Draft | Status::Pending | Status::Approved | Status::Confirmed) {
        return Err(Refusal::StateConflict { status: before.status.code().into() }.into());
    }
    free::free_units(tx, before).await?;
    let after = Booking {
        status: Status::Cancelled,
        reason_code: reason,
        cancelled_at: Some(tx.now()),
        hold_expires_at: None,
        ..before.clone()
    };
    let after = queries::store(tx, before, after).await?;
    if before.status == Status::Confirmed && before.price.amount > 0 {
        refunds::of_booking(tx, &after).await?;
    }
    Ok(after)
}
