//! A booking becomes firm: accepted and everything due is settled (G51).

use super::{
    Booking, Status,
    items::{self, Given},
    make_room::make_room,
    place::{firm, plan_timers},
    queries,
    subject::Subject,
    subject_of, tell, things, wishes,
};
use crate::{
    db::Tx,
    error::{Error, Fault, Result},
    notifications::{NoticeKind, notify_all},
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

/// The same for several.
pub(crate) async fn confirm_paid_all(tx: &mut Tx, paid: &[(&Booking, &Subject)]) -> Result<()> {
    make_firm_all(tx, paid, "paid", NoticeKind::BookingConfirmed).await?;
    Ok(())
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
    let mut after = make_firm_all(tx, &[(booking, subject)], payment_status, news).await?;
    after.pop().ok_or_else(|| Fault::corrupt("bookings", "one went in, none came out").into())
}

async fn make_firm_all(
    tx: &mut Tx,
    bookings: &[(&Booking, &Subject)],
    payment_status: &str,
    news: NoticeKind,
) -> Result<Vec<Booking>> {
    let (now, payment_status) = (tx.now(), payment_status.to_owned());
    let after = |before: &Booking| {
        let (payment_status, version) = (payment_status.clone(), before.version + 1);
        Booking { payment_status, version, ..firm(now, before.clone()) }
    };
    let firm: Vec<(&Booking, Booking)> = bookings.iter().map(|(before, _)| (*before, after(before))).collect();
    queries::store_firm(tx, &firm).await?;
    let mut notices = Vec::new();
    for ((_, after), (_, subject)) in firm.iter().zip(bookings) {
        plan_timers(tx, after);
        notices.extend(tell::news_of(tx, after, subject, news)?);
        notices.extend(tell::news_for_driver(tx, after, subject, NoticeKind::BookingConfirmedDriver)?);
    }
    notify_all(tx, notices).await?;
    Ok(firm.into_iter().map(|(_, after)| after).collect())
}
