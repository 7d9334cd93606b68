//! Signing up, signing in, and ending it (C6–C20, CX6, CX26).

mod join;
mod login;
mod logout;
mod otp;
mod password;
mod refresh;
mod register;
mod sessions;

use crate::{
    App,
    config::ACCESS_TOKEN_LIFE,
    cookie,
    error::{ApiError, ApiResult, Door},
    middleware::older_paths::ByOwnPath,
    routes::me::MeView,
};
use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};
use domain::{
    db::Tx,
    error::Result,
    identity::{self, Identifier, SessionTokens},
    ids::{SessionId, UserId},
    refusals::Refusal,
};
use http::{HeaderMap, request::Parts};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/auth`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(otp::send))
        .routes(routes!(otp::verify))
        .routes(routes!(join::join))
        .routes(routes!(password::forgot))
        .routes(routes!(password::reset))
        .routes(routes!(password::change))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::end))
}

/// A fresh sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    pub expires_in: u64,
    /// Good for one refresh; keep it where only you can read it.
    pub refresh_token: String,
    /// When the session ends unless it is refreshed before.
    pub refresh_expires_at: DateTime<Utc>,
    /// Where one was asked for: good for a day as a bearer by itself, and set as the cookie `session_token`.
    pub session_token: Option<String>,
    /// When it ends.
    pub session_expires_at: Option<DateTime<Utc>>,
    /// Who signed in.
    pub user: MeView,
}

/// Whether a session token is expected: clients of older papers know no refresh.
pub struct ExpectsSessionToken(bool);

impl<S: Sync> FromRequestParts<S> for ExpectsSessionToken {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> std::result::Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<ByOwnPath>().is_some_and(|ByOwnPath(row)| row.opens_session)))
    }
}

impl SignedIn {
    async fn new(app: &App, tx: &mut Tx, user: UserId, tokens: SessionTokens) -> Result<Self> {
        Ok(Self {
            access_token: app.tokens.issue(user, tokens.session)?,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_LIFE.as_secs(),
            refresh_token: tokens.refresh_token,
            refresh_expires_at: tokens.expires_at,
            session_token: None,
            session_expires_at: None,
            user: identity::me(tx, user).await?.into(),
        })
    }

    /// The same with a session token, and the header that makes it a cookie, if `wanted`.
    async fn with_token(
        mut self,
        app: &App,
        tx: &mut Tx,
        session: SessionId,
        wanted: bool,
    ) -> Result<(HeaderMap, Self)> {
        if !wanted {
            return Ok((HeaderMap::new(), self));
        }
        let token = identity::issue_session_token(tx, session).await?;
        let header = cookie::handed(&token, &app.config.public_url);
        self.session_expires_at = Some(token.expires_at);
        self.session_token = Some(token.token);
        Ok((header, self))
    }
}

/// The one name given by `email` or `phone`.
pub(in crate::routes) fn identifier(email: Option<&str>, phone: Option<&str>) -> Result<Identifier> {
    match (email, phone) {
        (Some(email), None) => Identifier::email(email),
        (None, Some(phone)) => Identifier::phone(phone),
        _ => Err(Refusal::invalid("identifier", "give an email or a phone, and not both").into()),
    }
}

/// Runs slow password work on a blocking thread, so many at a time as there are cores: more would only make all of
/// them slower, and an attacker could fill the memory.
async fn slowly<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
    let permit = app.hashing.clone().acquire_owned().await.map_err(|_| ApiError::from(Door::Internal))?;
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    done.await.map_err(|problem| {
        tracing::error!(%problem, "password work failed");
        Door::Internal.into()
    })
}
