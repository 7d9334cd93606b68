//! `POST /auth/register` (C8, CX26).

use super::{identifier, slowly};
use crate::{
    App,
    caller::PublicOrg,
    conditions::IdempotencyKey,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
    openapi::params::MaybeKey,
};
use axum::extract::State;
use domain::identity::{self, NewPerson, password};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody who wants an account. Their role is the organization's default one (CX9).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "awa@example.org", "password": "correct horse battery", "full_name": "Awa Koné" }))]
pub struct Register {
    /// E-mail address; or a phone.
    email: Option<String>,
    /// E.164 phone number; or an e-mail.
    phone: Option<String>,
    /// 8 to 200 characters; without one, codes are the only way in.
    password: Option<String>,
    /// How to call them.
    #[serde(default)]
    full_name: String,
    /// `fr` or `en`; the organization's when unset.
    locale: Option<String>,
}

/// What signing up led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    /// The new person.
    user_id: Uuid,
    /// Whether a code is on its way that proves the phone or mailbox.
    code_sent: bool,
    /// False when the address must be proved before the organization lets them in.
    member: bool,
}

/// Sign up in an organization
#[utoipa::path(post, path = "/auth/register", tag = "access", security(()), params(MaybeKey), request_body = Register,
    responses((status = 201, body = Data<Registered>)))]
pub async fn register(
    State(app): State<App>,
    org: PublicOrg,
    key: Option<IdempotencyKey>,
    Json(ask): Json<Register>,
) -> ApiResult<Reply> {
    let identifier = identifier(ask.email.as_deref(), ask.phone.as_deref())?;
    let password_hash = match ask.password {
        Some(password) => Some(slowly(&app, move || password::hash(&password)).await??),
        None => None,
    };
    let person = NewPerson { identifier, password_hash, full_name: ask.full_name, locale: ask.locale };

    let mut tx = org.begin(&app).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, key.as_ref()).await? {
        return Ok(earlier);
    }
    let registered = identity::register(&mut tx, &person).await?;
    let view =
        Registered { user_id: registered.user.into(), code_sent: registered.code.is_some(), member: registered.member };
    Ok(Reply::created("/api/v1/me", view).commit(tx, key.as_ref()).await?)
}
