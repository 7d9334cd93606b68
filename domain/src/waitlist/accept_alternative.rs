//! The person takes what staff propose instead (SN16): it is claimed in this commit, or it is gone and the wish waits on.
//! The booking stays the same one; only its thing, its time and what follows from them change.

use super::{
    AlternativeStatus, EntryStatus, OfferStatus, entry, line, line::Line, match_line, offers, settle_in, wish,
};
use crate::{
    bookings::{Authority, Booking},
    db::Tx,
    error::Result,
    ids::*,
    inventory::units::{self, Span},
    policies,
    refusals::Refusal,
};
use uuid::Uuid;

/// Accepts one proposal to an entry, for who booked or for whom.
///
/// # Errors
/// [`Refusal::NotEnoughFree`] when it was taken meanwhile, [`Refusal::OfferExpired`] when its time has come,
/// [`Refusal::StateConflict`] when it or the entry ended, [`Refusal::NotFound`] for everybody else.
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
    let moved = moved(tx, &booking, &other, (alternative.start_at, alternative.end_at)).await?;
    let span = wish::claimed(&moved.policy, moved.start_at, moved.end_at);
    claim(tx, &moved, &other, span, &entry.features).await?;
    offers::withdraw_alternatives(tx, id).await?;
    entry::set_status(tx, &entry, EntryStatus::Accepted, Some("alternative_accepted")).await?;
    settle_in::settle_in(tx, &other.name, &booking, moved, true).await
}

async fn claim(tx: &mut Tx, booking: &Booking, line: &Line, span: Span, features: &[String]) -> Result<()> {
    let units = line::take(tx, line.id, span, features, booking.quantity).await?;
    let taken = Refusal::NotEnoughFree { available: 0, requested: i64::from(booking.quantity) };
    units::claim(tx, &units, span, "booking", booking.id.into(), taken).await?;
    let units: Vec<Uuid> = units.iter().map(|unit| unit.id.into()).collect();
    line::write_items(tx, booking.id, line.id, &units).await
}

/// The booking as it is about the other thing and time, under the other thing's rules and price.
async fn moved(
    tx: &mut Tx,
    before: &Booking,
    line: &Line,
    (start_at, end_at): (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>),
) -> Result<Booking> {
    let policy = policies::in_force(tx, line.id).await?;
    let quote = wish::price(line, start_at, end_at, before.quantity, before.price.currency)?;
    let after = Booking {
        kind: line.kind,
        resource: line.id,
        start_at,
        end_at,
        timezone: line.timezone,
        local: None,
        period: None,
        price: quote.price,
        payment_status: if quote.price.amount == 0 { "none" } else { "due" }.into(),
        due_at: policy.hand_over.then_some(end_at),
        policy,
        ..before.clone()
    };
    let org = tx.org()?;
    sqlx::query!(
        "update bookings set resource_id = $3, kind = $4, policy_snapshot = $5, price = $6, currency = $7, timezone = $8,
                price_lines = $9
         where org_id = $1 and id = $2",
        org.0,
        before.id.0,
        line.id.0,
        line.kind.code(),
        serde_json::json!(after.policy),
        after.price.amount,
        after.price.currency.code(),
        after.timezone.name(),
        serde_json::json!([{ "label": "units", "quantity": quote.quantity, "unit_price": quote.unit_price,
                             "amount": quote.price }])
    )
    .execute(tx.conn())
    .await?;
    Ok(after)
}
