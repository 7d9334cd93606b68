//! `GET, DELETE /auth/sessions`, `DELETE /auth/sessions/{id}` (SN3).

use crate::{
    App,
    caller::Person,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    identity::{self, SessionView},
    ids::SessionId,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One sign-in on one device.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    id: Uuid,
    /// What the device called itself.
    device_label: Option<String>,
    /// How the person proved who they are: `pwd`, `otp`.
    amr: Vec<String>,
    /// When they did.
    authenticated_at: DateTime<Utc>,
    /// When it was last refreshed.
    last_seen_at: DateTime<Utc>,
    /// When it ends unless refreshed.
    expires_at: DateTime<Utc>,
    /// Whether it is the one asking.
    current: bool,
}

/// A session that ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ended {
    /// Which.
    pub session_id: Uuid,
}

/// Sessions that ended together.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllEnded {
    /// How many.
    #[schema(example = 2)]
    ended: u64,
}

/// List my sessions
#[utoipa::path(get, path = "/auth/sessions", tag = "access", responses((status = 200, body = List<Session>)))]
pub async fn list(State(app): State<App>, person: Person) -> ApiResult<Reply> {
    let mut tx = person.begin(&app).await?;
    let sessions = identity::my_sessions(&mut tx, person.user).await?;
    let views: Vec<Session> = sessions.into_iter().map(|session| view(session, person.session)).collect();
    Ok(Reply::ok(views))
}

/// End one of my sessions
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "access",
    params(("id" = Uuid, Path, description = "The session")), responses((status = 200, body = Data<Ended>)))]
pub async fn end(State(app): State<App>, person: Person, Path(id): Path<SessionId>) -> ApiResult<Reply> {
    let mut tx = person.begin(&app).await?;
    identity::revoke_session(&mut tx, person.user, id).await?;
    tx.commit().await?;
    Ok(Reply::ok(Ended { session_id: id.into() }))
}

/// End all my other sessions
///
/// Every one but the one that asks.
#[utoipa::path(delete, path = "/auth/sessions", tag = "access", responses((status = 200, body = Data<AllEnded>)))]
pub async fn end_others(State(app): State<App>, person: Person) -> ApiResult<Reply> {
    let mut tx = person.begin(&app).await?;
    let ended = identity::revoke_all_sessions(&mut tx, person.user, Some(person.session)).await?;
    tx.commit().await?;
    Ok(Reply::ok(AllEnded { ended }))
}

fn view(session: SessionView, current: SessionId) -> Session {
    Session {
        id: session.id.into(),
        device_label: session.device_label,
        amr: session.amr,
        authenticated_at: session.authenticated_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        current: session.id == current,
    }
}
