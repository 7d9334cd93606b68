//! An entry of the waitlist as it is shown.

use chrono::{DateTime, Utc};
use domain::waitlist::{self, Listing, Part, Standing};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody's place in a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitlistEntry {
    /// Its id.
    id: Uuid,
    /// The booking that waits.
    booking_id: Uuid,
    /// What is waited for.
    resource_id: Uuid,
    /// Who waits.
    user_id: Uuid,
    /// Units wanted, all or nothing.
    #[schema(example = 1)]
    quantity: i32,
    /// What every unit must have.
    features: Vec<String>,
    /// `waiting`, `offered`, `accepted`, `declined`, `expired` or `cancelled`.
    #[schema(example = "waiting")]
    status: &'static str,
    /// `score` or `fifo`.
    #[schema(example = "score")]
    discipline: &'static str,
    /// Place in the line, from 1; null unless it waits, and in lists that are not in the order of the line.
    #[schema(example = 3)]
    rank: Option<i64>,
    /// How many wait in the line.
    #[schema(example = 12)]
    total: Option<i64>,
    /// Points; the sum of the factors.
    #[schema(example = 21)]
    score: i64,
    /// What the score is made of; nothing under `fifo`.
    factors: Vec<Factor>,
    /// After it the wish is pointless and ends.
    useful_until: DateTime<Utc>,
    /// Why it ended.
    reason: Option<String>,
    /// When the waiting began.
    created_at: DateTime<Utc>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
    /// One more with every change.
    version: i32,
}

/// One factor of a score.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScoreFactor)]
pub struct Factor {
    /// `hours_waited`, `role`, `high_priority`, `penalty_points`, `fines_due` or `active_bookings`.
    #[schema(example = "hours_waited")]
    factor: String,
    /// How much of it there is.
    #[schema(example = 21)]
    value: i64,
    /// Points for each.
    #[schema(example = 1)]
    weight: i64,
    /// Value times weight.
    #[schema(example = 21)]
    contribution: i64,
    /// The role that counts, where the factor is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// What would change it: `with_every_hour`, `with_the_role`, `by_the_organization`, `when_points_are_forgiven`,
    /// `when_fines_are_paid` or `when_bookings_end`.
    #[schema(example = "with_every_hour")]
    changes: &'static str,
}

/// An entry with its offer and what was proposed instead.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitlistStanding {
    /// The entry.
    #[serde(flatten)]
    entry: WaitlistEntry,
    /// Where its booking stands.
    #[schema(example = "waitlisted")]
    booking_status: &'static str,
    /// First instant wanted.
    start_at: DateTime<Utc>,
    /// First instant after.
    end_at: DateTime<Utc>,
    /// Points by which whoever is next in front is ahead; null for the first, and when it does not wait.
    #[schema(example = 3)]
    points_behind: Option<i64>,
    /// The newest offer.
    offer: Option<Offer>,
    /// What staff proposed instead, the newest first.
    alternatives: Vec<Alternative>,
}

/// Units held for a short while.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitlistOffer)]
pub struct Offer {
    /// Its id.
    id: Uuid,
    /// Which units are held.
    unit_ids: Vec<Uuid>,
    /// `open`, `accepted`, `declined`, `expired` or `withdrawn`.
    #[schema(example = "open")]
    status: &'static str,
    /// Until when it can be accepted.
    expires_at: DateTime<Utc>,
    /// Whether a person made it rather than the order of the line.
    by_hand: bool,
    /// Why it was made out of order, or taken back.
    reason: Option<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// Something else that can be had. It holds nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitlistAlternative)]
pub struct Alternative {
    /// Its id, for accepting and declining.
    id: Uuid,
    /// What.
    resource_id: Uuid,
    /// First instant.
    start_at: DateTime<Utc>,
    /// First instant after.
    end_at: DateTime<Utc>,
    /// `open`, `accepted`, `declined`, `expired` or `withdrawn`.
    #[schema(example = "open")]
    status: &'static str,
    /// Why it is proposed.
    reason: String,
    /// When it was proposed.
    created_at: DateTime<Utc>,
}

impl From<Part> for Factor {
    fn from(part: Part) -> Self {
        let (contribution, changes) = (part.contribution(), part.changes());
        Self { factor: part.factor, value: part.value, weight: part.weight, contribution, role: part.role, changes }
    }
}

impl From<waitlist::Offer> for Offer {
    fn from(offer: waitlist::Offer) -> Self {
        Self {
            id: offer.id.into(),
            unit_ids: offer.unit_ids,
            status: offer.status.code(),
            expires_at: offer.expires_at,
            by_hand: offer.made_by.is_some(),
            reason: offer.reason,
            created_at: offer.created_at,
        }
    }
}

impl From<waitlist::Alternative> for Alternative {
    fn from(alternative: waitlist::Alternative) -> Self {
        Self {
            id: alternative.id.into(),
            resource_id: alternative.resource.into(),
            start_at: alternative.start_at,
            end_at: alternative.end_at,
            status: alternative.status.code(),
            reason: alternative.reason,
            created_at: alternative.created_at,
        }
    }
}

impl From<Listing> for WaitlistEntry {
    fn from(listing: Listing) -> Self {
        let Listing { entry, rank, total, score, parts } = listing;
        Self {
            id: entry.id.into(),
            booking_id: entry.booking.into(),
            resource_id: entry.resource.into(),
            user_id: entry.user.into(),
            quantity: entry.quantity,
            features: entry.features,
            status: entry.status.code(),
            discipline: entry.discipline.code(),
            rank,
            total,
            score,
            factors: parts.into_iter().map(Factor::from).collect(),
            useful_until: entry.useful_until,
            reason: entry.reason,
            created_at: entry.created_at,
            ended_at: entry.ended_at,
            version: entry.version,
        }
    }
}

impl From<Standing> for WaitlistStanding {
    fn from(standing: Standing) -> Self {
        let Standing { entry, rank, total, score, parts, .. } = standing;
        Self {
            entry: Listing { entry, rank, total, score, parts }.into(),
            booking_status: standing.booking_status.code(),
            start_at: standing.start_at,
            end_at: standing.end_at,
            points_behind: standing.points_behind,
            offer: standing.offer.map(Offer::from),
            alternatives: standing.alternatives.into_iter().map(Alternative::from).collect(),
        }
    }
}
