//! `GET /me/notifications`, `POST /me/notifications/{id}/read` (R3, SN2).

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    ids::NotificationId,
    notifications::{self, InboxItem},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something a person was told, in their language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notification {
    /// Its id.
    id: Uuid,
    /// What happened, as a code.
    #[schema(example = "booking_confirmed")]
    kind: String,
    /// First line.
    title: String,
    /// The whole message.
    body: String,
    /// What it is about.
    subject: Subject,
    /// When it was read.
    read_at: Option<DateTime<Utc>>,
    /// When it was written.
    created_at: DateTime<Utc>,
}

/// What something is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Subject {
    /// What kind of thing.
    #[serde(rename = "type")]
    #[schema(example = "booking")]
    kind: String,
    /// Which.
    id: Uuid,
}

/// A notification that was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Read {
    /// Which.
    id: Uuid,
}

/// What was I told?
#[utoipa::path(get, path = "/me/notifications", tag = "me", params(Paging),
    responses((status = 200, body = List<Notification>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    let told = notifications::inbox(&mut tx, caller.user(), page).await?;
    Ok(Reply::list(page, told.map(Notification::from)))
}

/// Mark one as read
#[utoipa::path(post, path = "/me/notifications/{id}/read", tag = "me",
    params(("id" = Uuid, Path, description = "The notification")), responses((status = 200, body = Data<Read>)))]
pub async fn read(State(app): State<App>, caller: Caller, Path(id): Path<NotificationId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    notifications::mark_read(&mut tx, caller.user(), id).await?;
    tx.commit().await?;
    Ok(Reply::ok(Read { id: id.into() }))
}

impl From<InboxItem> for Notification {
    fn from(item: InboxItem) -> Self {
        Self {
            id: item.id.into(),
            kind: item.kind,
            title: item.title,
            body: item.body,
            subject: Subject { kind: item.subject_type, id: item.subject_id },
            read_at: item.read_at,
            created_at: item.created_at,
        }
    }
}
