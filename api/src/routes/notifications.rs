//! `POST /notifications`, `GET /broadcasts/{id}`: messages to many people (R2, R3, CX16).

use crate::{
    App,
    caller::Caller,
    conditions::{IdempotencyKey, Prefer},
    envelope::{Data, Reply},
    error::ApiResult,
    extract::{Json, Path},
    openapi::params::{Key, Wait},
    routes::operations::{OperationView, wait_for},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    broadcasts::{self, Audience as To, NewBroadcast, Text as Words},
    error::{Fault, Result},
    ids::{BroadcastId, OperationId, UserId},
    permissions::Permission,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// Sending a message to many, and what became of it.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(send)).routes(routes!(show))
}

/// A message and to whom it goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "audience": { "type": "everybody" },
    "subject": { "fr": "Parking fermé", "en": "Car park closed" },
    "body": { "fr": "Le parking est fermé demain.", "en": "The car park is closed tomorrow." },
    "channels": ["push", "email"]
}))]
pub struct SendMessage {
    /// To whom.
    audience: Audience,
    /// At most 120 characters.
    subject: Text,
    /// At most 4000 characters; with `sms`, at most 459 together with the subject.
    body: Text,
    /// `push`, `email`, `sms`; all of them when left out. In the app it is told in any case.
    channels: Option<Vec<String>>,
}

/// The people it goes to: those who belong to it while it is told.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Audience {
    /// Every member.
    Everybody {},
    /// Those with a role.
    Role {
        /// Its name.
        role: String,
    },
    /// Those whose site it is.
    Site {
        /// Which.
        site_id: Uuid,
    },
    /// These.
    Members {
        /// 1 to 1000 members.
        user_ids: Vec<Uuid>,
    },
}

/// One text for all, or one for each language.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Text {
    /// The same for everybody.
    One(String),
    /// By language.
    Each(Languages),
}

/// One text in both languages.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Languages {
    /// For those who read French.
    fr: String,
    /// For those who read English.
    en: String,
}

/// A message to many people, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Broadcast {
    /// Its id.
    id: Uuid,
    /// The operation that tells it.
    operation_id: Uuid,
    /// Who said it.
    sender_id: Uuid,
    /// To whom.
    audience: Audience,
    /// First line.
    subject: Languages,
    /// The whole message.
    body: Languages,
    /// How it travels beside the app.
    channels: Vec<String>,
    /// What became of it.
    counts: Counts,
    /// When it was said.
    created_at: DateTime<Utc>,
}

/// In people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BroadcastCounts)]
pub struct Counts {
    /// Whom it was told so far.
    recipients: i64,
    /// Whom a message reached on at least one channel.
    sent: i64,
    /// Whom it may still reach.
    waiting: i64,
    /// Who has it in the app at most: no address, switched off, or called off in time.
    skipped: i64,
    /// Whom no carrier could reach.
    failed: i64,
}

/// Send a message to many people
///
/// 202: it is being told; `progress` of the operation counts people. It ends when the last message has an end, which may
/// be the morning for those who have quiet hours. Calling the operation off holds back what did not leave.
#[utoipa::path(post, path = "/notifications", tag = "messages", params(Key, Wait), request_body = SendMessage,
    responses((status = 200, body = Data<OperationView>), (status = 202, body = Data<OperationView>)))]
pub async fn send(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    prefer: Prefer,
    Json(ask): Json<SendMessage>,
) -> ApiResult<Reply> {
    let id = open(&app, &caller, &key, ask).await?;
    let operation = wait_for(&app, &caller, id, prefer.wait.unwrap_or(0)).await?;
    let ended = operation.is_final();
    let view = OperationView::from(operation);
    let reply = if ended { Reply::ok(view).operation(id) } else { Reply::accepted(id, view) };
    Ok(reply.waited(prefer.wait))
}

/// Commits the broadcast, its operation and its job; or finds them, if this key did so before.
async fn open(app: &App, caller: &Caller, key: &IdempotencyKey, ask: SendMessage) -> Result<OperationId> {
    let mut tx = caller.begin_as(app, Permission::NotificationSend).await?;
    if let Some(earlier) = Reply::earlier(&mut tx, Some(key)).await? {
        let operation = earlier.operation_id();
        return operation.ok_or_else(|| Fault::corrupt("idempotency_keys", "a broadcast without operation").into());
    }
    let all = || ["push", "email", "sms"].map(str::to_owned).into();
    let new = NewBroadcast {
        sender: caller.user(),
        audience: ask.audience.into(),
        subject: ask.subject.into(),
        body: ask.body.into(),
        channels: ask.channels.unwrap_or_else(all),
    };
    let operation = broadcasts::send(&mut tx, &new).await?;
    let kept = Reply::accepted(operation, json!({}));
    let _ = kept.commit(tx, Some(key)).await?; // what is answered is how things stand after the wait
    Ok(operation)
}

/// What became of it?
#[utoipa::path(get, path = "/broadcasts/{id}", tag = "messages",
    params(("id" = Uuid, Path, description = "The broadcast: the subject of its operation")),
    responses((status = 200, body = Data<Broadcast>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<BroadcastId>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::NotificationSend).await?;
    let (broadcast, counts) = broadcasts::find(&mut tx, id).await?;
    Ok(Reply::ok(Broadcast::from((broadcast, counts))))
}

impl From<Audience> for To {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Everybody {} => Self::Everybody,
            Audience::Role { role } => Self::Role(role),
            Audience::Site { site_id } => Self::Site(site_id),
            Audience::Members { user_ids } => Self::Members(user_ids.into_iter().map(UserId).collect()),
        }
    }
}

impl From<To> for Audience {
    fn from(to: To) -> Self {
        match to {
            To::Everybody => Self::Everybody {},
            To::Role(role) => Self::Role { role },
            To::Site(site_id) => Self::Site { site_id },
            To::Members(members) => Self::Members { user_ids: members.into_iter().map(Uuid::from).collect() },
        }
    }
}

impl From<Text> for Words {
    fn from(text: Text) -> Self {
        match text {
            Text::One(text) => Self { french: text.clone(), english: text },
            Text::Each(Languages { fr, en }) => Self { french: fr, english: en },
        }
    }
}

impl From<Words> for Languages {
    fn from(words: Words) -> Self {
        Self { fr: words.french, en: words.english }
    }
}

impl From<(broadcasts::Broadcast, broadcasts::Counts)> for Broadcast {
    fn from((broadcast, counted): (broadcasts::Broadcast, broadcasts::Counts)) -> Self {
        let broadcasts::Counts { recipients, sent, waiting, skipped, failed } = counted;
        Self {
            id: broadcast.id.into(),
            operation_id: broadcast.operation.into(),
            sender_id: broadcast.sender.into(),
            audience: broadcast.audience.into(),
            subject: broadcast.subject.into(),
            body: broadcast.body.into(),
            channels: broadcast.channels,
            counts: Counts { recipients, sent, waiting, skipped, failed },
            created_at: broadcast.created_at,
        }
    }
}
