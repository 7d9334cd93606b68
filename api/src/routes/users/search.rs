//! `GET /users/search` (C32).

use super::profile::{PublicProfile, may_look};
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{organizations::members, permissions::Permission, refusals::Refusal};
use utoipa::IntoParams;

/// Whom to look for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Asking {
    /// 2 to 100 characters of a name or username.
    #[param(example = "awa")]
    q: String,
}

/// Look somebody up by name
///
/// Where the organization's setting `people_search` lets members do so. The one who asks is not among the answers.
#[utoipa::path(get, path = "/users/search", tag = "people", params(Asking, Paging),
    responses((status = 200, body = List<PublicProfile>)))]
pub async fn search(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let text = asked.text("q").ok_or_else(|| Refusal::invalid("q", "say whom to look for"))?;
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    if !may_look(&mut tx, &caller).await? {
        return Err(Refusal::Forbidden { permission: Permission::UserRead.code() }.into());
    }
    let found = members::look_up(&mut tx, caller.user(), &text, page).await?;
    Ok(Reply::list(page, found.map(PublicProfile::from)))
}
