//! Units are held for somebody who waits, for a short while (H9). The claim is the offer: nobody else can have them.

use super::{EntryStatus, OfferStatus, Ranking, entry, entry::Entry, line::Line, offers::Offer, tell};
use crate::{
    audit::Change,
    bookings::Booking,
    db::Tx,
    error::{RefuseOn, Result},
    ids::*,
    inventory::units::{self, Unit},
    jobs::Reservations,
    notifications::NoticeKind,
    refusals::Refusal,
    series,
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use sqlx::postgres::types::PgRange;
use uuid::Uuid;

/// Who made an offer, and why not to the next in line.
pub(super) struct Hand {
    pub user: UserId,
    pub reason: Option<String>,
}

/// Offers units to a locked entry that waits.
pub(super) async fn give(
    tx: &mut Tx,
    line: &Line,
    booking: &Booking,
    entry: &Entry,
    units: &[Unit],
    ranking: &Ranking,
    hand: Option<Hand>,
) -> Result<Offer> {
    let ttl = TimeDelta::minutes(booking.policy.offer_ttl_minutes.into());
    let (made_by, reason) = hand.map_or((None, None), |hand| (Some(hand.user), hand.reason));
    let offer = Offer {
        id: OfferId::new(),
        entry: entry.id,
        unit_ids: units.iter().map(|unit| unit.id.into()).collect(),
        status: OfferStatus::Open,
        expires_at: (tx.now() + ttl).min(entry.useful_until).trunc_subsecs(6),
        made_by,
        reason,
        created_at: tx.now(),
        answered_at: None,
    };
    insert(tx, entry, &offer, ranking).await?;
    let taken = Refusal::NotEnoughFree { available: 0, requested: i64::from(entry.quantity) };
    units::claim(tx, units, entry.span(), "offer", offer.id.into(), taken).await?;
    tx.record(Change::created("offer", offer.id, &offer));
    entry::set_status(tx, entry, EntryStatus::Offered, None).await?;
    tx.enqueue_at(&Reservations::ExpireOffer { offer: offer.id, deadline: offer.expires_at }, offer.expires_at);
    if offer.made_by.is_none() && series::takes_in(tx, booking, entry.id).await? {
        return Ok(offer); // answered by itself: that it is theirs is told, not that it could be
    }
    let facts = json!({ "expires_at": offer.expires_at });
    tell::tell(tx, booking, &line.name, NoticeKind::OfferMade, offer.id.into(), &facts).await?;
    Ok(offer)
}

async fn insert(tx: &mut Tx, entry: &Entry, offer: &Offer, ranking: &Ranking) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "insert into offers (org_id, id, queue_entry_id, unit_ids, during, expires_at, made_by, reason, ranking, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        org.0,
        offer.id.0,
        entry.id.0,
        &offer.unit_ids as &[Uuid],
        PgRange::<DateTime<Utc>>::from(entry.span()),
        offer.expires_at,
        offer.made_by.map(|user| user.0),
        offer.reason,
        ranking.stored(),
        offer.created_at
    )
    .execute(tx.conn())
    .await
    .refuse_on("offers_one_open", Refusal::StateConflict { status: EntryStatus::Offered.code().into() })?;
    Ok(())
}
