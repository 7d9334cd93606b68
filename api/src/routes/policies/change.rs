//! `PATCH, DELETE /policies/{id}` (T14).

use super::view::{PatchPolicy, Policy, shown};
use crate::{
    App,
    caller::Caller,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Version,
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::{ids::PolicyId, permissions::Permission, policies};

/// Change a policy
///
/// Bookings made before keep the rules they were made under.
#[utoipa::path(patch, path = "/policies/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The policy"), Version), request_body = PatchPolicy,
    responses((status = 200, body = Data<Policy>)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PolicyId>,
    IfMatch(seen): IfMatch,
    Json(ask): Json<PatchPolicy>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PolicyManage).await?;
    let policy = policies::update(&mut tx, id, seen, ask.into()).await?;
    tx.commit().await?;
    Ok(shown(policy))
}

/// Remove a policy
///
/// Refused while resources name it.
#[utoipa::path(delete, path = "/policies/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The policy"), MaybeVersion),
    responses((status = 200, body = Data<Policy>)))]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PolicyId>,
    seen: Option<IfMatch>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PolicyManage).await?;
    let policy = policies::remove(&mut tx, id, seen.map(|IfMatch(seen)| seen)).await?;
    tx.commit().await?;
    Ok(shown(policy))
}
