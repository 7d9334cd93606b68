//! `DELETE /waitlist/{id}` (SN15).

use super::{
    step::{Step, Taken},
    view::WaitlistStanding,
};
use crate::{
    App,
    envelope::{Data, Reply},
    error::ApiResult,
    openapi::params::MaybeKey,
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::waitlist;

/// Leave the waitlist
///
/// At any time; an open offer passes to the next at once. The booking that waited is cancelled.
#[utoipa::path(delete, path = "/waitlist/{id}", tag = "waitlist",
    params(("id" = Uuid, Path, description = "The entry"), MaybeKey, MaybeVersion),
    responses((status = 200, body = Data<WaitlistStanding>)))]
pub async fn leave(State(app): State<App>, step: Step) -> ApiResult<Reply> {
    match step.as_waiting(&app).await? {
        Taken::Earlier(reply) => Ok(reply),
        Taken::Now(mut tx) => {
            waitlist::leave(&mut tx, step.caller.user(), step.id).await?;
            step.finish(tx).await
        }
    }
}
