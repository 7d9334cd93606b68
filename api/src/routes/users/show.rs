//! `GET /users/{id}` (V1, C30).

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
    routes::organizations::members::{Member, shown},
};
use axum::extract::State;
use domain::{ids::UserId, organizations::members, permissions::Permission};

/// One person of an organization
///
/// For those who look after its people; everybody sees themselves.
#[utoipa::path(get, path = "/users/{id}", tag = "people", params(("id" = Uuid, Path, description = "The person")),
    responses((status = 200, body = Data<Member>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> ApiResult<Reply> {
    let mut tx = if id == caller.user() {
        caller.begin(&app).await?
    } else {
        caller.begin_as(&app, Permission::UserRead).await?
    };
    Ok(shown(members::find(&mut tx, id).await?))
}
