//! The person takes what staff propose instead (SN16): it is claimed in this commit, or it is gone and the wish waits on.
//! The booking stays the same one; only its thing, its time and what follows from them change.

use super::{AlternativeStatus, EntryStatus, OfferStatus, entry, line, line::Line, match_line, offers, settle_in};
use crate::{
    bookings::{self, Authority, Booking},
    db::Tx,
    error::Result,
    ids::*,
    inventory::units::{self, Span},
    refusals::Refusal,
};
use uuid::Uuid;

/// Accepts one proposal to an entry, for who booked or for whom.
///
/// # Errors
/// [`Refusal::NotEnoughFree`] when it was taken meanwhile, [`Refusal::OfferExpired`] when its time has come,
/// [`Refusal::StateConflict`] when it or the entry ended, [`Refusal::Policy`] and its relatives when the person may not
/// have it any more, [`Refusal::NotFound`] for everybody else.
pub async fn accept_alternative(tx: &mut Tx, by: UserId, id: QueueEntryId, which: AlternativeId) -> Result<Booking> {
    let seen = entry::load(tx, id).await?;
    let wanted = offers::resource_of_alternative(tx, id, which).await?;
    line::lock_both(tx, seen.resource, wanted).await?;
    let (_, booking, entry) = entry::lock(tx, id).await?;
    Authority::Own(by).must_ride(&booking)?;
    entry.must_live()?;
    let alternative = offers::lock_alternative(tx, id, which).await?;
    offers::answer(tx, &alternative, AlternativeStatus::Accepted).await?;
    if alternative.start_at <= tx.now() {
        return Err(Refusal::OfferExpired { expired_at: alternative.start_at }.into());
    }
    if let Some(offer) = offers::lock_open(tx, id).await? {
        offers::end(tx, offer.id, OfferStatus::Declined, None).await?;
        match_line::units_freed(tx, &[entry.resource]).await?;
    }
    let other = line::lock(tx, wanted).await?;
    if !other.open {
        return Err(Refusal::NotEnoughFree { available: 0, requested: i64::from(booking.quantity) }.into());
    }
    let (start, end) = (alternative.start_at, alternative.end_at);
    let moved = bookings::moved_to(tx, &booking, other.id, Span { start, end }, Some(start)).await?;
    bookings::may_have(tx, &moved.booking).await?;
    let moved = moved.adopt(tx).await?;
    claim(tx, &moved, &other, &entry.features).await?;
    offers::withdraw_alternatives(tx, id).await?;
    entry::set_status(tx, &entry, EntryStatus::Accepted, Some("alternative_accepted")).await?;
    settle_in::settle_in(tx, &other.name, &booking, moved, true).await
}

async fn claim(tx: &mut Tx, booking: &Booking, line: &Line, features: &[String]) -> Result<()> {
    let span = bookings::claimed(booking);
    let units = line::take(tx, line.id, span, features, booking.quantity).await?;
    let taken = Refusal::NotEnoughFree { available: 0, requested: i64::from(booking.quantity) };
    units::claim(tx, &units, span, "booking", booking.id.into(), taken).await?;
    let units: Vec<Uuid> = units.iter().map(|unit| unit.id.into()).collect();
    line::write_items(tx, booking.id, line.id, &units).await
}
