//! Claiming: one statement that picks due jobs, leases them and charges the attempt.
//!
//! * `id = any(array(select … limit … for update skip locked))` keeps the plan on the index however the planner
//!   guesses the limit (QUEUE.md §4.2).
//! * The worker's own row is share-locked first. A rescuer deletes that row, so a runner that was declared dead
//!   claims nothing, and no job can be leased to an incarnation that nobody renews.
//! * The same statement tells when the next job is due, so an idle runner sets its timer without a second look.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{Executor, Postgres, Row, postgres::PgRow};
use uuid::Uuid;

use crate::Lease;

/// The channel on which runners of a queue are woken.
pub(crate) fn channel(queue: &str) -> String {
    format!("queue.{queue}")
}

/// Which jobs a claim takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Jobs under which no worker died.
    Clean,
    /// Jobs under which one worker died: they may share their fate with each other.
    SuspectedOnce,
    /// Jobs under which two workers died: each runs alone.
    SuspectedTwice,
}

/// A row just leased to us.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub id: Uuid,
    /// The incarnation it is leased to.
    pub worker: Uuid,
    pub org_id: Option<Uuid>,
    pub payload: serde_json::Value,
    pub attempt: u32,
    pub priority: i16,
    pub trace: Option<String>,
    pub run_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub lateness: Duration,
}

impl Claimed {
    pub(crate) fn lease(&self) -> Lease {
        Lease { job: self.id, worker: self.worker }
    }
}

/// What a claim found.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    pub jobs: Vec<Claimed>,
    /// Until the next clean job is due, as far as anybody knows.
    pub next_due: Option<Duration>,
}

macro_rules! claim_sql {
    ($picked:literal) => {
        concat!(
            "with me as (
                 select id from queue.workers
                 where id = $1 and not exists (select from queue.paused where queue = $2)
                 for key share
             ), claimed as (
                 update queue.jobs
                 set lease = $1, attempt = attempt + 1, started_at = clock_timestamp()
                 where id = any(array(select picked.id from me cross join lateral (",
            $picked,
            ") as picked limit $3))
                 returning id, org_id, payload, attempt, priority, trace, run_at, created_at
             ), next as (
                 select extract(epoch from min(waiting.run_at) - public.app_now())::float8 as next_due
                 from unnest('{-1,0,1}'::smallint[]) as level (priority)
                 cross join lateral (
                     select run_at from queue.jobs
                     where queue = $2 and priority = level.priority and lease is null and deaths = 0
                       and run_at > (select public.app_now())
                     order by run_at limit 1
                 ) as waiting
             )
             select claimed.*, next.next_due,
                    extract(epoch from public.app_now() - claimed.run_at)::float8 as lateness
             from next left join claimed on true"
        )
    };
}

const CLEAN: &str = claim_sql!(
    "select due.id from unnest('{-1,0,1}'::smallint[]) as level (priority)
     cross join lateral (
         select id from queue.jobs
         where queue = $2 and priority = level.priority and lease is null and deaths = 0
           and run_at <= (select public.app_now())
         order by run_at, id limit $3 for update skip locked
     ) as due"
);

const SUSPECTED_ONCE: &str = claim_sql!(
    "select id from queue.jobs
     where queue = $2 and lease is null and deaths = 1 and run_at <= (select public.app_now())
     order by run_at limit $3 for update skip locked"
);

const SUSPECTED_TWICE: &str = claim_sql!(
    "select id from queue.jobs
     where queue = $2 and lease is null and deaths > 1 and run_at <= (select public.app_now())
     order by run_at limit $3 for update skip locked"
);

/// Leases up to `room` due jobs to `worker`, most urgent and oldest first. Nothing while the queue is paused or the
/// worker's row is gone.
pub(crate) async fn claim(
    db: impl Executor<'_, Database = Postgres>,
    worker: Uuid,
    queue: &str,
    room: usize,
    lane: Lane,
) -> Result<Claim, sqlx::Error> {
    let sql = match lane {
        Lane::Clean => CLEAN,
        Lane::SuspectedOnce => SUSPECTED_ONCE,
        Lane::SuspectedTwice => SUSPECTED_TWICE,
    };
    let rows =
        sqlx::query(sql).bind(worker).bind(queue).bind(i64::try_from(room).unwrap_or(i64::MAX)).fetch_all(db).await?;
    let mut claim = Claim::default();
    for row in &rows {
        claim.next_due = row.try_get::<Option<f64>, _>("next_due")?.map(seconds);
        if row.try_get::<Option<Uuid>, _>("id")?.is_some() {
            claim.jobs.push(read(row, worker)?);
        }
    }
    claim.jobs.sort_by_key(|job| (job.priority, job.run_at, job.id));
    Ok(claim)
}

fn read(row: &PgRow, worker: Uuid) -> Result<Claimed, sqlx::Error> {
    Ok(Claimed {
        id: row.try_get("id")?,
        worker,
        org_id: row.try_get("org_id")?,
        payload: row.try_get("payload")?,
        attempt: u32::try_from(row.try_get::<i32, _>("attempt")?).unwrap_or(0),
        priority: row.try_get("priority")?,
        trace: row.try_get("trace")?,
        run_at: row.try_get("run_at")?,
        created_at: row.try_get("created_at")?,
        lateness: seconds(row.try_get("lateness")?),
    })
}

/// A span that Postgres computed; the past counts as now.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}
