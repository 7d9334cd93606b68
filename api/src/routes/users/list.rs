//! `GET /users` (V1, C34).

use super::asked::{Asking, filter};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
    routes::organizations::members::Member,
};
use axum::extract::State;
use domain::{organizations::members, permissions::Permission};

/// The people of an organization
#[utoipa::path(get, path = "/users", tag = "people", params(Asking, Paging),
    responses((status = 200, body = List<Member>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let filter = filter(&mut asked)?;
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::UserRead).await?;
    let members = members::list(&mut tx, &filter, page).await?;
    Ok(Reply::list(page, members.map(Member::from)))
}
