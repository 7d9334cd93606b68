//! `POST /waitlist/{id}/offer` (H5, H10).

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

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arbitrate {
    /// At most 1000 characters; needed to pass others who fit, and audited.
    #[schema(example = "Exam on Friday; agreed with the two in front.")]
    pub(super) reason: Option<String>,
}

/// Offer what is free to this entry
///
/// To the next in line without more; past others only with a reason.
#[utoipa::path(post, path = "/waitlist/{id}/offer", tag = "waitlist",
    params(("id" = Uuid, Path, description = "The entry"), MaybeKey, MaybeVersion), request_body = Option<Arbitrate>,
    responses((status = 200, body = Data<WaitlistStanding>)))]
pub async fn offer(State(app): State<App>, step: Step, ask: Option<Json<Arbitrate>>) -> ApiResult<Reply> {
    match step.as_staff(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx) => {
            let reason = ask.and_then(|Json(ask)| ask.reason);
            waitlist::offer(&mut tx, step.caller.user(), step.id, reason).await?;
            step.finish_as_staff(tx).await
        }
    }
}
