//! `POST /bookings/{id}/end` (G40).

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

/// End a booking that is in use
///
/// A ride by its driver, who has earned the price less the platform's share; the last one completes the trip. A bay or a
/// room by whoever uses it: it is free again at once. A loan ends with its return.
#[utoipa::path(post, path = "/bookings/{id}/end", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeKey, MaybeVersion),
    responses((status = 200, body = Data<Booking>)))]
pub async fn end(State(app): State<App>, step: Step) -> ApiResult<Reply> {
    match step.as_user(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx, by) => {
            let booking = bookings::end(&mut tx, by, step.id).await?;
            step.finish(tx, booking).await
        }
    }
}
