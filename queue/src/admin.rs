//! What an operator sees and does (the basic of promise 9).

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// The state of one queue, by `app_now()`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct QueueState {
    /// Its name.
    pub queue: String,
    /// Jobs that wait and are due.
    pub due: i64,
    /// Jobs that wait for a later time.
    pub scheduled: i64,
    /// Jobs that run.
    pub in_flight: i64,
    /// How long the oldest due job has been due, in seconds; 0 when none is.
    pub oldest_due_seconds: f64,
    /// Dead letters.
    pub dead: i64,
    /// Whether an operator paused it.
    pub paused: bool,
}

/// One dead letter, without its payload.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DeadLetter {
    /// The job's id.
    pub id: Uuid,
    /// The queue it died in.
    pub queue: String,
    /// Its kind.
    pub kind: String,
    /// The organization it worked for.
    pub org_id: Option<Uuid>,
    /// Why it died.
    pub reason: String,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was posted.
    pub created_at: DateTime<Utc>,
    /// When it died.
    pub died_at: DateTime<Utc>,
}

/// Every queue that has a job, a dead letter, a runner or a pause, by name. Counts the whole hot table.
///
/// # Errors
/// When the database fails.
pub async fn queues(conn: &mut PgConnection) -> Result<Vec<QueueState>, sqlx::Error> {
    sqlx::query_as(
        "with known as (
             select queue from queue.jobs union select queue from queue.dead
             union select queue from queue.workers union select queue from queue.paused
         )
         select known.queue, jobs.due, jobs.scheduled, jobs.in_flight, jobs.oldest_due_seconds,
                (select count(*) from queue.dead d where d.queue = known.queue) as dead,
                exists (select from queue.paused p where p.queue = known.queue) as paused
         from known
         cross join lateral (
             select count(*) filter (where j.lease is null and j.run_at <= public.app_now()) as due,
                    count(*) filter (where j.lease is null and j.run_at > public.app_now()) as scheduled,
                    count(*) filter (where j.lease is not null) as in_flight,
                    coalesce(extract(epoch from public.app_now() - min(j.run_at)
                        filter (where j.lease is null and j.run_at <= public.app_now())), 0)::float8
                        as oldest_due_seconds
             from queue.jobs j where j.queue = known.queue
         ) as jobs
         order by known.queue",
    )
    .fetch_all(conn)
    .await
}

/// Lets no runner start another job of the queue; those that run go on.
///
/// # Errors
/// When the database fails.
pub async fn pause(conn: &mut PgConnection, queue: &str) -> Result<(), sqlx::Error> {
    sqlx::query("insert into queue.paused (queue) values ($1) on conflict do nothing")
        .bind(queue)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a pause. Runners see it within one poll interval, or at once when the bell is rung.
///
/// # Errors
/// When the database fails.
pub async fn resume(conn: &mut PgConnection, queue: &str) -> Result<(), sqlx::Error> {
    sqlx::query("delete from queue.paused where queue = $1").bind(queue).execute(conn).await?;
    Ok(())
}

/// Posts a dead letter again under its old id, due at once, with all its attempts. False when there is no such letter,
/// or a job with its unique key is alive (the letter then stays).
///
/// # Errors
/// When the database fails.
pub async fn retry_dead(conn: &mut PgConnection, id: Uuid) -> Result<bool, sqlx::Error> {
    let posted = sqlx::query(
        "with posted as (
             insert into queue.jobs (id, queue, kind, org_id, payload, run_at, unique_key, trace, priority, created_at)
             select id, queue, kind, coalesce(org_id, '00000000-0000-0000-0000-000000000000'), payload,
                    public.app_now(), unique_key, trace, priority, created_at
             from queue.dead where id = $1
             on conflict do nothing
             returning id
         )
         delete from queue.dead where id = any(array(select id from posted))",
    )
    .bind(id)
    .execute(conn)
    .await?;
    Ok(posted.rows_affected() > 0)
}

/// The newest dead letters of a queue.
///
/// # Errors
/// When the database fails.
pub async fn dead_letters(conn: &mut PgConnection, queue: &str, limit: i64) -> Result<Vec<DeadLetter>, sqlx::Error> {
    sqlx::query_as(
        "select id, queue, kind, org_id, reason, attempts, created_at, died_at
         from queue.dead where queue = $1 order by died_at desc limit $2",
    )
    .bind(queue)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// Dead letters in all queues.
///
/// # Errors
/// When the database fails.
pub async fn dead_count(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from queue.dead").fetch_one(conn).await
}

/// Jobs of a kind that wait or run, now or later: "was it posted?"
///
/// # Errors
/// When the database fails.
pub async fn pending(conn: &mut PgConnection, kind: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from queue.jobs where kind = $1").bind(kind).fetch_one(conn).await
}

/// Jobs in all queues that wait and are due, or run: what a drained system has none of.
///
/// # Errors
/// When the database fails.
pub async fn left_over(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from queue.jobs where lease is not null or run_at <= public.app_now()")
        .fetch_one(conn)
        .await
}
