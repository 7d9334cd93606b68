//! `GET /organizations/{id}/members`, `PUT /organizations/{id}/members/{user_id}/roles` (D2, CX8, CX9). The rest of what
//! can be done to a member stands under `/users`.

use crate::{
    App,
    caller::Person,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Paging,
    routes::users::asked::{self, Asking},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{db::Tx, error::Result, identity, ids::UserId, organizations::members, permissions::Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person in an organization, as those see them who look after its people.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// Who.
    user_id: Uuid,
    /// How they are called.
    #[schema(example = "Awa Koné")]
    full_name: String,
    /// The name they chose.
    username: Option<String>,
    /// Where mail reaches them.
    email: Option<String>,
    /// Where a call reaches them, E.164.
    phone: Option<String>,
    /// `active`, `suspended` or `removed`.
    #[schema(example = "active")]
    status: String,
    /// Their roles.
    #[schema(example = json!(["member", "driver"]))]
    roles: Vec<String>,
    /// Permissions on top of their roles.
    #[schema(example = json!([]))]
    extra_permissions: Vec<String>,
    /// `standard` or `high`.
    #[schema(example = "standard")]
    priority: String,
    /// The part of the organization they work in.
    service: Option<String>,
    /// Their main site.
    site_id: Option<Uuid>,
    /// Their department.
    department_id: Option<Uuid>,
    /// When they joined.
    joined_at: DateTime<Utc>,
    /// When they were removed.
    removed_at: Option<DateTime<Utc>>,
    /// When they last signed in.
    last_login_at: Option<DateTime<Utc>>,
    /// The number in their `ETag`.
    version: i32,
}

/// My place in an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyPlace {
    /// The organization.
    organization_id: Uuid,
    /// My roles there.
    #[schema(example = json!(["member"]))]
    roles: Vec<String>,
    /// What I may do there.
    #[schema(example = json!(["book"]))]
    permissions: Vec<String>,
    /// `standard` or `high`.
    priority: String,
    /// The part of the organization I work in.
    service: Option<String>,
    /// My main site.
    site_id: Option<Uuid>,
    /// My department.
    department_id: Option<Uuid>,
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
    params(("id" = String, Path, description = "Id or slug"), Asking, Paging),
    responses((status = 200, body = List<Member>)))]
pub async fn list(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let filter = asked::filter(&mut asked)?;
    let page = asked.page()?;
    asked.end()?;
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::UserRead).await?;
    let members = members::list(&mut tx, &filter, page).await?;
    Ok(Reply::list(page, members.map(Member::from)))
}

/// Give a member roles
///
/// Nobody hands out a permission they do not hold, nor a role to themselves, and an admin must remain.
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
    Ok(shown(member))
}

/// A member with their version.
pub fn shown(member: members::Member) -> Reply {
    let version = member.version;
    Reply::ok(Member::from(member)).version(version)
}

impl MyPlace {
    /// The place of a member of the transaction's organization.
    pub async fn of(tx: &mut Tx, user: UserId) -> Result<Self> {
        let principal = identity::principal(tx, user).await?;
        let member = members::find(tx, user).await?;
        let mut permissions: Vec<String> = principal.permissions.iter().map(|p| p.code().to_owned()).collect();
        permissions.sort_unstable();
        Ok(Self {
            organization_id: principal.org.into(),
            roles: principal.roles,
            permissions,
            priority: member.priority,
            service: member.service,
            site_id: member.site.map(Uuid::from),
            department_id: member.department.map(Uuid::from),
        })
    }
}

impl From<members::Member> for Member {
    fn from(member: members::Member) -> Self {
        Self {
            user_id: member.user_id.into(),
            full_name: member.full_name,
            username: member.username,
            email: member.email,
            phone: member.phone,
            status: member.status,
            roles: member.roles,
            extra_permissions: member.extra_permissions,
            priority: member.priority,
            service: member.service,
            site_id: member.site.map(Uuid::from),
            department_id: member.department.map(Uuid::from),
            joined_at: member.joined_at,
            removed_at: member.removed_at,
            last_login_at: member.last_login_at,
            version: member.version,
        }
    }
}
