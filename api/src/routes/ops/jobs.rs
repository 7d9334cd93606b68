//! `POST /ops/jobs/{id}/retry` (QUEUE promise 9).

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use domain::{ops, permissions::Permission};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A job that is due again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Retried {
    /// Which.
    id: Uuid,
}

/// Give a dead job all its attempts again
///
/// Only a job of this organization, or of none. Refused while the same work is waiting or running already.
#[utoipa::path(post, path = "/ops/jobs/{id}/retry", tag = "operators",
    params(("id" = Uuid, Path, description = "The job")), responses((status = 200, body = Data<Retried>)))]
pub async fn retry(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::OpsManage).await?;
    ops::retry(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Reply::ok(Retried { id }))
}
