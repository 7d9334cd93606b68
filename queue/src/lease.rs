//! Leases: each incarnation of a runner owns one row that it renews; whoever finds a row expired frees the jobs
//! under it (promises 4 and 6). All of this is by the real clock.
//!
//! The death of a worker is told in its row: it expired at the epoch, and never lives again. A claim share-locks the row of
//! its own incarnation, and a rescue writes the death *before* it looks for jobs, so the two can never pass each other. The
//! row goes with the last of its jobs: one that somebody holds locked is passed by and looked for again, and keeps no other
//! waiting. What the dead worker itself holds locked, in a transaction it neither ends nor leaves, is free before: its
//! sessions are ended.

use std::{collections::BTreeSet, time::Duration};

use sqlx::{Connection, Executor, PgConnection, Postgres};
use uuid::Uuid;

use crate::{
    claim::{channel, seconds},
    room::Room,
};

/// The notice to runners of a queue that jobs of a dead worker wait.
pub(crate) const RESCUED: &str = "rescued";
/// Worker deaths after which a job is quarantined.
const FATAL_DEATHS: i16 = 3;

/// Starts an incarnation.
pub(crate) async fn register(
    db: impl Executor<'_, Database = Postgres>,
    id: Uuid,
    room: &Room,
    lease: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into queue.workers (id, name, queue, sessions, expires_at)
         values ($1, $2, $3, $5, clock_timestamp() + $4 * interval '1 second')
         on conflict (id) do update set expires_at = excluded.expires_at",
    )
    .bind(id)
    .bind(&room.name)
    .bind(room.queue)
    .bind(lease.as_secs_f64())
    .bind(&room.sessions)
    .execute(db)
    .await?;
    Ok(())
}

/// Renews an incarnation, and says how many jobs it holds, for operators. False: it was declared dead, its jobs are free,
/// and it must not come back.
pub(crate) async fn renew(
    db: impl Executor<'_, Database = Postgres>,
    id: Uuid,
    lease: Duration,
    running: usize,
) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query(
        "update queue.workers set expires_at = clock_timestamp() + $2 * interval '1 second', running = $3
         where id = $1 and expires_at > 'epoch'",
    )
    .bind(id)
    .bind(lease.as_secs_f64())
    .bind(i32::try_from(running).unwrap_or(i32::MAX))
    .execute(db)
    .await?;
    Ok(renewed.rows_affected() > 0)
}

/// Jobs of dead workers, of one queue and kind.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Rescued {
    pub queue: String,
    pub kind: String,
    /// Waiting again.
    pub freed: i64,
    /// Dead, after too many workers died.
    pub buried: i64,
}

/// Until the first worker, of any queue, is past its time; zero when one is.
pub(crate) async fn next_expiry(conn: &mut PgConnection) -> Result<Option<Duration>, sqlx::Error> {
    let left: Option<f64> =
        sqlx::query_scalar("select extract(epoch from min(expires_at) - clock_timestamp())::float8 from queue.workers")
            .fetch_one(conn)
            .await?;
    Ok(left.map(seconds))
}

/// Frees the jobs of all expired workers, of any queue, and tells the runners of those queues. Reads the whole table of
/// jobs: no index knows leases, so that no claim has to write one.
pub(crate) async fn rescue(conn: &mut PgConnection) -> Result<Vec<Rescued>, sqlx::Error> {
    let mut tx = conn.begin().await?;
    let dead: Vec<(Uuid, String)> = sqlx::query_as(
        "update queue.workers set expires_at = 'epoch'
         where id = any(array(select id from queue.workers where expires_at < clock_timestamp()
                              for update skip locked))
         returning id, name",
    )
    .fetch_all(&mut *tx)
    .await?;
    end_sessions(&mut tx, &dead).await?;
    let freed = free(&mut tx, &dead).await?;
    forget(&mut tx, &dead).await?;
    tx.commit().await?;
    for queue in freed.iter().map(|rescued| &rescued.queue).collect::<BTreeSet<_>>() {
        sqlx::query("select pg_notify($1, $2)").bind(channel(queue)).bind(RESCUED).execute(&mut *conn).await?;
    }
    Ok(freed)
}

/// Ends the sessions in which the process of a dead worker has been silent in a transaction for a second: it was stopped,
/// or cut off, and others would wait for its locks. What it had not committed is undone, as in a crash.
async fn end_sessions(conn: &mut PgConnection, dead: &[(Uuid, String)]) -> Result<(), sqlx::Error> {
    if dead.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = dead.iter().map(|(id, _)| *id).collect();
    let ended: i64 = sqlx::query_scalar(
        "select count(*) filter (where pg_terminate_backend(pid, 1000)) from pg_stat_activity a
         where a.datname = current_database() and a.state like 'idle in transaction%'
           and a.state_change < clock_timestamp() - interval '1 second'
           and exists (select from queue.workers w where w.id = any($1)
                       and (a.application_name = w.sessions or starts_with(a.application_name, w.sessions || ' ')))",
    )
    .bind(ids)
    .fetch_one(conn)
    .await?;
    if ended > 0 {
        tracing::warn!(ended, "sessions of dead workers were ended in the middle of a transaction");
    }
    Ok(())
}

/// Workers that have no job any more.
async fn forget(conn: &mut PgConnection, dead: &[(Uuid, String)]) -> Result<(), sqlx::Error> {
    if dead.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = dead.iter().map(|(id, _)| *id).collect();
    sqlx::query(
        "with kept as materialized (select distinct lease from queue.jobs where lease = any($1))
         delete from queue.workers where id = any($1) and id not in (select lease from kept)",
    )
    .bind(ids)
    .execute(conn)
    .await?;
    Ok(())
}

/// A job that was running when its worker died waits again with one death more, apart from the lines; at the third it
/// is quarantined.
async fn free(conn: &mut PgConnection, dead: &[(Uuid, String)]) -> Result<Vec<Rescued>, sqlx::Error> {
    if dead.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, names): (Vec<Uuid>, Vec<&str>) = dead.iter().map(|(id, name)| (*id, name.as_str())).unzip();
    sqlx::query_as(
        "with dead as (
             select * from unnest($1::uuid[], $2::text[]) as dead (id, name)
         ), gone as (
             delete from queue.jobs
             where id = any(array(select id from queue.jobs where lease = any($1) and deaths + 1 >= $3
                                  for update skip locked))
             returning *
         ), buried as (
             insert into queue.dead (id, queue, kind, org_id, reason, attempts, deaths, priority, unique_key, trace,
                                     payload, created_at)
             select id, queue, kind, nullif(org_id, '00000000-0000-0000-0000-000000000000'),
                    format('worker died %s times', $3), attempt, deaths + 1, priority, unique_key, trace, payload,
                    created_at
             from gone
         ), freed as (
             select * from queue.jobs where lease = any($1) and deaths + 1 < $3 for update skip locked
         ), back as (
             update queue.jobs set lease = null, started_at = null, ready = false, deaths = deaths + 1
             where id = any(array(select id from freed))
         ), ended as (
             select id, org_id, started_at, attempt, queue, kind, trace, lease, true as buried from gone
             union all
             select id, org_id, started_at, attempt, queue, kind, trace, lease, false from freed
         ), remembered as (
             insert into queue.history (id, org_id, started_at, duration_ms, attempt, queue, kind, outcome, worker,
                                        reason, trace)
             select ended.id, nullif(org_id, '00000000-0000-0000-0000-000000000000'), started_at,
                    extract(epoch from clock_timestamp() - started_at) * 1000, attempt, queue, kind,
                    case when buried then 'dead' else 'lost' end, dead.name, 'the worker died', trace
             from ended join dead on dead.id = ended.lease
         )
         select queue, kind, count(*) filter (where not buried) as freed, count(*) filter (where buried) as buried
         from ended group by queue, kind",
    )
    .bind(ids)
    .bind(names)
    .bind(FATAL_DEATHS)
    .fetch_all(conn)
    .await
}

/// Hands back, uncharged, every job leased to this incarnation except those known to be held.
pub(crate) async fn hand_back_unknown(
    db: impl Executor<'_, Database = Postgres>,
    worker: Uuid,
    held: &[Uuid],
) -> Result<u64, sqlx::Error> {
    let back = sqlx::query(
        "update queue.jobs set lease = null, started_at = null, attempt = attempt - 1
         where lease = $1 and not (id = any($2))",
    )
    .bind(worker)
    .bind(held)
    .execute(db)
    .await?;
    Ok(back.rows_affected())
}

/// Ends an incarnation in good order: what it still holds goes back uncharged, and others are told.
pub(crate) async fn resign(conn: &mut PgConnection, worker: Uuid, queue: &str) -> Result<u64, sqlx::Error> {
    let mut tx = conn.begin().await?;
    let back = hand_back_unknown(&mut *tx, worker, &[]).await?;
    sqlx::query("delete from queue.workers where id = $1").bind(worker).execute(&mut *tx).await?;
    tx.commit().await?;
    if back > 0 {
        sqlx::query("select pg_notify($1, '')").bind(channel(queue)).execute(conn).await?;
    }
    Ok(back)
}
