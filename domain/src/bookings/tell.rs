//! What people hear about a booking: the same facts for every message about it, so that wordings can rely on them.

use super::{AccessCode, Booking, Status};
use crate::{
    db::Tx,
    error::Result,
    identity,
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

/// Tells the rider that money goes back, and why: `late`, `duplicate` or `cancelled`.
pub(crate) async fn tell_money_returned(
    tx: &mut Tx,
    booking: &Booking,
    trip: &Trip,
    payment: PaymentId,
    reason: &str,
) -> Result<()> {
    say(tx, booking, trip, NoticeKind::MoneyReturned, booking.beneficiary, Some((payment, reason))).await
}

async fn say(
    tx: &mut Tx,
    booking: &Booking,
    trip: &Trip,
    kind: NoticeKind,
    user: UserId,
    money: Option<(PaymentId, &str)>,
) -> Result<()> {
    let rider = identity::full_name(tx, booking.beneficiary).await?;
    let shows_code = user == booking.beneficiary && booking.status == Status::Confirmed;
    let check_in_code = shows_code.then(|| tx.keys().map(|keys| AccessCode::of(&keys, booking).digits)).transpose()?;
    let payload = json!({
        "code": booking.code,
        "rider": rider,
        "origin": trip.origin.text,
        "destination": trip.destination.text,
        "start_at": booking.start_at,
        "seats": booking.quantity,
        "amount": booking.price,
        "hold_expires_at": booking.hold_expires_at,
        "check_in_code": check_in_code,
        "reason": money.map(|(_, reason)| reason),
    });
    let about = money.map_or_else(|| booking.version.to_string(), |(payment, _)| payment.to_string());
    let dedupe_key = format!("booking/{}/{}/{about}/{user}", booking.id, kind.code());
    let subject_id = booking.id.into();
    notifications::notify(tx, Notice { user, kind, subject_type: "booking", subject_id, payload, dedupe_key }).await?;
    Ok(())
}
