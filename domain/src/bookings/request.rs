//! A rider asks for seats (G12, G28). The answer is final in this commit: the seats are held, or there are too few.

use super::{Booking, Status, confirm, expire_hold, queries, quote, tell, tell_driver};
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
    policies::{Period, Rules},
    refusals::Refusal,
    trips::{self, Trip},
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// What a rider asks for.
#[derive(Debug, Clone)]
pub struct NewBooking {
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
///
/// # Errors
/// [`Refusal::NotEnoughFree`] with what is free, [`Refusal::OwnTrip`], [`Refusal::DeparturePassed`],
/// [`Refusal::StateConflict`], [`Refusal::NotFound`], [`Refusal::Invalid`].
pub async fn request(tx: &mut Tx, new: NewBooking) -> Result<Booking> {
    if new.note.as_deref().is_some_and(|note| note.chars().count() > 1_000 || note.contains('\0')) {
        return Err(Refusal::invalid("note", "must have at most 1000 characters").into());
    }
    let trip = trips::lock(tx, new.trip).await?; // first: a rival waits here
    check(tx, &trip, &new)?;
    let organization = organizations::load(tx).await?;
    let settings = organization.settings;
    let quote = quote::price(&trip, new.seats, &settings)?;
    if quote.price.amount > 0 {
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
        checked_in_at: None,
        started_at: None,
        ended_at: None,
        due_at: None,
        overdue_at: None,
        release_at: None,
        version: 1,
        created_at: tx.now(),
    };
    insert(tx, &booking, &quote).await?;
    hold_units(tx, &trip, &booking, &units).await?;
    tx.record(Change::created("booking", booking.id, &booking));
    tx.enqueue_at(&Reservations::ExpireHold { booking: booking.id, deadline: hold }, hold);
    match booking.status {
        Status::Approved if booking.price.amount == 0 => confirm::confirm(tx, &booking, &trip).await,
        Status::Approved => {
            tell(tx, &booking, &trip, NoticeKind::BookingApproved).await?;
            Ok(booking)
        }
        _ => {
            tell_driver(tx, &booking, &trip, NoticeKind::BookingRequested).await?;
            Ok(booking)
        }
    }
}

fn check(tx: &Tx, trip: &Trip, new: &NewBooking) -> Result<()> {
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
async fn must_pay_what_was_booked(tx: &mut Tx, who: UserId, limit: u32) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let value = sqlx::query_scalar!(
        r#"select count(*) as "n!" from bookings
           where org_id = $1 and creator_user_id = $2 and price > 0 and created_at > $3::timestamptz - interval '24 hours'
             and status in ('pending', 'approved', 'expired') and payment_status <> 'refunded'"#,
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
    expire_hold::end_overdue_of(tx, trip).await?;
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
pub(crate) fn code() -> String {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let seed = keys::sha256(BookingId::new().0.as_bytes());
    seed[..8].iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

pub(crate) async fn insert(tx: &mut Tx, booking: &Booking, quote: &quote::Quote) -> Result<()> {
    let org = tx.org()?;
    let lines = serde_json::json!([{ "label": "seats", "quantity": quote.quantity, "unit_price": quote.unit_price,
                                     "amount": quote.price }]);
    let policy = serde_json::to_value(&booking.policy).unwrap_or_default();
    sqlx::query!(
        "insert into bookings (org_id, id, code, resource_id, creator_user_id, beneficiary_user_id, status, payment_status,
                               start_at, end_at, timezone, quantity, price, currency, commission, price_lines,
                               policy_snapshot, note, hold_expires_at, created_at, kind, local_start, local_end, period,
                               participants, purpose, due_at, release_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                 $24, $25, $26, $27, $28)",
        org.0,
        booking.id.0,
        booking.code,
        booking.resource.0,
        booking.creator.0,
        booking.beneficiary.0,
        booking.status.code(),
        booking.payment_status,
        booking.start_at,
        booking.end_at,
        booking.timezone.name(),
        booking.quantity,
        booking.price.amount,
        booking.price.currency.code(),
        booking.commission.amount,
        lines,
        policy,
        booking.note,
        booking.hold_expires_at,
        booking.created_at,
        booking.kind.code(),
        booking.local.map(|(start, _)| start),
        booking.local.map(|(_, end)| end),
        booking.period.map(Period::code),
        booking.participants,
        booking.purpose,
        booking.due_at,
        booking.release_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Claims the units and notes which they were (CX56). Also used when an ended booking takes its seats again.
pub(super) async fn hold_units(tx: &mut Tx, trip: &Trip, booking: &Booking, free: &[Unit]) -> Result<()> {
    let refusal = Refusal::NotEnoughFree { available: 0, requested: i64::from(booking.quantity) };
    units::claim(tx, free, trip.span(), "booking", booking.id.into(), refusal).await?;
    let org = tx.org()?;
    sqlx::query!("delete from booking_items where org_id = $1 and booking_id = $2", org.0, booking.id.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into booking_items (org_id, id, booking_id, resource_id, unit_id, unit_label)
         select $1, item.id, $2, $3, item.unit_id, item.label
         from unnest($4::uuid[], $5::uuid[], $6::text[]) as item (id, unit_id, label)",
        org.0,
        booking.id.0,
        booking.resource.0,
        &free.iter().map(|_| ItemId::new().into()).collect::<Vec<Uuid>>(),
        &free.iter().map(|unit| unit.id.into()).collect::<Vec<Uuid>>(),
        &free.iter().map(|unit| unit.label.clone()).collect::<Vec<_>>()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The seats of a booking, by label.
///
/// # Errors
/// A fault when the database fails.
pub async fn seat_labels(tx: &mut Tx, booking: BookingId) -> Result<Vec<String>> {
    let org = tx.org()?;
    queries::load(tx, booking).await?;
    Ok(sqlx::query_scalar!(
        r#"select unit_label as "label!" from booking_items where org_id = $1 and booking_id = $2 and unit_label is not null
           order by length(unit_label), unit_label"#,
        org.0,
        booking.0
    )
    .fetch_all(tx.conn())
    .await?)
}
