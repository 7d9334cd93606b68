//! `POST /policies`.

use super::view::{NewPolicyBody, Policy};
use crate::{
    App,
    caller::Caller,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
};
use axum::extract::State;
use domain::{permissions::Permission, policies};

/// Make a policy
///
/// Rules that are not named are as the kind has them by default.
#[utoipa::path(post, path = "/policies", tag = "inventory", params(MaybeKey), request_body = NewPolicyBody,
    responses((status = 201, body = Data<Policy>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewPolicyBody>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::PolicyManage).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let policy = policies::create(&mut tx, ask.policy()?).await?;
    let (id, version) = (policy.id, policy.version);
    let reply = Reply::created(format!("/api/v1/policies/{id}"), Policy::from(policy)).version(version);
    Ok(reply.commit(tx, key.as_ref()).await?)
}
