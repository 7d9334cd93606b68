//! `GET, POST /organizations/{id}/invitations`, `DELETE /organizations/{id}/invitations/{invitation_id}` (SN4, L24).

use crate::{
    App,
    caller::Person,
    conditions::{Asked, IdempotencyKey},
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{MaybeKey, Paging},
    routes::auth::identifier,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    ids::InvitationId,
    organizations::invitations::{self, NewInvitation, STATES},
    permissions::Permission,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A way in for one address. Its code is only in the letter.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    id: Uuid,
    /// `email` or `phone`.
    #[schema(example = "email")]
    contact_kind: String,
    /// For whom.
    #[schema(example = "awa@example.org")]
    contact: String,
    /// The role it gives.
    #[schema(example = "member")]
    role: String,
    /// `open`, `accepted`, `revoked` or `expired`.
    #[schema(example = "open")]
    status: String,
    /// How its letter stands: `none`, `queued`, `sending`, `sent` or `failed`.
    #[schema(example = "queued")]
    letter: String,
    /// Who invited; nobody when a list was read in.
    invited_by: Option<Uuid>,
    /// Until when it is good.
    expires_at: DateTime<Utc>,
    /// When it was used.
    accepted_at: Option<DateTime<Utc>>,
    /// By whom.
    accepted_by: Option<Uuid>,
    /// When it was withdrawn.
    revoked_at: Option<DateTime<Utc>>,
    /// When it was written.
    created_at: DateTime<Utc>,
}

/// Somebody who is to come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "aya@example.org", "role": "member" }))]
pub struct Invite {
    /// E-mail address; or a phone.
    email: Option<String>,
    /// E.164 phone number; or an e-mail.
    phone: Option<String>,
    /// A role of the organization that gives nothing you do not hold; its default role when unset.
    role: Option<String>,
    /// Language of the letter, `fr` or `en`; the organization's when unset.
    locale: Option<String>,
    /// 1 to 365; 7 for a letter and 365 for a place on the list when unset.
    expires_in_days: Option<i64>,
    /// False puts them on the list of those who may sign up and prove their address, without a letter.
    #[serde(default = "yes")]
    letter: bool,
}

fn yes() -> bool {
    true
}

/// Which invitations to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Asking {
    /// `open`, `accepted`, `revoked`, `expired`, or several: `in:open,expired`.
    status: Option<String>,
}

/// Who was invited
#[utoipa::path(get, path = "/organizations/{id}/invitations", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"), Asking, Paging),
    responses((status = 200, body = List<Invitation>)))]
pub async fn list(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let states = asked.words("status", &STATES)?;
    let page = asked.page()?;
    asked.end()?;
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::MemberManage).await?;
    let listed = invitations::list(&mut tx, &states, page).await?;
    Ok(Reply::list(page, listed.map(Invitation::from)))
}

/// Invite somebody
///
/// A letter with a code goes out by e-mail or SMS. The code is good once: at `/auth/register` for somebody new, at
/// `/auth/join` for somebody signed in, whatever the organization's registration says.
#[utoipa::path(post, path = "/organizations/{id}/invitations", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"), MaybeKey), request_body = Invite,
    responses((status = 201, body = Data<Invitation>)))]
pub async fn create(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Invite>,
) -> ApiResult<Reply> {
    let contact = identifier(ask.email.as_deref(), ask.phone.as_deref())?;
    let new =
        NewInvitation { contact, role: ask.role, locale: ask.locale, days: ask.expires_in_days, letter: ask.letter };
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::MemberManage).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let invitation = invitations::create(&mut tx, Some(&caller.principal), &new).await?;
    let location = format!("/api/v1/organizations/{id}/invitations");
    Ok(Reply::created(location, Invitation::from(invitation)).commit(tx, key.as_ref()).await?)
}

/// Withdraw an invitation
#[utoipa::path(delete, path = "/organizations/{id}/invitations/{invitation_id}", tag = "organizations",
    params(("id" = String, Path, description = "Id or slug"),
        ("invitation_id" = Uuid, Path, description = "The invitation")),
    responses((status = 200, body = Data<Invitation>)))]
pub async fn revoke(
    State(app): State<App>,
    person: Person,
    Path((id, invitation)): Path<(String, InvitationId)>,
) -> ApiResult<Reply> {
    let caller = person.enter(&app, &id).await?;
    let mut tx = caller.begin_as(&app, Permission::MemberManage).await?;
    let revoked = invitations::revoke(&mut tx, invitation).await?;
    tx.commit().await?;
    Ok(Reply::ok(Invitation::from(revoked)))
}

impl From<invitations::Invitation> for Invitation {
    fn from(invitation: invitations::Invitation) -> Self {
        Self {
            id: invitation.id.into(),
            contact_kind: invitation.contact.kind().to_owned(),
            contact: invitation.contact.value().to_owned(),
            role: invitation.role,
            status: invitation.state,
            letter: invitation.letter,
            invited_by: invitation.invited_by.map(Into::into),
            expires_at: invitation.expires_at,
            accepted_at: invitation.accepted_at,
            accepted_by: invitation.accepted_by.map(Into::into),
            revoked_at: invitation.revoked_at,
            created_at: invitation.created_at,
        }
    }
}
