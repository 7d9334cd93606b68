//! `GET /departments`, `GET /departments/{id}` (B13).

use super::view::{Department, replied};
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
use domain::{
    ids::DepartmentId,
    organizations::{
        self,
        departments::{self, Filter},
    },
    permissions::Permission,
};

/// Departments
#[utoipa::path(get, path = "/departments", tag = "organizations",
    params(
        ("q" = Option<String>, Query, description = "A part of the name"),
        ("site_id" = Option<Uuid>, Query, description = "The site it stands on"),
        ("manager_user_id" = Option<Uuid>, Query, description = "Who leads it"),
        ("include_deleted" = Option<bool>, Query, description = "Removed ones too; for who may manage departments"),
        ("sort" = Option<String>, Query, example = "name", description = "`name` or `-name`"),
        Paging
    ),
    responses((status = 200, body = List<Department>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let filter = Filter {
        text: asked.text("q"),
        site: asked.value("site_id", "a site's id")?,
        manager: asked.value("manager_user_id", "a person's id")?,
        include_deleted: asked.flag("include_deleted")?,
        descending: asked.sort(&["name"], "name")?.first().is_some_and(|sort| sort.descending),
    };
    let page = asked.page()?;
    asked.end()?;
    let mut tx = match filter.include_deleted {
        true => caller.begin_as(&app, Permission::DepartmentManage).await?,
        false => caller.begin(&app).await?,
    };
    let currency = organizations::load(&mut tx).await?.currency;
    let listed = departments::list(&mut tx, &filter, page).await?;
    Ok(Reply::list(page, listed.map(|department| Department::shown(department, currency))))
}

/// One department
#[utoipa::path(get, path = "/departments/{id}", tag = "organizations",
    params(("id" = Uuid, Path, description = "The department")), responses((status = 200, body = Data<Department>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<DepartmentId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let department = departments::find(&mut tx, id).await?;
    Ok(replied(&mut tx, department).await?)
}
