//! `POST /waitlist/{id}/propose` (H10, SN16).

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
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::waitlist::{self, Proposal};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something else.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    /// What; the same thing at another time will do.
    resource_id: Uuid,
    /// First instant.
    start_at: DateTime<Utc>,
    /// First instant after.
    end_at: DateTime<Utc>,
    /// 1 to 1000 characters; the person reads it.
    #[schema(example = "The same camera, one day later.")]
    reason: String,
}

/// Propose something else
///
/// It holds nothing: the person accepts it while it is free, or waits on. At most five are open.
#[utoipa::path(post, path = "/waitlist/{id}/propose", tag = "waitlist",
    params(("id" = Uuid, Path, description = "The entry"), MaybeKey), request_body = Propose,
    responses((status = 200, body = Data<WaitlistStanding>)))]
pub async fn propose(State(app): State<App>, step: Step, Json(ask): Json<Propose>) -> ApiResult<Reply> {
    match step.as_proposer(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx) => {
            let proposal = Proposal {
                by: step.caller.user(),
                resource: ask.resource_id.into(),
                start_at: ask.start_at,
                end_at: ask.end_at,
                reason: ask.reason,
            };
            waitlist::propose(&mut tx, step.id, proposal).await?;
            step.finish_as_staff(tx).await
        }
    }
}
