//! Somebody asks for units (G10, G26–G28). The answer is final in this commit: the units are taken, or there are too few.

use super::{
    Booking,
    request_ride::{NewRide, request_ride},
    request_things::request_things,
    things,
    when::When,
    wishes::Wish,
};
use crate::{db::Tx, error::Result, ids::*, inventory::Kind, policies::Period, refusals::Refusal};
use serde_json::Value;

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct NewBooking {
    /// Who asks.
    pub creator: UserId,
    /// Who will ride, park, borrow (G42).
    pub beneficiary: UserId,
    /// Which units, or how many of what; a trip stands alone.
    pub wishes: Vec<Wish>,
    /// From when to when; a trip has times of its own.
    pub when: Option<When>,
    /// How many people come, from 1; the seats of a ride say so themselves.
    pub participants: Option<i32>,
    /// What it is for, at most 1000 characters.
    pub purpose: Option<String>,
    /// A word to whoever decides, at most 1000 characters.
    pub note: Option<String>,
    /// Only write it down; nothing is taken before it is submitted.
    pub draft: bool,
}

/// Books, or refuses.
///
/// # Errors
/// [`Refusal::NotEnoughFree`] or [`Refusal::Taken`] with what is free, [`Refusal::Policy`] and its relatives naming the
/// rule, [`Refusal::NotFound`], [`Refusal::StateConflict`], [`Refusal::Invalid`]; of a ride also [`Refusal::OwnTrip`] and
/// [`Refusal::DeparturePassed`].
pub async fn request(tx: &mut Tx, new: NewBooking) -> Result<Booking> {
    match (new.wishes.as_slice(), new.when) {
        ([Wish::Some(trip, seats)], None) => {
            if things::kind_of(tx, *trip).await? != Kind::Trip {
                return Err(Refusal::invalid("start_at", "is missing: say from when to when").into());
            }
            if new.draft || new.purpose.is_some() || new.participants.is_some() {
                return Err(Refusal::invalid("trip_id", "a ride has no draft, purpose or participants").into());
            }
            check_text("note", new.note.as_deref())?;
            let (creator, beneficiary, note) = (new.creator, new.beneficiary, new.note);
            request_ride(tx, NewRide { creator, beneficiary, trip: *trip, seats: *seats, note }).await
        }
        (_, None) => Err(Refusal::invalid("start_at", "is missing: say from when to when").into()),
        (_, Some(when)) => request_things(tx, new, when).await,
    }
}

pub(super) fn check_text(field: &'static str, text: Option<&str>) -> Result<()> {
    if text.is_some_and(|text| text.chars().count() > 1_000 || text.contains('\0')) {
        return Err(Refusal::invalid(field, "must have at most 1000 characters").into());
    }
    Ok(())
}

/// Writes a new booking; `lines` say what its price is made of.
pub(super) async fn insert(tx: &mut Tx, booking: &Booking, lines: Value) -> Result<()> {
    let org = tx.org()?;
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
