//! `POST /auth/login` (C12, C13, CX7).

use super::{ExpectsSessionToken, SignedIn, slowly};
use crate::{
    App,
    caller::Origin,
    envelope::{Data, Reply},
    error::{ApiError, ApiResult},
    extract::Json,
};
use axum::extract::State;
use domain::{
    db::Tx,
    error::Error,
    identity::{self, Identifier, password},
    ids::UserId,
    refusals::Refusal,
};
use http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;

/// A name and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// E-mail address, E.164 phone number or username.
    #[schema(example = "awa@example.org")]
    identifier: String,
    /// The password.
    #[schema(example = "correct horse battery")]
    password: String,
    /// What the list of sessions calls this device.
    #[schema(example = "Awa's phone")]
    device_label: Option<String>,
    /// True: also a token that is good for a day by itself, in the answer and as a browser's cookie.
    #[serde(default)]
    session_token: bool,
}

/// Sign in with a password
///
/// An unknown name and a wrong password get the same answer after the same time.
#[utoipa::path(post, path = "/auth/login", tag = "access", security(()), request_body = Login,
    responses((status = 200, body = Data<SignedIn>)))]
pub async fn login(
    State(app): State<App>,
    origin: Origin,
    expects: ExpectsSessionToken,
    Json(ask): Json<Login>,
) -> ApiResult<(HeaderMap, Reply)> {
    let identifier = Identifier::parse(&ask.identifier)?;
    let (mut tx, user) = match enter(&app, &origin, &identifier, &ask.password).await {
        // a rival with the same password may have renewed how it is kept: then the second look finds it so
        Err(ApiError::Domain(Error::Refused(Refusal::Conflict { .. }))) => {
            enter(&app, &origin, &identifier, &ask.password).await?
        }
        other => other?,
    };
    let tokens = identity::open_session(&mut tx, user, &["pwd"], ask.device_label.as_deref()).await?;
    let (session, wanted) = (tokens.session, ask.session_token || expects.0);
    let signed_in = SignedIn::new(&app, &mut tx, user, tokens).await?;
    let (cookie, signed_in) = signed_in.with_token(&app, &mut tx, session, wanted).await?;
    tx.commit().await?;
    Ok((cookie, Reply::ok(signed_in)))
}

/// Proves a password outside every transaction, and takes the proof in one.
async fn enter(app: &App, origin: &Origin, identifier: &Identifier, password: &str) -> ApiResult<(Tx, UserId)> {
    let mut tx = origin.begin(app).await?;
    let known = identity::find_credential(&mut tx, identifier).await?;
    tx.commit().await?;

    let password = password.to_owned();
    let proof = slowly(app, move || password::prove(&known, &password)).await??.ok_or(Refusal::BadCredentials)?;

    let mut tx = origin.begin(app).await?;
    let user = identity::accept_proof(&mut tx, &proof).await?;
    Ok((tx, user))
}
