//! Claiming: one statement that picks due jobs, leases them and charges the attempt.
//!
//! * Each line has its turn in a range of the index, up to its quota. `for update skip locked` lets runners claim beside
//!   each other, and the row is then found again by its place in the table.
//! * Nothing that an index knows is written, so the row is rewritten within its page (QUEUE.md §4.5).
//! * The worker's own row is share-locked first. A rescuer writes its death there, so a runner that was declared dead
//!   claims nothing, and no job can be leased to an incarnation that nobody renews.
//! * The commit does not wait for the disk. A claim that a crash of the database undoes leaves the job waiting, and the
//!   run that goes on without a lease changes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{Executor, Postgres, Row, postgres::PgRow};
use uuid::Uuid;

use crate::{
    Lease,
    line::Line,
    lines::{BEGIN, Place, Turn},
};

/// The channel on which runners of a queue are woken.
pub(crate) fn channel(queue: &str) -> String {
    format!("queue.{queue}")
}

/// A row just leased to us.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub id: Uuid,
    /// The incarnation it is leased to.
    pub worker: Uuid,
    /// Nil for the house itself.
    pub org: Uuid,
    pub kind: String,
    /// JSON text.
    pub payload: String,
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

    pub(crate) fn line(&self) -> Line {
        Line { priority: self.priority, org: self.org, kind: self.kind.as_str().into() }
    }

    pub(crate) fn place(&self) -> Place {
        (self.run_at, self.id)
    }
}

macro_rules! claim_sql {
    ($due:literal) => {
        concat!(
            "with me as materialized (
                 select id from queue.workers
                 where id = $1 and expires_at > 'epoch' and not exists (select from queue.paused where queue = $2)
                 for key share
             ), due as materialized (",
            $due,
            ")
             update queue.jobs set lease = $1, attempt = attempt + 1, started_at = clock_timestamp()
             where ctid = any(array(select place from due))
             returning id, org_id, kind, payload::text, attempt, priority, trace, run_at, created_at,
                       (select public.app_now())"
        )
    };
}

const IN_TURN: &str = claim_sql!(
    "select found.place
     from me cross join unnest($3::smallint[], $4::uuid[], $5::text[], $6::timestamptz[], $7::uuid[], $8::bigint[])
                        as turn (priority, org_id, kind, after_at, after_id, quota)
     cross join lateral (
         select j.ctid as place from queue.jobs j
         where j.queue = $2 and j.priority = turn.priority and j.org_id = turn.org_id and j.kind = turn.kind
           and j.ready and (j.run_at, j.id) > (turn.after_at, turn.after_id) and j.lease is null
         order by j.run_at, j.id limit turn.quota for update skip locked
     ) as found"
);

/// Leases due jobs to `worker`, each line up to its quota. Nothing while the queue is paused or the worker's row is
/// gone.
pub(crate) async fn claim(
    db: impl Executor<'_, Database = Postgres>,
    worker: Uuid,
    queue: &str,
    turns: &[Turn],
) -> Result<Vec<Claimed>, sqlx::Error> {
    let rows = sqlx::query(IN_TURN)
        .bind(worker)
        .bind(queue)
        .bind(each(turns, |turn| turn.line.priority))
        .bind(each(turns, |turn| turn.line.org))
        .bind(each(turns, |turn| turn.line.kind.to_string()))
        .bind(each(turns, |turn| turn.after.unwrap_or(BEGIN).0))
        .bind(each(turns, |turn| turn.after.unwrap_or(BEGIN).1))
        .bind(each(turns, |turn| i64::try_from(turn.quota).unwrap_or(i64::MAX)))
        .fetch_all(db)
        .await?;
    read_all(&rows, worker)
}

/// Which jobs under which workers died: they share their fate with each other, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suspects {
    /// One worker died: several may run beside each other.
    Once,
    /// Two workers died: each runs alone.
    Twice,
}

const SUSPECTED: &str = claim_sql!(
    "select j.ctid as place from me cross join queue.jobs j
     where j.queue = $2 and j.deaths between $3 and $4 and j.lease is null and j.run_at <= (select public.app_now())
     order by j.run_at limit $5 for update of j skip locked"
);

/// Leases up to `room` due jobs under which a worker died.
pub(crate) async fn claim_suspects(
    db: impl Executor<'_, Database = Postgres>,
    worker: Uuid,
    queue: &str,
    which: Suspects,
    room: usize,
) -> Result<Vec<Claimed>, sqlx::Error> {
    let (least, most) = match which {
        Suspects::Once => (1_i16, 1_i16),
        Suspects::Twice => (2, i16::MAX),
    };
    let rows = sqlx::query(SUSPECTED)
        .bind(worker)
        .bind(queue)
        .bind(least)
        .bind(most)
        .bind(i64::try_from(room).unwrap_or(i64::MAX))
        .fetch_all(db)
        .await?;
    read_all(&rows, worker)
}

fn each<T>(turns: &[Turn], field: impl Fn(&Turn) -> T) -> Vec<T> {
    turns.iter().map(field).collect()
}

/// In the order in which they are to start: most urgent and oldest first.
fn read_all(rows: &[PgRow], worker: Uuid) -> Result<Vec<Claimed>, sqlx::Error> {
    let mut jobs = rows.iter().map(|row| read(row, worker)).collect::<Result<Vec<_>, _>>()?;
    jobs.sort_by_key(|job| (job.priority, job.run_at, job.id));
    Ok(jobs)
}

fn read(row: &PgRow, worker: Uuid) -> Result<Claimed, sqlx::Error> {
    let (run_at, now): (DateTime<Utc>, DateTime<Utc>) = (row.try_get(7)?, row.try_get(9)?);
    Ok(Claimed {
        id: row.try_get(0)?,
        worker,
        org: row.try_get(1)?,
        kind: row.try_get(2)?,
        payload: row.try_get(3)?,
        attempt: u32::try_from(row.try_get::<i32, _>(4)?).unwrap_or(0),
        priority: row.try_get(5)?,
        trace: row.try_get(6)?,
        run_at,
        created_at: row.try_get(8)?,
        lateness: (now - run_at).to_std().unwrap_or_default(),
    })
}

/// A span that Postgres computed; the past counts as now.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}
