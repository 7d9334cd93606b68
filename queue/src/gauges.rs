//! Gauges of a queue, sampled by its keepers (promise 13). Never per tenant, never per job.

use sqlx::{PgConnection, Row};

/// Depth is counted up to here; beyond, the exact number is not worth its price.
const DEEPEST: i64 = 100_000;

/// Whether jobs wait under which a worker died.
pub(crate) async fn suspects_wait(conn: &mut PgConnection, queue: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from queue.jobs where queue = $1 and deaths > 0 and lease is null
                                                 and run_at <= public.app_now())",
    )
    .bind(queue)
    .fetch_one(conn)
    .await
}

/// Sets `queue_depth` (jobs that wait, due or not), `queue_oldest_due_seconds`, `queue_dead`, `queue_workers` (runners
/// alive) and `queue_paused`. Depth and dead letters are counted up to 100 000.
pub(crate) async fn sample(conn: &mut PgConnection, queue: &'static str) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "with recursive line as (
             (select priority, org_id, kind, run_at from queue.jobs
              where queue = $1 and ready and lease is null
              order by priority, org_id, kind, run_at, id limit 1)
             union all
             select next.* from line cross join lateral (
                 select j.priority, j.org_id, j.kind, j.run_at from queue.jobs j
                 where j.queue = $1 and j.ready and j.lease is null
                   and (j.priority, j.org_id, j.kind) > (line.priority, line.org_id, line.kind)
                 order by j.priority, j.org_id, j.kind, j.run_at, j.id limit 1
             ) as next
         )
         select (select count(*) from (select from queue.jobs where queue = $1 and lease is null limit $2) as waiting)::float8,
                (select count(*) from (select from queue.dead where queue = $1 limit $2) as dead)::float8,
                (select count(*) from queue.workers where queue = $1 and expires_at > clock_timestamp())::float8,
                (select extract(epoch from public.app_now() - min(run_at))::float8
                 from (select run_at from line limit 10000) as line),
                (select count(*) from queue.paused where queue = $1)::float8",
    )
    .bind(queue)
    .bind(DEEPEST)
    .fetch_one(conn)
    .await?;
    metrics::gauge!("queue_depth", "queue" => queue).set(row.try_get::<f64, _>(0)?);
    metrics::gauge!("queue_dead", "queue" => queue).set(row.try_get::<f64, _>(1)?);
    metrics::gauge!("queue_workers", "queue" => queue).set(row.try_get::<f64, _>(2)?);
    metrics::gauge!("queue_paused", "queue" => queue).set(row.try_get::<f64, _>(4)?);
    let oldest = row.try_get::<Option<f64>, _>(3)?.unwrap_or(0.0);
    metrics::gauge!("queue_oldest_due_seconds", "queue" => queue).set(oldest.max(0.0));
    Ok(())
}
