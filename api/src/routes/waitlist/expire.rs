//! `POST /waitlist/{id}/expire` (H7).

use super::{
    offer::Arbitrate,
    step::{Step, Taken},
    view::WaitlistStanding,
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
use domain::waitlist;

/// End an open offer at once
///
/// As its time would: the entry ends, and the units pass to the next.
#[utoipa::path(post, path = "/waitlist/{id}/expire", tag = "waitlist",
    params(("id" = Uuid, Path, description = "The entry"), MaybeKey, MaybeVersion), request_body = Option<Arbitrate>,
    responses((status = 200, body = Data<WaitlistStanding>)))]
pub async fn expire(State(app): State<App>, step: Step, ask: Option<Json<Arbitrate>>) -> ApiResult<Reply> {
    match step.as_staff(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx) => {
            waitlist::expire(&mut tx, step.id, ask.and_then(|Json(ask)| ask.reason)).await?;
            step.finish_as_staff(tx).await
        }
    }
}
