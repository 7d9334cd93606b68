//! `GET, POST /organizations/{id}/roles`, `PATCH, DELETE /organizations/{id}/roles/{name}` (D-group, CX8).

use crate::{
    App,
    caller::Person,
    conditions::IfMatch,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    routes::shared::MaybeVersion,
};
use axum::extract::State;
use domain::{
    organizations::roles::{self, Gives, NewRole, RolePatch},
    permissions::Permission,
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A bundle of permissions under a name of the organization's own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Role {
    /// Its name.
    #[schema(example = "night_shift")]
    name: String,
    /// What it is for.
    description: String,
    /// What it gives. The built-in role `admin` gives everything.
    #[schema(example = json!(["book", "booking:arbitrate"]))]
    permissions: Vec<String>,
    /// How many people have it.
    members: i64,
    /// The number in its `ETag`.
    version: i32,
}

/// A role to be: from a list of permissions or from a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "night_shift", "permissions": ["book", "booking:arbitrate"] }))]
pub struct CreateRole {
    /// 2 to 41 small letters and underscores, the first a letter.
    name: String,
    /// At most 200 characters.
    #[serde(default)]
    description: String,
    /// What it gives; or a template.
    permissions: Option<Vec<String>>,
    /// `member`, `driver`, `staff`, `manager`, `support`, `finance` or `compliance`; or permissions.
    template: Option<String>,
}

/// What to change; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "permissions": ["book"] }))]
pub struct PatchRole {
    /// At most 200 characters.
    description: Option<String>,
    /// What it gives from now on, all of it.
    permissions: Option<Vec<String>>,
}

/// The roles of an organization
#[utoipa::path(get, path = "/organizations/{id}/roles", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug")), responses((status = 200, body = List<Role>)))]
pub async fn list(State(app): State<App>, person: Person, Path(id): Path<String>) -> ApiResult<Reply> {
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::UserRead).await?;
    let roles = roles::list(&mut tx).await?;
    Ok(Reply::ok(roles.into_iter().map(Role::from).collect::<Vec<_>>()))
}

/// Make a role
///
/// It may give nothing its maker does not hold.
#[utoipa::path(post, path = "/organizations/{id}/roles", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug")), request_body = CreateRole,
    responses((status = 201, body = Data<Role>)))]
pub async fn create(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Json(ask): Json<CreateRole>,
) -> ApiResult<Reply> {
    let gives = match (ask.permissions, ask.template) {
        (Some(permissions), None) => Gives::Permissions(permissions),
        (None, Some(template)) => Gives::Template(template),
        _ => return Err(Refusal::invalid("permissions", "give permissions or a template, and not both").into()),
    };
    let new = NewRole { name: ask.name, description: ask.description, gives };
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::MemberManage).await?;
    let role = roles::create(&mut tx, &caller.principal, &new).await?;
    tx.commit().await?;
    let (location, version) = (format!("/api/v1/organizations/{id}/roles/{}", role.name), role.version);
    Ok(Reply::created(location, Role::from(role)).version(version))
}

/// Change a role
///
/// For everybody who has it, at once. The built-in role `admin` is not changed.
#[utoipa::path(patch, path = "/organizations/{id}/roles/{name}", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"), ("name" = String, Path, description = "The role"),
        MaybeVersion),
    request_body = PatchRole, responses((status = 200, body = Data<Role>)))]
pub async fn change(
    State(app): State<App>,
    person: Person,
    Path((id, name)): Path<(String, String)>,
    seen: Option<IfMatch>,
    Json(ask): Json<PatchRole>,
) -> ApiResult<Reply> {
    let patch = RolePatch { description: ask.description, permissions: ask.permissions };
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::MemberManage).await?;
    let role = roles::change(&mut tx, &caller.principal, &name, seen.map(|IfMatch(seen)| seen), &patch).await?;
    tx.commit().await?;
    let version = role.version;
    Ok(Reply::ok(Role::from(role)).version(version))
}

/// Change a role
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/organizations/{id}/roles/{name}", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"), ("name" = String, Path, description = "The role"),
        MaybeVersion),
    request_body = PatchRole, responses((status = 200, body = Data<Role>)))]
pub async fn replace(
    app: State<App>,
    person: Person,
    path: Path<(String, String)>,
    seen: Option<IfMatch>,
    ask: Json<PatchRole>,
) -> ApiResult<Reply> {
    change(app, person, path, seen, ask).await
}

/// Remove a role
///
/// Only one that nobody has, newcomers do not get, and no open invitation gives.
#[utoipa::path(delete, path = "/organizations/{id}/roles/{name}", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"), ("name" = String, Path, description = "The role")),
    responses((status = 200, body = Data<Role>)))]
pub async fn remove(
    State(app): State<App>,
    person: Person,
    Path((id, name)): Path<(String, String)>,
) -> ApiResult<Reply> {
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::MemberManage).await?;
    let role = roles::remove(&mut tx, &name).await?;
    tx.commit().await?;
    Ok(Reply::ok(Role::from(role)))
}

impl From<roles::Role> for Role {
    fn from(role: roles::Role) -> Self {
        let roles::Role { name, description, permissions, members, version } = role;
        Self { name, description, permissions, members, version }
    }
}
