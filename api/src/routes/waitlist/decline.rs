//! `POST /waitlist/{id}/decline` (SN15, SN16).

use super::{
    accept::AnswerOffer,
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

/// Decline what is offered
///
/// The offer passes to the next at once, and the wish ends. Declining a proposal leaves the wish in line.
#[utoipa::path(post, path = "/waitlist/{id}/decline", tag = "waitlist",
    params(("id" = Uuid, Path, description = "The entry"), MaybeKey, MaybeVersion), request_body = Option<AnswerOffer>,
    responses((status = 200, body = Data<WaitlistStanding>)))]
pub async fn decline(State(app): State<App>, step: Step, ask: Option<Json<AnswerOffer>>) -> ApiResult<Reply> {
    match step.as_waiting(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx) => {
            let by = step.caller.user();
            match ask.and_then(|Json(ask)| ask.alternative_id) {
                Some(which) => waitlist::decline_alternative(&mut tx, by, step.id, which.into()).await?,
                None => waitlist::decline(&mut tx, by, step.id).await?,
            };
            step.finish(tx).await
        }
    }
}
