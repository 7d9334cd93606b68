//! Jobs as operators see them: never what a payload may hide.

use chrono::{DateTime, Utc};
use domain::ops::{self, Count, JobRow};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A job, or a run of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Job {
    /// The job's id. In lists of runs one job appears once for each.
    id: Uuid,
    /// Its queue.
    #[schema(example = "payments")]
    queue: String,
    /// Its kind.
    #[schema(example = "payment.poll")]
    kind: String,
    /// The organization it works for; none for the house itself.
    organization_id: Option<Uuid>,
    /// `waiting`, `scheduled`, `running` or `dead`; of a run how it ended: `done`, `again`, `retried`, `dead`, `lost` or
    /// `cancelled`.
    #[schema(example = "dead")]
    state: String,
    /// What the list is ordered by: when it was due, started, died or ended.
    at: DateTime<Utc>,
    /// When it was posted; not known of runs.
    created_at: Option<DateTime<Utc>>,
    /// When the run started.
    started_at: Option<DateTime<Utc>>,
    /// How long the run took.
    duration_ms: Option<i32>,
    /// Attempts charged so far.
    attempt: i32,
    /// Who ran it, or who took it away.
    worker: Option<String>,
    /// What went wrong last.
    error: Option<String>,
    /// W3C traceparent of the request that posted it.
    trace: Option<String>,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        let JobRow { id, queue, kind, org_id, state, at, created_at, started_at, .. } = row;
        let JobRow { duration_ms, attempt, worker, error, trace, .. } = row;
        Self {
            id,
            queue,
            kind,
            organization_id: org_id,
            state,
            at,
            created_at,
            started_at,
            duration_ms,
            attempt,
            worker,
            error,
            trace,
        }
    }
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Jobs {
    /// Newest first. A page may hold fewer than asked for, or none, and still have a next one: a search looks at a bounded
    /// number of jobs at a time.
    jobs: Vec<Job>,
    /// Give it as `cursor` for the next page; none at the end.
    next_cursor: Option<String>,
    /// How many there are in all, where `count=true` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<Counted>,
}

impl Jobs {
    /// A page, with its count where one was taken.
    pub fn of(page: ops::Page, count: Option<Count>) -> Self {
        Self {
            jobs: page.jobs.into_iter().map(Job::from).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
            count: count.map(Counted::from),
        }
    }
}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Counted {
    /// So many were counted.
    count: i64,
    /// Whether that is all of them; otherwise the count stopped after 5 000 jobs were looked at.
    exact: bool,
}

impl From<Count> for Counted {
    fn from(Count { count, exact }: Count) -> Self {
        Self { count, exact }
    }
}
