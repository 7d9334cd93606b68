//! Where a booking stands once its units are taken, and what time alone will do to it from there.

use super::{Booking, Status};
use crate::{db::Tx, inventory::Kind, jobs::Reservations, notifications, policies::Approval};
use chrono::{DateTime, TimeDelta, Utc};

/// The booking with its next status: waiting for a person, for its payment, or firm.
pub(crate) fn placed(now: DateTime<Utc>, booking: Booking) -> Booking {
    if booking.policy.approval == Approval::Staff {
        let hold_expires_at = Some(last_moment(now, &booking));
        return Booking { status: Status::Pending, hold_expires_at, ..booking };
    }
    accepted(now, booking)
}

/// Nobody has to agree any more: it waits for its payment, or is firm when nothing is due.
pub(crate) fn accepted(now: DateTime<Utc>, booking: Booking) -> Booking {
    if booking.price.amount == 0 {
        return firm(now, booking);
    }
    let hold = now + TimeDelta::minutes(booking.policy.hold_minutes.into());
    let hold_expires_at = Some(hold.min(last_moment(now, &booking)));
    Booking { status: Status::Approved, hold_expires_at, ..booking }
}

/// Nobody agrees or pays after the start, except for a half-day that is under way.
fn last_moment(now: DateTime<Utc>, booking: &Booking) -> DateTime<Utc> {
    if booking.start_at > now { booking.start_at } else { booking.end_at }
}

/// Accepted, and everything due is settled.
pub(super) fn firm(now: DateTime<Utc>, booking: Booking) -> Booking {
    let release_at = release_at(now, &booking);
    Booking { status: Status::Confirmed, hold_expires_at: None, release_at, ..booking }
}

/// When it is given away unless somebody came: as the policy says, and a loan at its end at the latest. Who booked after
/// the start is exempt from the former (SN32).
pub(super) fn release_at(now: DateTime<Utc>, booking: &Booking) -> Option<DateTime<Utc>> {
    let awaited = booking.policy.release_after_minutes.filter(|_| booking.start_at > now);
    let awaited = awaited.map(|minutes| (booking.start_at + TimeDelta::minutes(minutes.into())).min(booking.end_at));
    awaited.or_else(|| booking.due_at.map(|_| booking.end_at))
}

/// Plans what time will do: each timer has a sweep that finds the same rows.
pub(crate) fn plan_timers(tx: &mut Tx, booking: &Booking) {
    let id = booking.id;
    if let (Status::Pending | Status::Approved, Some(deadline)) = (booking.status, booking.hold_expires_at) {
        tx.enqueue_at(&Reservations::ExpireHold { booking: id, deadline }, deadline);
    }
    if booking.status == Status::Confirmed {
        notifications::plan_reminders(tx, id, booking.start_at, &booking.policy.reminders);
        if let Some(deadline) = booking.release_at {
            tx.enqueue_at(&Reservations::ReleaseMissed { booking: id, deadline }, deadline);
        }
    }
    if !matches!(booking.status, Status::Confirmed | Status::InUse) || booking.kind == Kind::Trip {
        return;
    }
    match booking.due_at {
        None => {
            let deadline = booking.end_at;
            tx.enqueue_at(&Reservations::FinishBooking { booking: id, deadline }, deadline);
        }
        Some(deadline) if booking.status == Status::InUse => {
            tx.enqueue_at(&Reservations::MarkOverdue { booking: id, deadline }, deadline);
        }
        Some(_) => {}
    }
}
