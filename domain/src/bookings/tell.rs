//! What people hear about a booking: the same facts for every message about it, so that wordings can rely on them.

use super::{AccessCode, Booking, Status};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    notifications::{self, Notice, NoticeKind},
    trips::Trip,
};
use serde_json::json;

/// Tells the rider.
pub(crate) async fn tell(tx: &mut Tx, booking: &Booking, trip: &Trip, kind: NoticeKind) -> Result<()> {
    say(tx, booking, trip, kind, booking.beneficiary, None).await
}

/// Tells the driver.
pub(crate) async fn tell_driver(tx: &mut Tx, booking: &Booking, trip: &Trip, kind: NoticeKind) -> Result<()> {
    say(tx, booking, trip, kind, trip.driver, None).await
}

/// Tells the rider that this payment's money came and goes back: both facts in one message (★6).
pub(crate) async fn tell_money_returned(tx: &mut Tx, booking: &Booking, trip: &Trip, payment: PaymentId) -> Result<()> {
    say(tx, booking, trip, NoticeKind::MoneyReturned, booking.beneficiary, Some(payment)).await
}

async fn say(
    tx: &mut Tx,
    booking: &Booking,
    trip: &Trip,
    kind: NoticeKind,
    user: UserId,
    payment: Option<PaymentId>,
) -> Result<()> {
    let shows_code = user == booking.beneficiary && booking.status == Status::Confirmed;
    let access_code = shows_code.then(|| tx.keys().map(|keys| AccessCode::of(&keys, booking).digits)).transpose()?;
    let payload = json!({
        "code": booking.code,
        "from": trip.origin.text,
        "to": trip.destination.text,
        "departure_at": booking.start_at,
        "timezone": booking.timezone.name(),
        "seats": booking.quantity,
        "amount": booking.price.amount,
        "currency": booking.price.currency,
        "hold_expires_at": booking.hold_expires_at,
        "access_code": access_code,
    });
    let about = payment.map_or_else(|| booking.version.to_string(), |payment| payment.to_string());
    let dedupe_key = format!("booking/{}/{}/{about}/{user}", booking.id, kind.code());
    let subject_id = booking.id.into();
    notifications::notify(tx, Notice { user, kind, subject_type: "booking", subject_id, payload, dedupe_key }).await?;
    Ok(())
}
