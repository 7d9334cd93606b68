//! A booking becomes firm: accepted and everything due is settled (G51).

use super::{Booking, Status, queries, request::hold_units, tell, tell_driver};
use crate::{
    db::Tx,
    error::Result,
    inventory::units,
    notifications::{self, NoticeKind},
    trips::Trip,
};

/// Confirms a locked booking when nothing is due.
pub(super) async fn confirm(tx: &mut Tx, booking: &Booking, trip: &Trip) -> Result<Booking> {
    let payment_status = booking.payment_status.clone();
    make_firm(tx, booking, trip, &payment_status, NoticeKind::BookingConfirmed).await
}

/// Confirms a locked booking whose payment was settled.
pub(crate) async fn confirm_paid(tx: &mut Tx, booking: &Booking, trip: &Trip) -> Result<Booking> {
    make_firm(tx, booking, trip, "paid", NoticeKind::BookingConfirmed).await
}

/// Takes the seats of an expired booking again, if they are free, and says so in one message (★6). Answers `None` when
/// they are not, or when the trip has left.
pub(crate) async fn revive(tx: &mut Tx, booking: &Booking, trip: &Trip) -> Result<Option<Booking>> {
    let as_booked = (trip.departure_at, trip.arrival_eta) == (booking.start_at, booking.end_at);
    if booking.status != Status::Expired || trip.status != "published" || !as_booked || trip.departure_at <= tx.now() {
        return Ok(None); // also when the driver moved the trip meanwhile: that is not what the rider paid for
    }
    super::expire_hold::end_overdue_of(tx, trip).await?;
    let mut free = units::free(tx, trip.id, trip.span()).await?;
    let wanted = usize::try_from(booking.quantity).unwrap_or(usize::MAX);
    if free.len() < wanted {
        return Ok(None);
    }
    free.truncate(wanted);
    hold_units(tx, trip, booking, &free).await?;
    make_firm(tx, booking, trip, "paid", NoticeKind::MoneyLateRevived).await.map(Some)
}

/// `news` is the one message the rider gets about it.
async fn make_firm(
    tx: &mut Tx,
    booking: &Booking,
    trip: &Trip,
    payment_status: &str,
    news: NoticeKind,
) -> Result<Booking> {
    let after = Booking {
        status: Status::Confirmed,
        payment_status: payment_status.into(),
        hold_expires_at: None,
        ..booking.clone()
    };
    let after = queries::store(tx, booking, after).await?;
    notifications::plan_reminders(tx, after.id, after.start_at, &after.policy.reminders);
    tell(tx, &after, trip, news).await?;
    tell_driver(tx, &after, trip, NoticeKind::BookingConfirmedDriver).await?;
    Ok(after)
}
