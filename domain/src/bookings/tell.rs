//! What people hear about a booking: the same facts for every message about it, so that wordings can rely on them.

use super::{AccessCode, Booking, Status, subject::Subject};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    notifications::{self, Notice, NoticeKind},
};
use serde_json::{Value, json};

/// Tells the person it is for, and whoever booked for them (SN47). `kind` is the word of a ride; things have their own.
pub(crate) async fn tell(tx: &mut Tx, booking: &Booking, subject: &Subject, kind: NoticeKind) -> Result<()> {
    let news = news_of(tx, booking, subject, kind)?;
    notifications::notify_all(tx, news).await
}

/// What [`tell`] tells.
pub(super) fn news_of(tx: &Tx, booking: &Booking, subject: &Subject, kind: NoticeKind) -> Result<Vec<Notice>> {
    let kind = if subject.trip().is_some() { kind } else { of_things(kind) };
    let mut news = vec![notice(tx, booking, subject, kind, booking.beneficiary, None)?];
    if booking.creator != booking.beneficiary {
        // the code is for the person who comes, nobody else
        let firm = [
            NoticeKind::BookingConfirmed,
            NoticeKind::MoneyLateRevived,
            NoticeKind::ReservationConfirmed,
            NoticeKind::ReservationRestored,
        ];
        let kind = if firm.contains(&kind) { NoticeKind::BookedForOther } else { kind };
        news.push(notice(tx, booking, subject, kind, booking.creator, None)?);
    }
    Ok(news)
}

/// Tells the driver, if there is one.
pub(crate) async fn tell_driver(tx: &mut Tx, booking: &Booking, subject: &Subject, kind: NoticeKind) -> Result<()> {
    match news_for_driver(tx, booking, subject, kind)? {
        Some(news) => notifications::notify(tx, news).await,
        None => Ok(()),
    }
}

/// What [`tell_driver`] tells.
pub(super) fn news_for_driver(
    tx: &Tx,
    booking: &Booking,
    subject: &Subject,
    kind: NoticeKind,
) -> Result<Option<Notice>> {
    subject.trip().map(|trip| notice(tx, booking, subject, kind, trip.driver, None)).transpose()
}

/// Tells that this payment's money came and goes back: both facts in one message (★6).
pub(crate) async fn tell_money_returned(
    tx: &mut Tx,
    booking: &Booking,
    subject: &Subject,
    payment: PaymentId,
) -> Result<()> {
    let kind = NoticeKind::MoneyReturned;
    let kind = if subject.trip().is_some() { kind } else { of_things(kind) };
    let news = notice(tx, booking, subject, kind, booking.beneficiary, Some(payment))?;
    notifications::notify(tx, news).await
}

/// The same news about things of the organization.
fn of_things(kind: NoticeKind) -> NoticeKind {
    match kind {
        NoticeKind::BookingRequested => NoticeKind::ReservationReceived,
        NoticeKind::BookingApproved => NoticeKind::ReservationToPay,
        NoticeKind::BookingConfirmed => NoticeKind::ReservationConfirmed,
        NoticeKind::BookingRejected => NoticeKind::ReservationRejected,
        NoticeKind::BookingCancelled => NoticeKind::ReservationCancelled,
        NoticeKind::BookingExpired => NoticeKind::ReservationExpired,
        NoticeKind::PaymentFailed => NoticeKind::ReservationPaymentFailed,
        NoticeKind::MoneyReturned => NoticeKind::ReservationMoneyReturned,
        NoticeKind::MoneyLateRevived => NoticeKind::ReservationRestored,
        other => other,
    }
}

fn notice(
    tx: &Tx,
    booking: &Booking,
    subject: &Subject,
    kind: NoticeKind,
    user: UserId,
    payment: Option<PaymentId>,
) -> Result<Notice> {
    let shows_code = user == booking.beneficiary && booking.status == Status::Confirmed;
    let access_code = shows_code.then(|| tx.keys().map(|keys| AccessCode::of(&keys, booking).digits)).transpose()?;
    let mut payload = json!({
        "code": booking.code,
        "start_at": booking.start_at,
        "end_at": booking.end_at,
        "due_at": booking.due_at,
        "departure_at": booking.start_at,
        "timezone": booking.timezone.name(),
        "seats": booking.quantity,
        "amount": booking.price.amount,
        "currency": booking.price.currency,
        "hold_expires_at": booking.hold_expires_at,
        "access_code": access_code,
    });
    add_place(subject, &mut payload);
    let about = payment.map_or_else(|| booking.version.to_string(), |payment| payment.to_string());
    let dedupe_key = format!("booking/{}/{}/{about}/{user}", booking.id, kind.code());
    let subject_id = booking.id.into();
    Ok(Notice { user, kind, subject_type: "booking", subject_id, payload, dedupe_key })
}

fn add_place(subject: &Subject, payload: &mut Value) {
    match subject {
        Subject::Ride(trip) => {
            payload["from"] = trip.origin.text.clone().into();
            payload["to"] = trip.destination.text.clone().into();
        }
        Subject::Things(words) => {
            payload["what"] = words.what.clone().into();
            payload["units"] = words.units.clone().into();
        }
    }
}
