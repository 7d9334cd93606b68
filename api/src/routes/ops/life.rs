//! `GET /ops/jobs/{id}` (QUEUE promise 9).

use crate::{
    App,
    caller::Caller,
    envelope::{Data, Reply},
    error::ApiResult,
    extract::Path,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    ops::{self, Life, Origin},
    permissions::Permission,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// One job's whole life.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobLife {
    /// The job's id.
    id: Uuid,
    /// Its queue.
    queue: String,
    /// Its kind.
    kind: String,
    /// The organization it works for; none for the house itself.
    organization_id: Option<Uuid>,
    /// `waiting`, `scheduled`, `running`, `dead`; when it is gone, how it ended.
    state: String,
    /// When it was posted.
    created_at: Option<DateTime<Utc>>,
    /// When it is due, while it waits or runs.
    run_at: Option<DateTime<Utc>>,
    /// Attempts charged so far.
    attempt: i32,
    /// Workers that died under it since it last ended by itself; at the third it is dead.
    deaths: i16,
    /// Who runs it.
    worker: Option<String>,
    /// What went wrong last.
    error: Option<String>,
    /// The trace it shares with its request, for the logs.
    trace_id: Option<String>,
    /// The request that posted it, where that left an audit event.
    request_id: Option<String>,
    /// What it carries, as far as it may be shown: ids, times and numbers; gone when the job is.
    #[schema(value_type = Option<Object>)]
    payload: Option<Value>,
    /// Its runs, newest first, at most the last thousand.
    runs: Vec<JobRun>,
}

/// A run that ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobRun {
    /// Which attempt it was.
    attempt: i32,
    /// Who ran it, or took the job away.
    worker: Option<String>,
    /// When it started.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    ended_at: DateTime<Utc>,
    /// How long it took.
    duration_ms: i32,
    /// `done`, `again`, `retried`, `dead`, `lost` or `cancelled`.
    outcome: String,
    /// Why.
    reason: Option<String>,
}

/// One job: where it is, where it came from, and every run of it
#[utoipa::path(get, path = "/ops/jobs/{id}", tag = "operators",
    params(("id" = Uuid, Path, description = "The job")), responses((status = 200, body = Data<JobLife>)))]
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> ApiResult<Reply> {
    let mut tx = caller.begin_as(&app, Permission::OpsRead).await?;
    let (life, origin) = ops::life(&mut tx, id).await?;
    Ok(Reply::ok(JobLife::of(life, origin)))
}

impl JobLife {
    fn of(life: Life, Origin { trace_id, request_id }: Origin) -> Self {
        let Life { id, queue, kind, org_id: organization_id, state, created_at, run_at, attempt, .. } = life;
        let Life { deaths, worker, error, payload, runs, .. } = life;
        let runs = runs.into_iter().map(JobRun::from).collect();
        Self {
            id,
            queue,
            kind,
            organization_id,
            state,
            created_at,
            run_at,
            attempt,
            deaths,
            worker,
            error,
            trace_id,
            request_id,
            payload,
            runs,
        }
    }
}

impl From<ops::Run> for JobRun {
    fn from(run: ops::Run) -> Self {
        let ops::Run { attempt, worker, started_at, ended_at, duration_ms, outcome, reason } = run;
        Self { attempt, worker, started_at, ended_at, duration_ms, outcome, reason }
    }
}
