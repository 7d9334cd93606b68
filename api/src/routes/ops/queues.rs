//! `GET /ops/queues`, `POST /ops/queues/{name}/{pause,resume}` (QUEUE promise 9).

use crate::{
    App,
    caller::Caller,
    envelope::{Data, List, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use domain::{
    ops::{self, By, QueueState},
    permissions::Permission,
};
use serde::Serialize;
use utoipa::ToSchema;

/// How a queue stands, for the whole installation. A count of 100 000 means that many or more.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queue {
    /// Its name.
    #[schema(example = "payments")]
    name: String,
    /// Jobs that wait and are due.
    due: i64,
    /// Jobs that wait for a later time.
    scheduled: i64,
    /// Jobs that run, as each worker said at most a second ago.
    in_flight: i64,
    /// How long the oldest due job has been due, in seconds.
    oldest_due_seconds: f64,
    /// Jobs that were given up.
    dead: i64,
    /// Whether it is paused.
    paused: bool,
    /// Runs that ended a second, over the last minute; an outcome that did not occur is left out.
    rates: Vec<Rate>,
}

/// How often runs ended in a certain way.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rate {
    /// `done`, `again`, `retried`, `dead`, `lost` or `cancelled`.
    #[schema(example = "done")]
    outcome: String,
    /// Runs a second.
    #[schema(example = 2.5)]
    per_second: f64,
}

/// How do the queues stand?
#[utoipa::path(get, path = "/ops/queues", tag = "operators", responses((status = 200, body = List<Queue>)))]
pub async fn list(State(app): State<App>, caller: Caller) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::OpsRead).await?;
    let queues = ops::queues(&mut tx).await?;
    Ok(Reply::ok(queues.into_iter().map(Queue::from).collect::<Vec<_>>()))
}

/// Pause a queue
///
/// No further job of it starts, for any organization; those that run go on.
#[utoipa::path(post, path = "/ops/queues/{name}/pause", tag = "operators",
    params(("name" = String, Path, description = "The queue", example = "notifications")),
    responses((status = 200, body = Data<Queue>)))]
pub async fn pause(State(app): State<App>, caller: Caller, Path(name): Path<String>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::OpsManage).await?;
    let queue = ops::pause(&mut tx, &name, &By::Caller).await?;
    tx.commit().await?;
    Ok(Reply::ok(Queue::from(queue)))
}

/// Let a paused queue go on
#[utoipa::path(post, path = "/ops/queues/{name}/resume", tag = "operators",
    params(("name" = String, Path, description = "The queue", example = "notifications")),
    responses((status = 200, body = Data<Queue>)))]
pub async fn resume(State(app): State<App>, caller: Caller, Path(name): Path<String>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::OpsManage).await?;
    let queue = ops::resume(&mut tx, &name, &By::Caller).await?;
    tx.commit().await?;
    Ok(Reply::ok(Queue::from(queue)))
}

impl From<QueueState> for Queue {
    fn from(state: QueueState) -> Self {
        let QueueState { queue, due, scheduled, in_flight, oldest_due_seconds, dead, paused, rates } = state;
        let rates = rates.into_iter().map(|ops::Rate { outcome, per_second }| Rate { outcome, per_second });
        Self { name: queue, due, scheduled, in_flight, oldest_due_seconds, dead, paused, rates: rates.collect() }
    }
}
