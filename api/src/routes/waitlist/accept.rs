//! `POST /waitlist/{id}/accept` (H6, SN16).

use super::{
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
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is answered: the open offer, unless a proposal is named.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerOffer {
    /// One of the `alternatives`.
    pub(super) alternative_id: Option<Uuid>,
}

/// Accept what is offered
///
/// The units become the booking's in this instant; see `booking_status` for what is left to do. After its time an
/// offer is gone (410 `offer_expired`). A proposal holds nothing: it is booked now, or it is gone (409
/// `booking_conflict`) and the entry waits on.
#[utoipa::path(post, path = "/waitlist/{id}/accept", tag = "waitlist",
    params(("id" = Uuid, Path, description = "The entry"), MaybeKey, MaybeVersion), request_body = Option<AnswerOffer>,
    responses((status = 200, body = Data<WaitlistStanding>)))]
pub async fn accept(State(app): State<App>, step: Step, ask: Option<Json<AnswerOffer>>) -> ApiResult<Reply> {
    match step.as_waiting(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx) => {
            let by = step.caller.user();
            match ask.and_then(|Json(ask)| ask.alternative_id) {
                Some(which) => waitlist::accept_alternative(&mut tx, by, step.id, which.into()).await?,
                None => waitlist::accept(&mut tx, by, step.id).await?,
            };
            step.finish(tx).await
        }
    }
}
