//! Acknowledging: how a run ended, written in batches and fenced by the lease (promise 2).
//!
//! Every statement asks for the row *and* the lease under which it ran. A worker that lost its lease changes nothing:
//! the job is somebody else's by now.

use std::time::Duration;

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Lease;

/// Longer notes are cut: they are for a person to read.
const LONGEST_NOTE: usize = 2_000;

/// One run's end, as the tables see it.
#[derive(Debug, Clone)]
pub(crate) struct Ack {
    pub lease: Lease,
    pub outcome: Outcome,
    pub duration: Duration,
}

/// What becomes of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// [`complete_in`] did the writing already.
    InTransaction,
    Again(Duration),
    Retry {
        error: String,
        delay: Duration,
    },
    Dead {
        reason: String,
    },
}

impl Outcome {
    /// The value of the `outcome` label of metrics.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Done | Self::InTransaction => "done",
            Self::Again(_) => "again",
            Self::Retry { .. } => "retried",
            Self::Dead { .. } => "dead",
        }
    }

    fn delay_ms(&self) -> i64 {
        let delay = match self {
            Self::Again(delay) | Self::Retry { delay, .. } => *delay,
            _ => Duration::ZERO,
        };
        // A year bounds what an interval has to hold.
        i64::try_from(delay.min(Duration::from_secs(366 * 86_400)).as_millis()).unwrap_or(0)
    }

    fn note(&self) -> Option<String> {
        match self {
            Self::Retry { error: note, .. } | Self::Dead { reason: note } => Some(storable(note)),
            _ => None,
        }
    }
}

/// Postgres text holds no NUL; a note that cannot be stored would block every acknowledgement behind it.
fn storable(note: &str) -> String {
    note.chars().filter(|c| *c != '\0').take(LONGEST_NOTE).collect()
}

/// Completes the job inside the transaction of its effect, so that the effect happens exactly once.
///
/// False means that the lease was lost (another worker has the job, or ended it): **the caller must roll back**. After
/// the commit the handler returns [`crate::Verdict::DoneInTransaction`].
///
/// # Errors
/// When the database fails; the caller's transaction is then void.
pub async fn complete_in(conn: &mut PgConnection, lease: &Lease) -> Result<bool, sqlx::Error> {
    complete_all_in(conn, std::slice::from_ref(lease)).await
}

/// The same for several jobs whose effects share a transaction. False means that at least one lease was lost: **the caller
/// must roll back**.
///
/// # Errors
/// When the database fails; the caller's transaction is then void.
pub async fn complete_all_in(conn: &mut PgConnection, leases: &[Lease]) -> Result<bool, sqlx::Error> {
    let jobs: Vec<Uuid> = leases.iter().map(|lease| lease.job).collect();
    let workers: Vec<Uuid> = leases.iter().map(|lease| lease.worker).collect();
    let ended = sqlx::query(
        "with gone as (
             delete from queue.jobs j using unnest($1::uuid[], $2::uuid[]) as held (job, worker)
             where j.id = held.job and j.lease = held.worker
             returning j.id, j.org_id, j.started_at, j.attempt, j.queue, j.kind, j.trace, held.worker
         )
         insert into queue.history (id, org_id, started_at, duration_ms, attempt, queue, kind, outcome, worker, trace)
         select id, nullif(org_id, '00000000-0000-0000-0000-000000000000'), started_at,
                extract(epoch from clock_timestamp() - started_at) * 1000, attempt, queue, kind, 'done',
                (select name from queue.workers where id = gone.worker), trace
         from gone",
    )
    .bind(jobs)
    .bind(workers)
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() == leases.len() as u64)
}

/// Writes all acknowledgements. Returns how many of them still had their lease (those of [`Outcome::InTransaction`] are
/// not written and not counted). Safe to repeat after an unclear failure.
pub(crate) async fn flush(conn: &mut PgConnection, worker: &str, acks: &[Ack]) -> Result<u64, sqlx::Error> {
    let (done, others): (Vec<&Ack>, Vec<&Ack>) =
        acks.iter().filter(|ack| ack.outcome != Outcome::InTransaction).partition(|ack| ack.outcome == Outcome::Done);
    let mut written = 0;
    if !done.is_empty() {
        written += flush_done(conn, worker, &done).await?;
    }
    if !others.is_empty() {
        written += flush_others(conn, worker, &others).await?;
    }
    Ok(written)
}

/// Jobs that are done leave for the history.
async fn flush_done(conn: &mut PgConnection, worker: &str, acks: &[&Ack]) -> Result<u64, sqlx::Error> {
    let written = sqlx::query(
        "with gone as (
             delete from queue.jobs j using unnest($2::uuid[], $3::uuid[], $4::integer[]) as ack (id, lease, duration_ms)
             where j.id = ack.id and j.lease = ack.lease
             returning j.id, j.org_id, j.started_at, ack.duration_ms, j.attempt, j.queue, j.kind, j.trace
         )
         insert into queue.history (id, org_id, started_at, duration_ms, attempt, queue, kind, outcome, worker, trace)
         select id, nullif(org_id, '00000000-0000-0000-0000-000000000000'), started_at, duration_ms, attempt, queue, kind,
                'done', $1, trace
         from gone",
    )
    .bind(worker)
    .bind(each(acks, |ack| ack.lease.job))
    .bind(each(acks, |ack| ack.lease.worker))
    .bind(each(acks, |ack| i32::try_from(ack.duration.as_millis()).unwrap_or(i32::MAX)))
    .execute(conn)
    .await?;
    Ok(written.rows_affected())
}

/// Jobs that failed, asked to come again, or are given up.
async fn flush_others(conn: &mut PgConnection, worker: &str, acks: &[&Ack]) -> Result<u64, sqlx::Error> {
    let row = sqlx::query(
        "with ack as (
             select * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::integer[])
                  as ack (id, lease, outcome, delay_ms, note, duration_ms)
         ), ours as (
             select j.id, j.lease, j.org_id, j.started_at, j.attempt, j.queue, j.kind, j.trace, ack.outcome, ack.note,
                    ack.duration_ms, ack.delay_ms
             from queue.jobs j join ack on j.id = ack.id and j.lease = ack.lease for update of j
         ), gone as (
             delete from queue.jobs j using ours where j.id = ours.id and ours.outcome = 'dead' returning j.*, ours.note
         ), buried as (
             insert into queue.dead (id, queue, kind, org_id, reason, attempts, deaths, priority, unique_key, trace,
                                     payload, created_at)
             select id, queue, kind, nullif(org_id, '00000000-0000-0000-0000-000000000000'), coalesce(note, ''), attempt,
                    deaths, priority, unique_key, trace, payload, created_at
             from gone
         ), back as (
             update queue.jobs j
             set lease = null, started_at = null, deaths = 0, last_error = coalesce(ours.note, j.last_error),
                 attempt = j.attempt - case ours.outcome when 'again' then 1 else 0 end,
                 run_at = app_now + ours.delay_ms * interval '1 millisecond', ready = ours.delay_ms = 0
             from ours cross join public.app_now() as app_now
             where j.id = ours.id and ours.outcome in ('again', 'retried')
         ), remembered as (
             insert into queue.history (id, org_id, started_at, duration_ms, attempt, queue, kind, outcome, worker,
                                        reason, trace)
             select id, nullif(org_id, '00000000-0000-0000-0000-000000000000'), started_at, duration_ms, attempt, queue,
                    kind, outcome, $1, note, trace
             from ours
         )
         select count(*) from ours",
    )
    .bind(worker)
    .bind(each(acks, |ack| ack.lease.job))
    .bind(each(acks, |ack| ack.lease.worker))
    .bind(each(acks, |ack| ack.outcome.label()))
    .bind(each(acks, |ack| ack.outcome.delay_ms()))
    .bind(each(acks, |ack| ack.outcome.note()))
    .bind(each(acks, |ack| i32::try_from(ack.duration.as_millis()).unwrap_or(i32::MAX)))
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or(0))
}

fn each<T>(acks: &[&Ack], field: impl Fn(&Ack) -> T) -> Vec<T> {
    acks.iter().map(|ack| field(ack)).collect()
}
