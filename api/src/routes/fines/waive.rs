//! `POST /fines/{id}/waive` (SN7).

use super::view::Fine;
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::MaybeKey,
};
use axum::extract::State;
use domain::{fines, ids::FineId, permissions::Permission};
use serde::Deserialize;
use utoipa::ToSchema;

/// Why a fine is forgiven.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Waive {
    /// 1 to 1000 characters.
    #[schema(example = "The library was closed")]
    reason: String,
}

/// Forgive a fine
///
/// Nothing is owed any more; an open payment of it is closed.
#[utoipa::path(post, path = "/fines/{id}/waive", tag = "money",
    params(("id" = Uuid, Path, description = "The fine"), MaybeKey), request_body = Waive,
    responses((status = 200, body = Data<Fine>)))]
pub async fn waive(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<FineId>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Waive>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::FineWaive).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let fine = fines::waive(&mut tx, caller.user(), id, ask.reason).await?;
    let version = fine.version;
    Ok(Reply::ok(Fine::from(fine)).version(version).commit(tx, key.as_ref()).await?)
}
