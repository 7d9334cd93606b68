//! `POST /bookings/{id}/check-in` (G39).

use super::{
    step::{ANYBODY, ARBITERS, Step, ground},
    view::{Booking, shown},
};
use crate::{
    App,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::{
    bookings::{self, CheckIn, Proof},
    refusals::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What the rider shows.
#[derive(Deserialize, ToSchema)]
#[schema(as = CheckIn)]
#[serde(deny_unknown_fields)]
pub struct ShownCode {
    /// The QR code's text or the six digits. Staff who saw the rider may leave it out, and whoever checks in alone.
    #[schema(example = "123456")]
    code: Option<String>,
}

/// Check somebody in
///
/// A rider by the driver, who reads the code. Whoever parks or meets checks in alone, without one, and the bay or the
/// room is in use from then on. Five wrong codes; then 429, and staff must look. Checking in twice changes nothing.
#[utoipa::path(post, path = "/bookings/{id}/check-in", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), MaybeVersion), request_body = ShownCode,
    responses((status = 200, body = Data<Booking>)))]
pub async fn check_in(State(app): State<App>, step: Step, Json(ask): Json<ShownCode>) -> ApiResult<Reply> {
    // No idempotency key is claimed: the step is one by nature, and a wrong code must be counted every time.
    let (mut tx, by) = ground(&app, &step.caller, &ARBITERS, &ANYBODY).await?;
    step.check_version(&mut tx, by).await?;
    let proof = ask.code.map_or(Proof::Seen, |code| Proof::Code(code.trim().to_owned()));
    match bookings::check_in(&mut tx, by, step.id, proof).await? {
        CheckIn::Done(booking) => {
            let reply = shown(&mut tx, *booking).await?;
            tx.commit().await?;
            Ok(reply)
        }
        CheckIn::WrongCode => {
            // it counts only once it is committed
            tx.commit().await?;
            Err(Refusal::AccessCodeInvalid.into())
        }
    }
}
