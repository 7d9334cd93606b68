//! `POST /auth/logout` (C19, CX42).

use super::sessions::Ended;
use crate::{
    App,
    caller::Person,
    envelope::{Data, Reply},
    error::ApiResult,
};
use axum::extract::State;
use domain::identity;

/// Sign out
///
/// Ends the session: its access and refresh tokens are worthless at once.
#[utoipa::path(post, path = "/auth/logout", tag = "access", responses((status = 200, body = Data<Ended>)))]
pub async fn logout(State(app): State<App>, person: Person) -> ApiResult<Reply> {
    let mut tx = person.begin(&app).await?;
    identity::revoke_session(&mut tx, person.user, person.session).await?;
    tx.commit().await?;
    Ok(Reply::ok(Ended { session_id: person.session.into() }))
}
