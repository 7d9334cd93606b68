//! `GET /fines` (SN7).

use super::view::Fine;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{List, Reply},
    error::ApiResult,
    openapi::params::Paging,
};
use axum::extract::State;
use domain::{
    fines::{self, Filter, Status},
    ids::UserId,
    paging::Listed,
    permissions::Permission,
};

/// Fines
///
/// Newest first: mine, or everybody's for who may waive them.
#[utoipa::path(get, path = "/fines", tag = "money",
    params(
        ("user" = Option<String>, Query, example = "me", description = "`me`: only mine, whatever I may see"),
        ("user_id" = Option<String>, Query, description = "Only this person's, for staff"),
        ("status" = Option<String>, Query, example = "due", description = "`due`, `paid`, `waived`, or several after `in:`"),
        Paging
    ),
    responses((status = 200, body = List<Fine>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let mine = !asked.words("user", &["me"])?.is_empty();
    let other = asked.value::<UserId>("user_id", "an id")?;
    let statuses = asked.words("status", Status::CODES)?;
    let page = asked.page()?;
    asked.end()?;
    let staff = caller.may(Permission::FineWaive) && !mine || other.is_some_and(|user| user != caller.user());
    let (mut tx, user) = if staff {
        (caller.begin_as(&app, Permission::FineWaive).await?, other)
    } else {
        (caller.begin(&app).await?, Some(caller.user()))
    };
    let filter = Filter { user, statuses, offset: page.offset, limit: page.limit };
    let (fines, total) = fines::list(&mut tx, filter).await?;
    let items = fines.into_iter().map(Fine::from).collect();
    Ok(Reply::list(page, Listed { items, total }))
}
