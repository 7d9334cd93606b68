//! `POST /waitlist/{id}/refuse` (H10).

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

/// Why staff say no.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// 1 to 1000 characters; the person reads it.
    #[schema(example = "Reserved for the exam week.")]
    reason: String,
}

/// Refuse a wish
///
/// The entry ends, its booking is rejected, and an open offer is withdrawn.
#[utoipa::path(post, path = "/waitlist/{id}/refuse", tag = "waitlist",
    params(("id" = Uuid, Path, description = "The entry"), MaybeKey, MaybeVersion), request_body = Refuse,
    responses((status = 200, body = Data<WaitlistStanding>)))]
pub async fn refuse(State(app): State<App>, step: Step, Json(ask): Json<Refuse>) -> ApiResult<Reply> {
    match step.as_staff(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx) => {
            waitlist::refuse(&mut tx, step.caller.user(), step.id, ask.reason).await?;
            step.finish_as_staff(tx).await
        }
    }
}
