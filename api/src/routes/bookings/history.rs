//! `GET /bookings/{id}/history` (U7).

use super::step::{LOOKERS, ground};
use crate::{
    App,
    caller::Caller,
    envelope::{List, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{bookings, ids::BookingId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One move of a booking's status.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryStep {
    /// The event of the audit trail that tells it.
    id: Uuid,
    /// Where it stood; nowhere before it was made.
    #[schema(example = "approved")]
    from: Option<String>,
    /// Where it stands since.
    #[schema(example = "confirmed")]
    to: String,
    /// How its money stood then.
    #[schema(example = "paid")]
    payment_status: Option<String>,
    /// Why it was rejected or cancelled.
    reason: Option<String>,
    /// `user`, `admin` for staff, or `system` for time and money.
    #[schema(example = "system")]
    by: String,
    /// The person, where you may know.
    user_id: Option<Uuid>,
    /// When.
    at: DateTime<Utc>,
}

/// How a booking came to where it stands
///
/// For its rider, its driver and staff; the first step first.
#[utoipa::path(get, path = "/bookings/{id}/history", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking")), responses((status = 200, body = List<HistoryStep>)))]
pub async fn history(State(app): State<App>, caller: Caller, Path(id): Path<BookingId>) -> ApiResult<Reply> {
    let (mut tx, by) = ground(&app, &caller, &LOOKERS, &[]).await?;
    let steps = bookings::history(&mut tx, by, id).await?;
    Ok(Reply::ok(steps.into_iter().map(HistoryStep::from).collect::<Vec<_>>()))
}

impl From<bookings::Step> for HistoryStep {
    fn from(step: bookings::Step) -> Self {
        let bookings::Step { id, from, to, payment_status, reason, by, user, at } = step;
        Self { id: id.into(), from, to, payment_status, reason, by, user_id: user.map(Into::into), at }
    }
}
