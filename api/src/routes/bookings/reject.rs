//! `POST /bookings/{id}/reject` (G37, CX48).

use super::{
    reason,
    step::{Step, Taken},
    view::Booking,
};
use crate::{
    App,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::bookings;
use serde::Deserialize;
use utoipa::ToSchema;

/// Why somebody says no.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// At most 60 characters; whoever asked sees it.
    #[schema(example = "too_much_luggage")]
    reason: Option<String>,
}

/// Decline a booking
///
/// On my trip, or as staff.
#[utoipa::path(post, path = "/bookings/{id}/reject", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeKey, MaybeVersion),
    request_body = Option<Reject>, responses((status = 200, body = Data<Booking>)))]
pub async fn reject(State(app): State<App>, step: Step, ask: Option<Json<Reject>>) -> ApiResult<Reply> {
    let reason = reason(ask.and_then(|Json(ask)| ask.reason))?;
    match step.as_decider(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx, by) => {
            let booking = bookings::reject(&mut tx, by, step.id, reason).await?;
            step.finish(tx, booking).await
        }
    }
}
