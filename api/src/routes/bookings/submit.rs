//! `POST /bookings/{id}/submit` (MODEL §3).

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

/// Submit my draft
///
/// It is judged and taken as if it were asked for at this moment.
#[utoipa::path(post, path = "/bookings/{id}/submit", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeKey, MaybeVersion),
    responses((status = 200, body = Data<Booking>)))]
pub async fn submit(State(app): State<App>, step: Step) -> ApiResult<Reply> {
    match step.as_rider(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx, by) => {
            let booking = bookings::submit(&mut tx, by, step.id).await?;
            step.finish(tx, booking).await
        }
    }
}
