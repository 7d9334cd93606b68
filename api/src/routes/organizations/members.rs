//! `GET /organizations/{id}/members`, `PUT /organizations/{id}/members/{user_id}/roles` (D2, CX8, CX9).

use crate::{
    App,
    caller::Person,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Paging,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{ids::UserId, organizations::members, permissions::Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person in an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// Who.
    user_id: Uuid,
    /// How they are called.
    full_name: String,
    /// `active` or `suspended`.
    status: String,
    /// Their roles.
    #[schema(example = json!(["member", "driver"]))]
    roles: Vec<String>,
    /// When they joined.
    joined_at: DateTime<Utc>,
}

/// The roles a member is to have, all of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRoles {
    /// Names of roles of the organization.
    #[schema(example = json!(["member", "driver"]))]
    roles: Vec<String>,
}

/// Who belongs to an organization
#[utoipa::path(get, path = "/organizations/{id}/members", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"), Paging), responses((status = 200, body = List<Member>)))]
pub async fn list(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::UserRead).await?;
    let members = members::list(&mut tx, page).await?;
    Ok(Reply::list(page, members.map(Member::from)))
}

/// Give a member roles
///
/// Nobody hands out a permission they do not hold, and somebody must remain who can hand out roles.
#[utoipa::path(put, path = "/organizations/{id}/members/{user_id}/roles", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"), ("user_id" = Uuid, Path, description = "The member")),
    request_body = SetRoles, responses((status = 200, body = Data<Member>)))]
pub async fn set_roles(
    State(app): State<App>,
    person: Person,
    Path((id, user)): Path<(String, UserId)>,
    Json(ask): Json<SetRoles>,
) -> ApiResult<Reply> {
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::MemberManage).await?;
    let member = members::set_roles(&mut tx, &caller.principal, user, &ask.roles).await?;
    tx.commit().await?;
    Ok(Reply::ok(Member::from(member)))
}

impl From<members::Member> for Member {
    fn from(member: members::Member) -> Self {
        let members::Member { user_id, full_name, status, roles, joined_at } = member;
        Self { user_id: user_id.into(), full_name, status, roles, joined_at }
    }
}
