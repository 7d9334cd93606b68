//! A booking becomes firm: accepted and everything due is settled (G51).

use super::{
    Booking, Status,
    items::{self, Given},
    make_room::make_room,
    place::{firm, plan_timers},
    queries,
    subject::Subject,
    subject_of, tell, tell_driver, things, wishes,
};
use crate::{
    db::Tx,
    error::{Error, Result},
    notifications::NoticeKind,
    refusals::Refusal,
};

/// Confirms a locked booking when nothing is due.
pub(super) async fn confirm(tx: &mut Tx, booking: &Booking, subject: &Subject) -> Result<Booking> {
    let payment_status = booking.payment_status.clone();
    make_firm(tx, booking, subject, &payment_status, NoticeKind::BookingConfirmed).await
}

/// Confirms a locked booking whose payment was settled.
pub(crate) async fn confirm_paid(tx: &mut Tx, booking: &Booking, subject: &Subject) -> Result<Booking> {
    make_firm(tx, booking, subject, "paid", NoticeKind::BookingConfirmed).await
}

/// Takes the units of an expired booking again, if they are free, and says so in one message (★6). Answers `None` when
/// they are not, or when its time has come.
pub(crate) async fn revive(tx: &mut Tx, booking: &Booking, subject: &Subject) -> Result<Option<Booking>> {
    if booking.status != Status::Expired || booking.start_at <= tx.now() {
        return Ok(None);
    }
    let Some(given) = taken_again(tx, booking, subject).await? else { return Ok(None) };
    items::write(tx, booking.id, &given).await?;
    items::claim(tx, booking, &given).await?;
    let subject = subject_of(tx, booking).await?; // its units may be others now
    make_firm(tx, booking, &subject, "paid", NoticeKind::MoneyLateRevived).await.map(Some)
}

async fn taken_again(tx: &mut Tx, booking: &Booking, subject: &Subject) -> Result<Option<Vec<Given>>> {
    let wanted = items::wanted(&items::items(tx, booking.id).await?);
    let wished = wishes::resources(&wanted);
    let offered = match subject {
        // also when the driver moved the trip meanwhile: that is not what the rider paid for
        Subject::Ride(trip) => {
            trip.status == "published" && (trip.departure_at, trip.arrival_eta) == (booking.start_at, booking.end_at)
        }
        Subject::Things(_) => possible(things::bookable(tx, &wished).await)?.is_some(),
    };
    if !offered {
        return Ok(None);
    }
    make_room(tx, &wished).await?;
    possible(items::pick(tx, booking, &wanted, &[]).await)
}

/// A rule's no is an answer here: the money goes back.
fn possible<T>(asked: Result<T>) -> Result<Option<T>> {
    match asked {
        Ok(found) => Ok(Some(found)),
        Err(Error::Refused(Refusal::Taken { .. } | Refusal::NotFound | Refusal::StateConflict { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `news` is the one message the person gets about it.
async fn make_firm(
    tx: &mut Tx,
    booking: &Booking,
    subject: &Subject,
    payment_status: &str,
    news: NoticeKind,
) -> Result<Booking> {
    let after = Booking { payment_status: payment_status.into(), ..firm(tx.now(), booking.clone()) };
    let after = queries::store(tx, booking, after).await?;
    plan_timers(tx, &after);
    tell(tx, &after, subject, news).await?;
    tell_driver(tx, &after, subject, NoticeKind::BookingConfirmedDriver).await?;
    Ok(after)
}
