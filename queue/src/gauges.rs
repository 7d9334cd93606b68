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

/// Sets `queue_depth` (jobs that wait, due or not, up to 100 000), `queue_oldest_due_seconds` and `queue_dead`.
pub(crate) async fn sample(conn: &mut PgConnection, queue: &'static str) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "select (select count(*) from (select from queue.jobs where queue = $1 and lease is null and deaths = 0
                                       limit $2) as waiting)::float8 as depth,
                (select count(*) from queue.dead where queue = $1)::float8 as dead,
                (select extract(epoch from public.app_now() - min(oldest.run_at))::float8
                 from unnest('{-1,0,1}'::smallint[]) as level (priority)
                 cross join lateral (
                     select run_at from queue.jobs
                     where queue = $1 and priority = level.priority and lease is null and deaths = 0
                       and run_at <= (select public.app_now())
                     order by run_at limit 1
                 ) as oldest) as oldest",
    )
    .bind(queue)
    .bind(DEEPEST)
    .fetch_one(conn)
    .await?;
    metrics::gauge!("queue_depth", "queue" => queue).set(row.try_get::<f64, _>("depth")?);
    metrics::gauge!("queue_dead", "queue" => queue).set(row.try_get::<f64, _>("dead")?);
    let oldest = row.try_get::<Option<f64>, _>("oldest")?.unwrap_or(0.0);
    metrics::gauge!("queue_oldest_due_seconds", "queue" => queue).set(oldest);
    Ok(())
}
