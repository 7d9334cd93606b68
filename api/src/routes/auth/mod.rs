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
    error::{ApiError, ApiResult, Door},
    routes::me::MeView,
};
use chrono::{DateTime, Utc};
use domain::{
    db::Tx,
    error::Result,
    identity::{self, Identifier, SessionTokens},
    ids::UserId,
    refusals::Refusal,
};
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
    /// Who signed in.
    pub user: MeView,
}

impl SignedIn {
    async fn new(app: &App, tx: &mut Tx, user: UserId, tokens: SessionTokens) -> Result<Self> {
        Ok(Self {
            access_token: app.tokens.issue(user, tokens.session)?,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_LIFE.as_secs(),
            refresh_token: tokens.refresh_token,
            refresh_expires_at: tokens.expires_at,
            user: identity::me(tx, user).await?.into(),
        })
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
