//! Posting jobs inside the caller's transaction (promises 1 and 7).
//!
//! Nothing is notified here: a `NOTIFY` inside the transaction would make all commits of the cluster wait for each
//! other. Ring the [`crate::Bell`] after the commit; without it a runner finds the job at its next poll.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::NewJob;

/// Posts the jobs in one statement. A job whose unique key is alive, or whose id was posted before and still lives, is
/// left out without disturbing the transaction. Returns the number posted.
///
/// # Errors
/// When the database fails; the caller's transaction is then void.
pub async fn enqueue(conn: &mut PgConnection, jobs: &[NewJob]) -> Result<u64, sqlx::Error> {
    match jobs {
        [] => Ok(0),
        [job] => enqueue_one(conn, job).await,
        jobs => enqueue_many(conn, jobs).await,
    }
}

/// The usual case, without the price of arrays.
async fn enqueue_one(conn: &mut PgConnection, job: &NewJob) -> Result<u64, sqlx::Error> {
    let posted = sqlx::query(
        "insert into queue.jobs (id, queue, kind, org_id, payload, run_at, ready, unique_key, trace, priority)
         values ($1, $2, $3, $4, $5, coalesce($6, public.app_now()), $6 is null or $6 <= public.app_now(), $7, $8, $9)
         on conflict do nothing",
    )
    .bind(job.id)
    .bind(job.queue)
    .bind(job.kind)
    .bind(job.org_id.unwrap_or_default())
    .bind(&job.payload)
    .bind(job.run_at)
    .bind(&job.unique_key)
    .bind(&job.trace)
    .bind(job.clamped_priority())
    .execute(conn)
    .await?;
    Ok(posted.rows_affected())
}

async fn enqueue_many(conn: &mut PgConnection, jobs: &[NewJob]) -> Result<u64, sqlx::Error> {
    let posted = sqlx::query(
        "insert into queue.jobs (id, queue, kind, org_id, payload, run_at, ready, unique_key, trace, priority)
         select id, queue, kind, org_id, payload, coalesce(run_at, app_now), coalesce(run_at <= app_now, true),
                unique_key, trace, priority
         from public.app_now() as app_now cross join
              unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::jsonb[], $6::timestamptz[], $7::text[],
                     $8::text[], $9::smallint[])
              as posted (id, queue, kind, org_id, payload, run_at, unique_key, trace, priority)
         on conflict do nothing",
    )
    .bind(each(jobs, |job| job.id))
    .bind(each(jobs, |job| job.queue))
    .bind(each(jobs, |job| job.kind))
    .bind(each(jobs, |job| job.org_id.unwrap_or_default()))
    .bind(each(jobs, |job| job.payload.clone()))
    .bind(each(jobs, |job| job.run_at))
    .bind(each(jobs, |job| job.unique_key.clone()))
    .bind(each(jobs, |job| job.trace.clone()))
    .bind(each(jobs, NewJob::clamped_priority))
    .execute(conn)
    .await?;
    Ok(posted.rows_affected())
}

/// Posts the job of a scheduled tick, once per (name, slot) for ever, however many schedulers ask. True for the one
/// whose call posted it. A slot older than thirty days is not posted: it may have been forgotten that it was.
///
/// # Errors
/// When the database fails; the tick is then not spent.
pub async fn tick(conn: &mut PgConnection, name: &str, slot: DateTime<Utc>, job: &NewJob) -> Result<bool, sqlx::Error> {
    let posted = sqlx::query(
        "with first as (
             insert into queue.ticks (name, slot) select $1, $2 where $2 > clock_timestamp() - interval '30 days'
             on conflict do nothing returning slot
         )
         insert into queue.jobs (id, queue, kind, org_id, payload, run_at, ready, unique_key, trace, priority)
         select $3, $4, $5, $6, $7, coalesce($8, app_now), coalesce($8 <= app_now, true), $9, $10, $11
         from first cross join public.app_now() as app_now
         on conflict do nothing",
    )
    .bind(name)
    .bind(slot)
    .bind(job.id)
    .bind(job.queue)
    .bind(job.kind)
    .bind(job.org_id.unwrap_or_default())
    .bind(&job.payload)
    .bind(job.run_at)
    .bind(&job.unique_key)
    .bind(&job.trace)
    .bind(job.clamped_priority())
    .execute(conn)
    .await?;
    Ok(posted.rows_affected() > 0)
}

fn each<T>(jobs: &[NewJob], field: impl Fn(&NewJob) -> T) -> Vec<T> {
    jobs.iter().map(field).collect()
}
