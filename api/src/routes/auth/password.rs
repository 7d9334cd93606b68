//! `POST /auth/password/{forgot,reset,change}` (SN3).

use super::{identifier, otp::CodeSent, slowly};
use crate::{
    App,
    caller::{Origin, Person, PublicOrg},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
};
use axum::extract::State;
use domain::{
    identity::{self, Known, Purpose, password},
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who cannot get in any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "awa@example.org" }))]
pub struct Forgot {
    /// E-mail address; or a phone.
    email: Option<String>,
    /// E.164 phone number; or an e-mail.
    phone: Option<String>,
}

/// A code as it was received, and the password to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "awa@example.org", "code": "123456", "password": "correct horse battery" }))]
pub struct Reset {
    /// E-mail address; or a phone.
    email: Option<String>,
    /// E.164 phone number; or an e-mail.
    phone: Option<String>,
    /// Six digits.
    code: String,
    /// 8 to 200 characters.
    password: String,
}

/// The password as it is and as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The password as it is.
    #[schema(example = "correct horse battery")]
    current_password: String,
    /// 8 to 200 characters.
    #[schema(example = "correct horse battery staple")]
    new_password: String,
}

/// A password that was changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changed {
    /// Always true.
    changed: bool,
    /// Sessions that ended with the old password.
    #[schema(example = 2)]
    sessions_ended: u64,
}

/// A password that was reset.
#[derive(Debug, Serialize, ToSchema)]
pub struct WasReset {
    /// Always true: sign in with it. Every session ended.
    reset: bool,
}

/// Send a code that lets somebody choose a new password
///
/// The answer does not tell whether there is such an account. Three codes in ten minutes; then 429 with `Retry-After`.
#[utoipa::path(post, path = "/auth/password/forgot", tag = "access", security(()), request_body = Forgot,
    responses((status = 200, body = Data<CodeSent>)))]
pub async fn forgot(
    State(app): State<App>,
    origin: Origin,
    org: Option<PublicOrg>,
    Json(ask): Json<Forgot>,
) -> ApiResult<Reply> {
    let target = identifier(ask.email.as_deref(), ask.phone.as_deref())?;
    let mut tx = origin.begin_in(&app, org.as_ref()).await?;
    identity::send_code(&mut tx, &target, Purpose::ResetPassword).await?;
    tx.commit().await?;
    Ok(Reply::ok(CodeSent::now()))
}

/// Choose a new password with a code
///
/// The code is good once, for ten minutes. Every session ends, whoever opened it.
#[utoipa::path(post, path = "/auth/password/reset", tag = "access", security(()), request_body = Reset,
    responses((status = 200, body = Data<WasReset>)))]
pub async fn reset(State(app): State<App>, origin: Origin, Json(ask): Json<Reset>) -> ApiResult<Reply> {
    let target = identifier(ask.email.as_deref(), ask.phone.as_deref())?;
    // before anybody knows whether the code is right, so that the time it takes does not tell
    let new_hash = slowly(&app, move || password::hash(&ask.password)).await??;
    let mut tx = origin.begin(&app).await?;
    let verified = identity::reset_password(&mut tx, &target, &ask.code, &new_hash).await?;
    // a wrong try counts only once it is committed
    tx.commit().await?;
    verified.accepted()?;
    Ok(Reply::ok(WasReset { reset: true }))
}

/// Change my password
///
/// Every other session ends; this one goes on. Who has no password yet asks for a code at `/auth/password/forgot`.
#[utoipa::path(post, path = "/auth/password/change", tag = "access", request_body = Change,
    responses((status = 200, body = Data<Changed>)))]
pub async fn change(State(app): State<App>, person: Person, Json(ask): Json<Change>) -> ApiResult<Reply> {
    password::check(&ask.new_password)?;
    let mut tx = person.begin(&app).await?;
    let credential = identity::my_credential(&mut tx, person.user).await?;
    tx.commit().await?;

    let known = Known { credential: Some(credential), some_brought_along: false };
    let Change { current_password, new_password } = ask;
    let proof = slowly(&app, move || password::prove(&known, &current_password)).await??;
    let proof = proof.ok_or(Refusal::BadCredentials)?;
    let new_hash = slowly(&app, move || password::hash(&new_password)).await??;

    let mut tx = person.begin_at_home(&app).await?;
    let ended = identity::change_password(&mut tx, &proof.credential, person.session, &new_hash).await?;
    tx.commit().await?;
    Ok(Reply::ok(Changed { changed: true, sessions_ended: ended }))
}
