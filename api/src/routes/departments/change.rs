//! `PATCH, PUT, DELETE /departments/{id}`, `POST /departments/{id}/restore` (B13, B14, CX13, CX14, CX24).

use super::view::{Department, PatchDepartment, replied};
use crate::{
    App,
    caller::Caller,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::{ids::DepartmentId, organizations::departments, permissions::Permission};

/// Change a department
#[utoipa::path(patch, path = "/departments/{id}", tag = "organizations",
    params(("id" = Uuid, Path, description = "The department"), MaybeVersion), request_body = PatchDepartment,
    responses((status = 200, body = Data<Department>)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DepartmentId>,
    seen: Option<IfMatch>,
    Json(ask): Json<PatchDepartment>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::DepartmentManage).await?;
    let department =
        departments::update(&mut tx, id, seen.map(|IfMatch(seen)| seen), |before| ask.onto(before)).await?;
    let reply = replied(&mut tx, department).await?;
    tx.commit().await?;
    Ok(reply)
}

/// Change a department
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/departments/{id}", tag = "organizations",
    params(("id" = Uuid, Path, description = "The department"), MaybeVersion), request_body = PatchDepartment,
    responses((status = 200, body = Data<Department>)))]
pub async fn replace(
    app: State<App>,
    caller: Caller,
    id: Path<DepartmentId>,
    seen: Option<IfMatch>,
    ask: Json<PatchDepartment>,
) -> ApiResult<Reply> {
    update(app, caller, id, seen, ask).await
}

/// Remove a department
///
/// Refused while people belong to it. It can be restored.
#[utoipa::path(delete, path = "/departments/{id}", tag = "organizations",
    params(("id" = Uuid, Path, description = "The department"), MaybeVersion),
    responses((status = 200, body = Data<Department>)))]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DepartmentId>,
    seen: Option<IfMatch>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::DepartmentManage).await?;
    let department = departments::remove(&mut tx, id, seen.map(|IfMatch(seen)| seen)).await?;
    let reply = replied(&mut tx, department).await?;
    tx.commit().await?;
    Ok(reply)
}

/// Restore a removed department
#[utoipa::path(post, path = "/departments/{id}/restore", tag = "organizations",
    params(("id" = Uuid, Path, description = "The department")), responses((status = 200, body = Data<Department>)))]
pub async fn restore(State(app): State<App>, caller: Caller, Path(id): Path<DepartmentId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::DepartmentManage).await?;
    let department = departments::restore(&mut tx, id).await?;
    let reply = replied(&mut tx, department).await?;
    tx.commit().await?;
    Ok(reply)
}
