//! `GET /me/notifications`, `POST /me/notifications/read`, `POST /me/notifications/{id}/read` (R3, SN2).

use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::Paging,
};
use axum::extract::State;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{
    ids::NotificationId,
    notifications::{self, InboxItem, Mark, Wanted},
    paging::Listed,
    refusals::Refusal,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
    /// How else it travelled.
    #[schema(value_type = Vec<Delivery>)]
    deliveries: Value,
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

/// One way a notification travelled.
#[derive(ToSchema)]
#[schema(as = NotificationDelivery)]
#[allow(dead_code)]
struct Delivery {
    /// `push`, `email` or `sms`.
    #[schema(example = "push")]
    channel: String,
    /// `queued`, `sending`, `sent`, `failed` or `dropped`.
    #[schema(example = "sent")]
    status: String,
    /// From when on it may leave: later than it was written when it waits for the end of quiet hours.
    send_at: DateTime<Utc>,
    /// When a carrier took it.
    sent_at: Option<DateTime<Utc>>,
}

/// A notification that was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Read {
    /// Which.
    id: Uuid,
}

/// Up to where to read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadAll {
    /// The newest notification that was seen: what arrived after it stays unread. Everything, when left out.
    newest: Option<Uuid>,
}

/// How many were read.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllRead {
    /// Notifications that were unread before.
    #[schema(example = 3)]
    read: u64,
}

/// What was I told?
///
/// The newest first. `meta.unread` counts what was not read; `meta.next_cursor` goes on where this answer ends, however
/// much arrives meanwhile.
#[utoipa::path(get, path = "/me/notifications", tag = "me",
    params(Paging,
        ("cursor" = Option<String>, Query, description = "Where an earlier answer ended; instead of `page`"),
        ("unread" = Option<bool>, Query, description = "Only what was not read", example = true)),
    responses((status = 200, body = List<Notification>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let after = asked.text("cursor").map(|text| mark(&text)).transpose()?;
    let unread = asked.value::<bool>("unread", "true or false")?.unwrap_or(false);
    let page = asked.page()?;
    asked.end()?;
    if after.is_some() && page.offset > 0 {
        return Err(Refusal::invalid("cursor", "use cursor, or page and offset, not both").into());
    }
    let mut tx = caller.begin(&app).await?;
    let told = notifications::inbox(&mut tx, caller.user(), Wanted { page, after, unread }).await?;
    let items: Vec<Notification> = told.items.into_iter().map(Notification::from).collect();
    let reply = match after {
        Some(_) => Reply::ok(items), // pages are counted from the start, and this is not there
        None => Reply::list(page, Listed { items, total: told.total }),
    };
    Ok(reply.unread(told.unread).goes_on(told.next.map(cursor)))
}

fn cursor(mark: Mark) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{}/{}", mark.created_at.timestamp_micros(), mark.id))
}

fn mark(cursor: &str) -> Result<Mark, Refusal> {
    let read = || {
        let plain = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (micros, id) = plain.split_once('/')?;
        let created_at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
        Some(Mark { created_at, id: id.parse().ok()? })
    };
    read().ok_or_else(|| Refusal::invalid("cursor", "must be the next_cursor of an earlier answer"))
}

/// Mark all as read
#[utoipa::path(post, path = "/me/notifications/read", tag = "me", request_body = Option<ReadAll>,
    responses((status = 200, body = Data<AllRead>)))]
pub async fn read_all(State(app): State<App>, caller: Caller, ask: Option<Json<ReadAll>>) -> ApiResult<Reply> {
    let newest = ask.and_then(|Json(ask)| ask.newest).map(NotificationId);
    let mut tx = caller.begin(&app).await?;
    let read = notifications::mark_all_read(&mut tx, caller.user(), newest).await?;
    tx.commit().await?;
    Ok(Reply::ok(AllRead { read }))
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
            deliveries: item.deliveries,
            read_at: item.read_at,
            created_at: item.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place_and_nothing_else_does() {
        let place =
            Mark { created_at: "2026-11-21T08:30:00.123456Z".parse().unwrap(), id: NotificationId(Uuid::nil()) };
        assert_eq!(mark(&cursor(place)).unwrap(), place);
        let odd = BASE64_URL_SAFE_NO_PAD.encode("99999999999999999999/x");
        for wrong in ["", "abc", "!", &odd, &cursor(place)[1..]] {
            assert!(mark(wrong).is_err(), "{wrong}");
        }
    }
}
