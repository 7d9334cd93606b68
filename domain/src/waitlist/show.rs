//! Where somebody stands and why (SN14, ★7): rank, every factor of the score, what is offered and proposed.

use super::{
    Alternative, AlternativeStatus, Entry, Offer, OfferStatus, Part, entry, offers,
    score::{self, Row},
};
use crate::{
    bookings::{self, Authority, Status},
    db::Tx,
    error::{Fault, Result},
    ids::*,
};
use chrono::{DateTime, Utc};

/// An entry with all there is to say about it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The entry.
    pub entry: Entry,
    /// Where its booking stands.
    pub booking_status: Status,
    /// The booking's first instant.
    pub start_at: DateTime<Utc>,
    /// First instant after.
    pub end_at: DateTime<Utc>,
    /// From 1, at this instant; none when it does not wait.
    pub rank: Option<i64>,
    /// How many wait in its line.
    pub total: Option<i64>,
    /// Points: at this instant while it waits, else as they were last counted.
    pub score: i64,
    /// What they are made of.
    pub parts: Vec<Part>,
    /// Points by which whoever is next in front is ahead.
    pub points_behind: Option<i64>,
    /// The newest offer.
    pub offer: Option<Offer>,
    /// What staff proposed, the newest first.
    pub alternatives: Vec<Alternative>,
}

impl Standing {
    /// Whether the offer can be accepted at `now`, whatever its timer did.
    #[must_use]
    pub fn open_offer(&self, now: DateTime<Utc>) -> Option<&Offer> {
        self.offer.as_ref().filter(|offer| offer.status == OfferStatus::Open && offer.expires_at > now)
    }

    /// What can be accepted instead.
    pub fn open_alternatives(&self) -> impl Iterator<Item = &Alternative> {
        self.alternatives.iter().filter(|alternative| alternative.status == AlternativeStatus::Open)
    }
}

/// One entry, for who booked, for whom, or staff.
///
/// # Errors
/// [`crate::refusals::Refusal::NotFound`] for everybody else.
pub async fn show(tx: &mut Tx, by: Authority, id: QueueEntryId) -> Result<Standing> {
    let entry = entry::load(tx, id).await?;
    let booking = bookings::load(tx, entry.booking).await?;
    by.must_ride(&booking)?;
    let row = score::standing(tx, entry.resource, id).await?;
    let parts = match &row {
        Some(row) => row.parts()?,
        None => stored_parts(&entry)?,
    };
    Ok(Standing {
        booking_status: booking.status,
        start_at: booking.start_at,
        end_at: booking.end_at,
        rank: row.as_ref().map(|row| row.rank),
        total: row.as_ref().map(|row| row.total),
        score: row.as_ref().map_or(entry.score, |row| row.score),
        points_behind: row.as_ref().and_then(Row::behind),
        parts,
        offer: offers::newest_of(tx, id).await?,
        alternatives: offers::alternatives_of(tx, id).await?,
        entry,
    })
}

/// What a stored score was made of; an entry written before its first score has no parts.
pub(super) fn stored_parts(entry: &Entry) -> Result<Vec<Part>> {
    if !entry.score_parts.is_array() {
        return Ok(Vec::new());
    }
    Ok(serde_json::from_value(entry.score_parts.clone()).map_err(|e| Fault::corrupt("queue_entries.score_parts", e))?)
}

impl Row {
    fn behind(&self) -> Option<i64> {
        self.ahead.map(|ahead| ahead - self.score)
    }
}
