//! `POST /bookings/{id}/cancel`, `DELETE /bookings/{id}` (G35, CX12).

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
use domain::bookings::{self, Cancellation};
use serde::Deserialize;
use utoipa::ToSchema;

/// Why somebody gives up.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// At most 60 characters; the driver sees it.
    #[schema(example = "plans_changed")]
    reason: Option<String>,
    /// `code` of a quote: its terms hold.
    quote: Option<String>,
}

/// Cancel my booking
///
/// Until its start, or as long before it as its policy asks; staff always may. What was paid goes back, less the fee its
/// policy names: `POST …/cancellation-quote` says how much, and binds.
#[utoipa::path(post, path = "/bookings/{id}/cancel", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeKey, MaybeVersion),
    request_body = Option<Cancel>, responses((status = 200, body = Data<Booking>)))]
pub async fn cancel(State(app): State<App>, step: Step, ask: Option<Json<Cancel>>) -> ApiResult<Reply> {
    let ask = ask.map(|Json(ask)| ask).unwrap_or_default();
    let asked = Cancellation { reason: reason(ask.reason)?, quote: ask.quote };
    match step.as_rider(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx, by) => {
            let booking = bookings::cancel(&mut tx, by, step.id, asked).await?;
            step.finish(tx, booking).await
        }
    }
}

/// Cancel my booking
///
/// The same as `POST …/cancel` without a reason. Nothing is erased.
#[utoipa::path(delete, path = "/bookings/{id}", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeVersion),
    responses((status = 200, body = Data<Booking>)))]
pub async fn remove(app: State<App>, step: Step) -> ApiResult<Reply> {
    cancel(app, step, None).await
}
