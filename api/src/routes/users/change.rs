//! `PATCH /users/{id}` (C31, D2, D6, D8, D16, V1).

use crate::{
    App,
    caller::Caller,
    conditions::IfMatch,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path, said},
    routes::{
        organizations::members::{Member, shown},
        shared::MaybeVersion,
    },
};
use axum::extract::State;
use domain::{
    ids::{DepartmentId, SiteId, UserId},
    organizations::members::{self, MemberPatch},
    permissions::Permission,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What to change; what is not named stays, null clears a site or a department.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "suspended" }))]
pub struct PatchMember {
    /// `active` or `suspended`.
    status: Option<String>,
    /// Names of roles, all of them. Needs `member:manage`.
    roles: Option<Vec<String>>,
    /// Permissions on top of the roles, all of them. Needs `member:manage`.
    extra_permissions: Option<Vec<String>>,
    /// `standard` or `high`. Needs `member:manage`.
    priority: Option<String>,
    /// The part of the organization they work in; empty for none.
    service: Option<String>,
    /// Their main site.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Uuid>)]
    site_id: Option<Option<SiteId>>,
    /// Their department.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Uuid>)]
    department_id: Option<Option<DepartmentId>>,
}

/// Change a person's place
///
/// Suspending takes `user:edit`; roles, permissions and priority take `member:manage`. Nobody hands out what they do not
/// hold nor raises themselves, whoever manages others is touched only by somebody who holds as much, and an admin remains.
#[utoipa::path(patch, path = "/users/{id}", tag = "people",
    params(("id" = Uuid, Path, description = "The person"), MaybeVersion), request_body = PatchMember,
    responses((status = 200, body = Data<Member>)))]
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
    seen: Option<IfMatch>,
    Json(ask): Json<PatchMember>,
) -> ApiResult<Reply> {
    let needed = match ask.gives() || caller.may(Permission::MemberManage) {
        true => Permission::MemberManage,
        false => Permission::UserEdit,
    };
    let mut tx = caller.begin_as(&app, needed).await?;
    let seen = seen.map(|IfMatch(seen)| seen);
    let member = members::change(&mut tx, &caller.principal, id, seen, &ask.into()).await?;
    tx.commit().await?;
    Ok(shown(member))
}

/// Change a person's place
///
/// The same as `PATCH`.
#[utoipa::path(put, path = "/users/{id}", tag = "people",
    params(("id" = Uuid, Path, description = "The person"), MaybeVersion), request_body = PatchMember,
    responses((status = 200, body = Data<Member>)))]
pub async fn replace(
    app: State<App>,
    caller: Caller,
    id: Path<UserId>,
    seen: Option<IfMatch>,
    ask: Json<PatchMember>,
) -> ApiResult<Reply> {
    change(app, caller, id, seen, ask).await
}

impl PatchMember {
    fn gives(&self) -> bool {
        self.roles.is_some() || self.extra_permissions.is_some() || self.priority.is_some()
    }
}

impl From<PatchMember> for MemberPatch {
    fn from(ask: PatchMember) -> Self {
        let PatchMember { status, roles, extra_permissions, priority, service, site_id, department_id } = ask;
        Self { status, roles, extra_permissions, priority, service, site: site_id, department: department_id }
    }
}
