//! `DELETE /users/{id}`, `POST /users/{id}/restore` (C34, D8).

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

/// Remove a person from an organization
///
/// Nothing of theirs is erased, and they may be taken back. Everybody may remove themselves.
#[utoipa::path(delete, path = "/users/{id}", tag = "people", params(("id" = Uuid, Path, description = "The person")),
    responses((status = 200, body = Data<Member>)))]
pub async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> ApiResult<Reply> {
    let mut tx = if id == caller.user() {
        caller.begin(&app).await?
    } else {
        caller.begin_as(&app, Permission::MemberManage).await?
    };
    let member = members::remove(&mut tx, &caller.principal, id).await?;
    tx.commit().await?;
    Ok(shown(member))
}

/// Take a removed person back
///
/// In the place they had.
#[utoipa::path(post, path = "/users/{id}/restore", tag = "people",
    params(("id" = Uuid, Path, description = "The person")), responses((status = 200, body = Data<Member>)))]
pub async fn restore(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::MemberManage).await?;
    let member = members::restore(&mut tx, &caller.principal, id).await?;
    tx.commit().await?;
    Ok(shown(member))
}
