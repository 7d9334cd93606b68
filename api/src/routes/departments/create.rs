//! `POST /departments` (B13, B14).

use super::view::{Department, NewDepartment};
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
use domain::{
    organizations::{self, departments},
    permissions::Permission,
};

/// Make a department
///
/// Its manager must hold `department:manage`, as managers and admins do.
#[utoipa::path(post, path = "/departments", tag = "organizations", params(MaybeKey), request_body = NewDepartment,
    responses((status = 201, body = Data<Department>)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Option<IdempotencyKey>,
    Json(ask): Json<NewDepartment>,
) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::DepartmentManage).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let department = departments::create(&mut tx, ask.facts(caller.user())).await?;
    let currency = organizations::load(&mut tx).await?.currency;
    let (id, version) = (department.id, department.version);
    let view = Department::shown(department, currency);
    let reply = Reply::created(format!("/api/v1/departments/{id}"), view).version(version);
    Ok(reply.commit(tx, key.as_ref()).await?)
}
