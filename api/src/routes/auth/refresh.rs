//! `POST /auth/refresh` (C15, C17).

use super::SignedIn;
use crate::{
    App,
    caller::Origin,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Json,
};
use axum::extract::State;
use domain::{
    identity::{self, Refreshed},
    refusals::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// The refresh token of the last sign-in or refresh.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// Good once; showing it again ends the session.
    refresh_token: String,
}

/// Trade a refresh token for new tokens
#[utoipa::path(post, path = "/auth/refresh", tag = "access", security(()), request_body = Refresh,
    responses((status = 200, body = Data<SignedIn>)))]
pub async fn refresh(State(app): State<App>, origin: Origin, Json(ask): Json<Refresh>) -> ApiResult<Reply> {
    let mut tx = origin.begin(&app).await?;
    match identity::refresh(&mut tx, &ask.refresh_token).await? {
        Refreshed::Rotated(tokens, user) => {
            let signed_in = SignedIn::new(&app, &mut tx, user, tokens).await?;
            tx.commit().await?;
            Ok(Reply::ok(signed_in))
        }
        Refreshed::Reused => {
            // the commit is what ends the family
            tx.commit().await?;
            Err(Refusal::TokenReused.into())
        }
    }
}
