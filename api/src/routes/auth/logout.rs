//! `POST /auth/logout` (C19, CX42).

use super::sessions::Ended;
use crate::{
    App,
    caller::Person,
    cookie,
    envelope::{Data, Reply},
    error::ApiResult,
};
use axum::extract::State;
use domain::identity;
use http::HeaderMap;

/// Sign out
///
/// Ends the session: its access and refresh tokens are worthless at once, and so is the token in a browser's cookie.
#[utoipa::path(post, path = "/auth/logout", tag = "access", responses((status = 200, body = Data<Ended>)))]
pub async fn logout(State(app): State<App>, person: Person) -> ApiResult<(HeaderMap, Reply)> {
    let mut tx = person.begin(&app).await?;
    identity::revoke_session(&mut tx, person.user, person.session).await?;
    tx.commit().await?;
    Ok((cookie::taken_away(&app.config.public_url), Reply::ok(Ended { session_id: person.session.into() })))
}
