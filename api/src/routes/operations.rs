//! `GET /operations`, `GET /operations/{id}?wait=20`, `POST /operations/{id}/cancel` (T30, CX16, CX31).

use crate::{
    App,
    caller::Caller,
    conditions::{Asked, LONGEST_WAIT_SECONDS},
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
    openapi::params::Paging,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    error::Result,
    ids::OperationId,
    operations::{self, Operation},
    permissions::Permission,
    refusals::Refusal,
};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep, sleep_until},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// A notice may be lost, so a waiting request also looks by itself this often.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The routes under `/operations`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(cancel))
}

/// Long work and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationView {
    /// Its id.
    id: Uuid,
    /// What is done: `payment`, `payout_run`, `broadcast`, `privacy_export`, `erasure`, `report`.
    #[schema(example = "payment")]
    kind: String,
    /// `queued`, `running`, `waiting`, `succeeded`, `failed` or `cancelled`.
    #[schema(example = "waiting")]
    status: String,
    /// What it is about.
    subject: Subject,
    /// What was done so far, in order.
    #[schema(value_type = Vec<Step>)]
    steps: Value,
    /// How far it is in numbers; what is counted depends on the kind.
    #[schema(value_type = Object, example = json!({ "recipients": 120, "sent": 80, "waiting": 40 }))]
    progress: Value,
    /// Whom it waits for.
    #[schema(example = "payer")]
    waiting_for: Option<String>,
    /// What came out, when it succeeded.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// `{code, message}`, when it failed.
    #[schema(value_type = Option<Object>)]
    error: Option<Value>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
}

/// What long work is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OperationSubject)]
pub struct Subject {
    /// What kind of thing.
    #[serde(rename = "type")]
    #[schema(example = "payment")]
    kind: String,
    /// Which.
    id: Uuid,
}

/// One step of long work.
#[derive(ToSchema)]
#[allow(dead_code)]
struct Step {
    /// What was done.
    #[schema(example = "checkout_opened")]
    name: String,
    /// When.
    at: DateTime<Utc>,
}

/// What I asked for
#[utoipa::path(get, path = "/operations", tag = "work", params(Paging),
    responses((status = 200, body = List<OperationView>)))]
pub async fn list(State(app): State<App>, caller: Caller, mut asked: Asked) -> ApiResult<Reply> {
    let page = asked.page()?;
    asked.end()?;
    let mut tx = caller.begin(&app).await?;
    let mine = operations::mine(&mut tx, caller.user(), page).await?;
    Ok(Reply::list(page, mine.map(OperationView::from)))
}

/// How far is it?
///
/// With `wait=n` the answer comes the instant it ends, or after n seconds.
#[utoipa::path(get, path = "/operations/{id}", tag = "work",
    params(
        ("id" = Uuid, Path, description = "The operation"),
        ("wait" = Option<u64>, Query, description = "Seconds to wait for its end, at most 30", example = 20)
    ),
    responses((status = 200, body = Data<OperationView>)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OperationId>,
    mut asked: Asked,
) -> ApiResult<Reply> {
    let wait = asked.value::<u64>("wait", "whole seconds, at most 30")?.unwrap_or(0);
    asked.end()?;
    if wait > LONGEST_WAIT_SECONDS {
        return Err(Refusal::invalid("wait", "at most 30 seconds").into());
    }
    let operation = wait_for(&app, &caller, id, wait).await?;
    let ended = operation.is_final();
    let reply = Reply::ok(OperationView::from(operation)).operation(id);
    Ok(if ended { reply } else { reply.retry_after(1) })
}

/// Call it off
///
/// For broadcasts, copies of personal data and reports: what was done stays done, the rest is left. Again changes nothing.
#[utoipa::path(post, path = "/operations/{id}/cancel", tag = "work",
    params(("id" = Uuid, Path, description = "The operation")), responses((status = 200, body = Data<OperationView>)))]
pub async fn cancel(State(app): State<App>, caller: Caller, Path(id): Path<OperationId>) -> ApiResult<Reply> {
    let mut tx = caller.begin(&app).await?;
    let found = operations::find(&mut tx, id).await?;
    let staff = steered_with(&found.kind).is_some_and(|permission| caller.may(permission));
    if found.actor_id != Some(caller.user()) && !staff {
        return Err(Refusal::NotFound.into());
    }
    let operation = operations::cancel(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Reply::ok(OperationView::from(operation)).operation(id))
}

/// The operation once it ended, or as it is after `seconds` or when the process is asked to stop.
///
/// # Errors
/// `not_found` when it does not exist or is none of the caller's business.
pub async fn wait_for(app: &App, caller: &Caller, id: OperationId, seconds: u64) -> Result<Operation> {
    watch(app, id, seconds, Operation::is_final, || look(app, caller, id)).await
}

/// Looks until what is seen is `ready`, at every notice about the operation and every half second beside; gives up
/// after `seconds` or when the process is asked to stop. No transaction is open while waiting.
///
/// # Errors
/// What `look` fails with.
pub async fn watch<T, F: Future<Output = Result<T>>>(
    app: &App,
    id: OperationId,
    seconds: u64,
    ready: impl Fn(&T) -> bool,
    look: impl Fn() -> F,
) -> Result<T> {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    // before reading, so that no change falls between
    let mut changes = app.watch.subscribe();
    loop {
        let seen = look().await?;
        if ready(&seen) || Instant::now() >= deadline {
            return Ok(seen);
        }
        let next = deadline.min(Instant::now() + LOOK_AGAIN);
        tokio::select! {
            // A burst of notices about one operation is one change to look at.
            () = heard(&mut changes, id) => sleep(Duration::from_millis(1)).await,
            () = sleep_until(next) => {}
            () = app.stopping.cancelled() => return Ok(seen),
        }
    }
}

async fn heard(changes: &mut Receiver<OperationId>, id: OperationId) {
    loop {
        match changes.recv().await {
            Ok(changed) if changed == id => return,
            // so many that some were missed: perhaps ours
            Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

async fn look(app: &App, caller: &Caller, id: OperationId) -> Result<Operation> {
    let mut tx = caller.begin(app).await?;
    let operation = operations::find(&mut tx, id).await?;
    tx.commit().await?;
    let theirs = operation.actor_id == Some(caller.user());
    let staff = steered_with(&operation.kind).is_some_and(|permission| caller.may(permission));
    if theirs || staff || caller.may(Permission::OpsManage) { Ok(operation) } else { Err(Refusal::NotFound.into()) }
}

/// Whose business it is beside the one's who asked: what a person asks about themselves is nobody's.
fn steered_with(kind: &str) -> Option<Permission> {
    match kind {
        "payment" | "payout_run" => Some(Permission::PaymentRead),
        "broadcast" => Some(Permission::NotificationSend),
        _ => None,
    }
}

impl From<Operation> for OperationView {
    fn from(operation: Operation) -> Self {
        Self {
            id: operation.id.into(),
            kind: operation.kind,
            status: operation.status,
            subject: Subject { kind: operation.subject_type, id: operation.subject_id },
            steps: operation.steps,
            progress: operation.progress,
            waiting_for: operation.waiting_for,
            result: operation.result,
            error: operation.error,
            created_at: operation.created_at,
            finished_at: operation.finished_at,
        }
    }
}
