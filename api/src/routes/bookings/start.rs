//! `POST /bookings/{id}/start` (G40).

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

/// Start the ride of a rider who checked in
///
/// The first one sets the trip on its way.
#[utoipa::path(post, path = "/bookings/{id}/start", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeKey, MaybeVersion),
    responses((status = 200, body = Data<Booking>)))]
pub async fn start(State(app): State<App>, step: Step) -> ApiResult<Reply> {
    match step.as_user(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx, by) => {
            let booking = bookings::start(&mut tx, by, step.id).await?;
            step.finish(tx, booking).await
        }
    }
}
