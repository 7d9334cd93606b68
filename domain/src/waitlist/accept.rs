//! The person takes what is offered (H6): the offer's claims become the booking's in one commit, so that between the two
//! nobody can come. After its time an offer is gone, whether or not its timer came.

use super::{EntryStatus, OfferStatus, entry, line, offers, settle_in};
use crate::{
    bookings::{self, Authority, Booking},
    db::Tx,
    error::{Fault, Result},
    ids::*,
    refusals::Refusal,
};

/// Accepts the open offer of an entry, for who booked or for whom. What its person booked since they joined counts as it
/// would against any booking (SN28, SN31).
///
/// # Errors
/// [`Refusal::Policy`] or [`Refusal::Quota`] when the person may not have it any more: the offer stays open.
/// [`Refusal::OfferExpired`] after its time, [`Refusal::StateConflict`] when none is open, [`Refusal::NotFound`] for
/// everybody else.
pub async fn accept(tx: &mut Tx, by: UserId, id: QueueEntryId) -> Result<Booking> {
    let (line, booking, entry) = entry::lock(tx, id).await?;
    Authority::Own(by).must_ride(&booking)?;
    let Some(offer) = offers::newest_of(tx, id).await? else { return Err(entry.conflict()) };
    let is_over = offer.status == OfferStatus::Open && offer.expires_at <= tx.now();
    if is_over || offer.status == OfferStatus::Expired {
        return Err(Refusal::OfferExpired { expired_at: offer.expires_at }.into());
    }
    if offer.status != OfferStatus::Open {
        return Err(entry.conflict());
    }
    bookings::may_have(tx, &booking).await?;
    hand_over_claims(tx, offer.id, &booking).await?;
    line::write_items(tx, booking.id, booking.resource, &offer.unit_ids).await?;
    offers::end(tx, offer.id, OfferStatus::Accepted, None).await?;
    offers::withdraw_alternatives(tx, id).await?;
    entry::set_status(tx, &entry, EntryStatus::Accepted, None).await?;
    settle_in::settle_in(tx, &line.name, &booking, booking.clone(), offer.made_by.is_some()).await
}

/// The claims change hands without ending: the units are never free in between.
async fn hand_over_claims(tx: &mut Tx, offer: OfferId, booking: &Booking) -> Result<()> {
    let org = tx.org()?;
    let changed = sqlx::query!(
        "update claims set source = 'booking', source_id = $3
         where org_id = $1 and source_id = $2 and source = 'offer' and active",
        org.0,
        offer.0,
        booking.id.0
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if changed != u64::try_from(booking.quantity).unwrap_or_default() {
        return Err(Fault::corrupt("offers", format!("{offer} holds {changed} of {} units", booking.quantity)).into());
    }
    Ok(())
}
