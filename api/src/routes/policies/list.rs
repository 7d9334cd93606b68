//! `GET /policies`, `GET /policies/{id}`: who books may read the rules.

use super::view::{Policy, shown};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{ids::PolicyId, policies};

/// Policies
#[utoipa::path(get, path = "/policies", tag = "inventory", params(Paging),
    responses((status = 200, body = List<Policy>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    Ok(Reply::list(page, policies::list(&mut tx, page).await?.map(Policy::from)))
}

/// One policy
#[utoipa::path(get, path = "/policies/{id}", tag = "inventory",
    params(("id" = Uuid, Path, description = "The policy")), responses((status = 200, body = Data<Policy>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<PolicyId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    Ok(shown(policies::find(&mut tx, id).await?))
}
