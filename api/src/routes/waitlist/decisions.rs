//! `GET /waitlist/{id}/decisions` (★7).

use super::view::Factor;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    ids::QueueEntryId,
    permissions::Permission,
    waitlist::{self, Decision, Place},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One decision, with how the line stood.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitlistDecision {
    /// `offered`, `proposed` or `refused`.
    #[schema(example = "offered")]
    kind: String,
    /// The offer, the alternative, or the entry that was refused.
    id: Uuid,
    /// About which entry.
    entry_id: Uuid,
    /// Who decided; null when the order of the line did.
    decided_by: Option<Uuid>,
    /// Why, where a person decided.
    reason: Option<String>,
    /// When.
    decided_at: DateTime<Utc>,
    /// How many waited.
    total: i64,
    /// Whether the stored values, weighed and sorted again now, give the same order and sums.
    replayed: bool,
    /// The first hundred as they stood, and the entry it is about.
    ranking: Vec<RankedEntry>,
}

/// An entry as it stood.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankedEntry {
    /// Which.
    entry_id: Uuid,
    /// From 1.
    rank: i64,
    /// Its points.
    score: i64,
    /// Units wanted.
    quantity: i32,
    /// Whether enough units were free for it.
    fits: bool,
    /// What the points were made of.
    factors: Vec<Factor>,
}

impl From<Place> for RankedEntry {
    fn from(place: Place) -> Self {
        Self {
            entry_id: place.entry.into(),
            rank: place.rank,
            score: place.score,
            quantity: place.quantity,
            fits: place.fits,
            factors: place.parts.into_iter().map(Factor::from).collect(),
        }
    }
}

impl From<Decision> for WaitlistDecision {
    fn from(decision: Decision) -> Self {
        Self {
            kind: decision.kind,
            id: decision.id,
            entry_id: decision.entry.into(),
            decided_by: decision.by.map(Into::into),
            reason: decision.reason,
            decided_at: decision.at,
            total: decision.ranking.total,
            replayed: decision.ranking.is_sound(),
            ranking: decision.ranking.places.into_iter().map(RankedEntry::from).collect(),
        }
    }
}

/// Why somebody was passed over
///
/// Every decision in the line while this entry stood in it, newest first, with the ranking it was made by.
#[utoipa::path(get, path = "/waitlist/{id}/decisions", tag = "waitlist",
    params(("id" = Uuid, Path, description = "The entry"), Paging),
    responses((status = 200, body = List<WaitlistDecision>)))]
pub async fn decisions(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<QueueEntryId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::WaitlistList).await?;
    let listed = waitlist::decisions(&mut tx, id, page).await?;
    Ok(Reply::list(page, listed.map(WaitlistDecision::from)))
}
