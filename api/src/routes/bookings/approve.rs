//! `POST /bookings/{id}/approve` (G36).

use super::{
    step::{Step, Taken},
    view::Booking,
};
use crate::{
    App,
    envelope::{Data, Reply},
    error::ApiResult,
    openapi::params::MaybeKey,
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::bookings;

/// Agree to a booking
///
/// On my trip, or as staff. It then waits for its payment until `hold_expires_at`, or is firm when nothing is due.
#[utoipa::path(post, path = "/bookings/{id}/approve", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeKey, MaybeVersion),
    responses((status = 200, body = Data<Booking>)))]
pub async fn approve(State(app): State<App>, step: Step) -> ApiResult<Reply> {
    match step.as_decider(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx, by) => {
            let booking = bookings::approve(&mut tx, by, step.id).await?;
            step.finish(tx, booking).await
        }
    }
}
