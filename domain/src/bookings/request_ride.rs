//! A rider asks for seats (G12, G28). The answer is final in this commit: the seats are held, or there are too few.

use super::{
    Booking, Status, confirm, expire_hold,
    items::{self, Given},
    person, quote,
    request::insert,
    subject::Subject,
    tell, tell_driver,
};
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    ids::*,
    inventory::{
        Kind,
        units::{self, Unit},
    },
    jobs::Reservations,
    keys,
    notifications::NoticeKind,
    organizations,
    policies::Rules,
    refusals::Refusal,
    trips::{self, Trip},
};
use chrono::{DateTime, TimeDelta, Utc};

/// What a rider asks for.
#[derive(Debug, Clone)]
pub(super) struct NewRide {
    /// Who asks.
    pub creator: UserId,
    /// Who will ride.
    pub beneficiary: UserId,
    /// Which trip.
    pub trip: ResourceId,
    /// How many seats, 1 to 60.
    pub seats: i32,
    /// A word to the driver.
    pub note: Option<String>,
}

/// Holds seats: until the driver answers, or, accepted at once, until the payment's deadline (CX18).
pub(super) async fn request_ride(tx: &mut Tx, new: NewRide) -> Result<Booking> {
    let trip = trips::lock(tx, new.trip).await?; // first: a rival waits here
    check(tx, &trip, &new)?;
    let organization = organizations::load(tx).await?;
    let settings = organization.settings;
    let quote = quote::price(&trip, new.seats, &settings)?;
    if quote.price.amount > 0 {
        person::lock(tx, new.creator).await?; // rides of other trips wait here
        must_pay_what_was_booked(tx, new.creator, settings.unpaid_bookings_per_day).await?;
    }
    let units = take(tx, &trip, new.seats).await?;

    let accepted = trip.auto_accept && settings.allow_auto_accept;
    let hold = if accepted { payment_deadline(tx.now(), settings.hold_minutes, &trip) } else { trip.departure_at };
    let booking = Booking {
        id: BookingId::new(),
        code: code(),
        kind: Kind::Trip,
        resource: trip.id,
        creator: new.creator,
        beneficiary: new.beneficiary,
        status: if accepted { Status::Approved } else { Status::Pending },
        payment_status: if quote.price.amount == 0 { "none" } else { "due" }.into(),
        start_at: trip.departure_at,
        end_at: trip.arrival_eta,
        timezone: organization.timezone,
        local: None,
        period: None,
        quantity: new.seats,
        participants: new.seats,
        purpose: None,
        price: quote.price,
        commission: quote.commission,
        policy: Rules::from(&settings),
        note: new.note,
        hold_expires_at: Some(hold),
        reason_code: None,
        cancelled_at: None,
        cancellation_fee: quote.price.with(0),
        checked_in_at: None,
        started_at: None,
        ended_at: None,
        due_at: None,
        overdue_at: None,
        release_at: None,
        version: 1,
        created_at: tx.now(),
    };
    let lines = serde_json::json!([{ "label": "seats", "quantity": quote.quantity, "unit_price": quote.unit_price,
                                     "amount": quote.price }]);
    insert(tx, &booking, lines).await?;
    let given = seats(&units, trip.id);
    items::write_first(tx, booking.id, &given).await?;
    items::claim(tx, &booking, &given).await?;
    tx.record(Change::created("booking", booking.id, &booking));
    tx.enqueue_at(&Reservations::ExpireHold { booking: booking.id, deadline: hold }, hold);
    let subject = Subject::Ride(Box::new(trip));
    match booking.status {
        Status::Approved if booking.price.amount == 0 => return confirm::confirm(tx, &booking, &subject).await,
        Status::Approved => tell(tx, &booking, &subject, NoticeKind::BookingApproved).await?,
        _ => tell_driver(tx, &booking, &subject, NoticeKind::BookingRequested).await?,
    }
    Ok(booking)
}

fn check(tx: &Tx, trip: &Trip, new: &NewRide) -> Result<()> {
    if trip.status == "draft" {
        return Err(Refusal::NotFound.into());
    }
    if trip.driver == new.beneficiary || trip.driver == new.creator {
        return Err(Refusal::OwnTrip.into());
    }
    if trip.departure_at <= tx.now() {
        return Err(Refusal::DeparturePassed { departure_at: trip.departure_at }.into());
    }
    if trip.status != "published" {
        return Err(Refusal::StateConflict { status: trip.status.clone() }.into());
    }
    Ok(())
}

/// Holding seats costs nothing until they are paid, so nobody may hold without end (L21).
pub(super) async fn must_pay_what_was_booked(tx: &mut Tx, who: UserId, limit: u32) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let value = sqlx::query_scalar!(
        r#"select count(*) as "n!" from bookings
           where org_id = $1 and creator_user_id = $2 and price > 0 and created_at > $3::timestamptz - interval '24 hours'
             and status in ('pending', 'approved', 'expired') and payment_status <> 'refunded'
             and reason_code is distinct from 'nothing_freed'"#,
        org.0,
        who.0,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    let limit = i64::from(limit);
    if value >= limit {
        return Err(Refusal::Policy { rule: "unpaid_bookings_per_day", limit, value }.into());
    }
    Ok(())
}

/// Picks free seats; holds whose deadline passed are ended first, whether or not their timer came.
async fn take(tx: &mut Tx, trip: &Trip, seats: i32) -> Result<Vec<Unit>> {
    expire_hold::end_overdue_of(tx, &[trip.id]).await?;
    let mut free = units::free(tx, trip.id, trip.span()).await?;
    let wanted = usize::try_from(seats).unwrap_or(usize::MAX);
    if free.len() < wanted {
        let available = i64::try_from(free.len()).unwrap_or(i64::MAX);
        return Err(Refusal::NotEnoughFree { available, requested: i64::from(seats) }.into());
    }
    free.truncate(wanted);
    Ok(free)
}

/// An accepted booking waits for its payment this long, but not past the departure.
pub(super) fn payment_deadline(now: DateTime<Utc>, hold_minutes: u32, trip: &Trip) -> DateTime<Utc> {
    (now + TimeDelta::minutes(i64::from(hold_minutes))).min(trip.departure_at)
}

/// Eight characters without those that look alike, drawn from a fresh random id.
pub(super) fn code() -> String {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let seed = keys::sha256(BookingId::new().0.as_bytes());
    seed[..8].iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// The same seats as units given.
fn seats(units: &[Unit], trip: ResourceId) -> Vec<Given> {
    units.iter().map(|unit| Given { resource: trip, unit: Some(unit.clone()), pinned: false }).collect()
}
