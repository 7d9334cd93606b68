//! `POST /auth/otp/send`, `POST /auth/otp/verify` (C20, L22).

use super::{SignedIn, identifier};
use crate::{
    App,
    caller::{Origin, Person, PublicOrg},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
};
use axum::extract::State;
use domain::{
    db::Tx,
    error::Result,
    identity::{self, Identifier, Purpose as Why},
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Sign in without a password.
    SignIn,
    /// Prove a phone number.
    VerifyPhone,
    /// Prove an e-mail address.
    VerifyEmail,
}

impl From<Purpose> for Why {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::SignIn => Self::SignIn,
            Purpose::VerifyPhone => Self::VerifyPhone,
            Purpose::VerifyEmail => Self::VerifyEmail,
        }
    }
}

/// Where to send a code, and what for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendCode {
    /// E-mail address; or a phone.
    email: Option<String>,
    /// E.164 phone number; or an e-mail.
    #[schema(example = "+2250700000001")]
    phone: Option<String>,
    /// What it is for.
    purpose: Purpose,
}

/// A code on its way, if the name is known here; the answer does not tell whether it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeSent {
    /// Seconds the code is good for.
    #[schema(example = 600)]
    expires_in: u64,
}

/// A code as it was received.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyCode {
    /// E-mail address; or a phone.
    email: Option<String>,
    /// E.164 phone number; or an e-mail.
    #[schema(example = "+2250700000001")]
    phone: Option<String>,
    /// What it is for.
    purpose: Purpose,
    /// Six digits.
    #[schema(example = "123456")]
    code: String,
    /// What the list of sessions calls this device.
    device_label: Option<String>,
}

/// What a right code opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeAccepted {
    /// Always true.
    verified: bool,
    /// The sign-in, when that was the purpose.
    session: Option<SignedIn>,
}

const CODE_SECONDS: u64 = 600;

impl CodeSent {
    /// What is said of a code that was just written.
    pub(super) fn now() -> Self {
        Self { expires_in: CODE_SECONDS }
    }
}

/// Send a one-time code
///
/// Three codes in ten minutes; then 429 with `Retry-After`.
#[utoipa::path(post, path = "/auth/otp/send", tag = "access", security(()), request_body = SendCode,
    responses((status = 200, body = Data<CodeSent>)))]
pub async fn send(
    State(app): State<App>,
    origin: Origin,
    org: Option<PublicOrg>,
    Json(ask): Json<SendCode>,
) -> ApiResult<Reply> {
    let target = identifier(ask.email.as_deref(), ask.phone.as_deref())?;
    let mut tx = origin.begin_in(&app, org.as_ref()).await?;
    identity::send_code(&mut tx, &target, ask.purpose.into()).await?;
    tx.commit().await?;
    Ok(Reply::ok(CodeSent::now()))
}

/// Try a one-time code
///
/// Three wrong tries in ten minutes; then 429 with `Retry-After`. To prove an address of an account that has a password,
/// sign in first.
#[utoipa::path(post, path = "/auth/otp/verify", tag = "access", security(()), request_body = VerifyCode,
    responses((status = 200, body = Data<CodeAccepted>)))]
pub async fn verify(
    State(app): State<App>,
    origin: Origin,
    org: Option<PublicOrg>,
    person: Option<Person>,
    Json(ask): Json<VerifyCode>,
) -> ApiResult<Reply> {
    let target = identifier(ask.email.as_deref(), ask.phone.as_deref())?;
    let mut tx = origin.begin_in(&app, org.as_ref()).await?;
    if !matches!(ask.purpose, Purpose::SignIn) {
        must_know_the_password(&mut tx, &target, person.as_ref()).await?;
    }
    let verified = identity::verify_code(&mut tx, &target, ask.purpose.into(), &ask.code).await?;
    // a wrong try counts only once it is committed
    tx.commit().await?;
    let user = verified.accepted()?;
    let session = match (ask.purpose, user) {
        (Purpose::SignIn, Some(user)) => {
            let mut tx = origin.begin(&app).await?;
            let tokens = identity::open_session(&mut tx, user, &["otp"], ask.device_label.as_deref()).await?;
            let signed_in = SignedIn::new(&app, &mut tx, user, tokens).await?;
            tx.commit().await?;
            Some(signed_in)
        }
        (Purpose::SignIn, None) => return Err(Refusal::CodeExpired.into()),
        _ => None,
    };
    Ok(Reply::ok(CodeAccepted { verified: true, session }))
}

/// Whoever registered somebody else's number with a password of their own must not be handed the number's owner: the
/// proof of an address counts for an account with a password only from within that account. The owner comes in by a
/// `sign_in` code, which ends what the stranger left there.
async fn must_know_the_password(tx: &mut Tx, target: &Identifier, person: Option<&Person>) -> Result<()> {
    match identity::find_credential(tx, target).await?.credential {
        Some(credential) if person.is_none_or(|person| person.user != credential.user) => {
            Err(Refusal::AuthRequired.into())
        }
        _ => Ok(()),
    }
}
