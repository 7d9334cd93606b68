//! `POST /inbound-events/{id}/replay` (★13).

use super::view::InboundEvent;
use crate::{
    App,
    caller::Caller,
    conditions::Asked,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
    routes::shared::MoneyView,
};
use axum::extract::State;
use domain::{
    ids::EventId,
    payments::{self, Posting},
    permissions::Permission,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a replay does, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replay {
    /// Whether nothing was kept of it.
    dry_run: bool,
    /// The event afterwards.
    event: InboundEvent,
    /// Movements of the books, one line for each side.
    postings: Vec<ReplayPosting>,
    /// Things that change.
    changes: Vec<ReplayChange>,
    /// Jobs that follow.
    #[schema(example = json!(["notification.send"]))]
    jobs: Vec<&'static str>,
}

/// One side of a movement.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayPosting {
    /// What happened.
    #[schema(example = "booking_paid")]
    kind: String,
    /// What the account is for.
    #[schema(example = "escrow")]
    account_kind: String,
    /// Debited, or credited when negative.
    amount: MoneyView,
}

/// A thing that changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayChange {
    /// What kind of thing.
    #[schema(example = "payment")]
    entity_type: &'static str,
    /// Which.
    entity_id: Uuid,
    /// As it was; none when it is new.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// As it is.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
}

/// Let an event happen again
///
/// It goes through the very handler it came through first. Look before: unless `dry_run=false` is said, everything is
/// undone again, and the answer tells what it would do. What was done before is not done twice.
#[utoipa::path(post, path = "/inbound-events/{id}/replay", tag = "money",
    params(
        ("id" = Uuid, Path, description = "The event"),
        ("dry_run" = Option<bool>, Query, description = "`true` unless told", example = true)
    ),
    responses((status = 200, body = Data<Replay>)))]
pub async fn replay(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<EventId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let dry_run = asked.value("dry_run", "true or false")?.unwrap_or(true);
    asked.end()?;
    let mut tx = caller.begin_as(&app, Permission::BooksCorrect).await?;
    let done = payments::replay(&mut tx, id).await?;
    if !dry_run {
        tx.commit().await?;
    }
    Ok(Reply::ok(Replay::of(dry_run, done)))
}

impl Replay {
    fn of(dry_run: bool, done: payments::Replay) -> Self {
        let changes = done.changes.iter().map(|change| ReplayChange {
            entity_type: change.entity(),
            entity_id: change.id(),
            before: change.before().cloned(),
            after: change.after().cloned(),
        });
        Self {
            dry_run,
            changes: changes.collect(),
            event: done.event.into(),
            postings: done.postings.into_iter().map(ReplayPosting::from).collect(),
            jobs: done.jobs,
        }
    }
}

impl From<Posting> for ReplayPosting {
    fn from(posting: Posting) -> Self {
        Self { kind: posting.kind, account_kind: posting.account_kind, amount: posting.amount.into() }
    }
}
