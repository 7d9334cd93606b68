//! Gauges of a queue, sampled by its keepers (promise 13). Never per tenant, never per job.

use sqlx::{PgConnection, Row};

use crate::{line::Line, lines::Place};

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
/// alive) and `queue_paused`. Depth and dead letters are counted up to 100 000. `lines` are those known to have jobs,
/// each from where the next claim begins: what died before that is not walked over.
pub(crate) async fn sample(
    conn: &mut PgConnection,
    queue: &'static str,
    lines: &[(Line, Place)],
) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "with line as materialized (
             select * from unnest($3::smallint[], $4::uuid[], $5::text[], $6::timestamptz[], $7::uuid[])
                  as line (priority, org_id, kind, after_at, after_id)
         )
         select (select count(*) from (
                     select from line cross join lateral (
                         select from queue.jobs j
                         where j.queue = $1 and j.priority = line.priority and j.org_id = line.org_id
                           and j.kind = line.kind and j.ready and (j.run_at, j.id) > (line.after_at, line.after_id)
                           and j.lease is null limit $2
                     ) as due limit $2) as due)::float8,
                (select count(*) from (select from queue.jobs where queue = $1 and not ready limit $2) as later)::float8,
                (select count(*) from (select from queue.dead where queue = $1 limit $2) as dead)::float8,
                (select count(*) from queue.workers where queue = $1 and expires_at > clock_timestamp())::float8,
                (select extract(epoch from public.app_now() - min(first.run_at))::float8
                 from line cross join lateral (
                     select j.run_at from queue.jobs j
                     where j.queue = $1 and j.priority = line.priority and j.org_id = line.org_id
                       and j.kind = line.kind and j.ready and (j.run_at, j.id) > (line.after_at, line.after_id)
                       and j.lease is null order by j.run_at, j.id limit 1
                 ) as first),
                (select count(*) from queue.paused where queue = $1)::float8",
    )
    .bind(queue)
    .bind(DEEPEST)
    .bind(lines.iter().map(|(line, _)| line.priority).collect::<Vec<_>>())
    .bind(lines.iter().map(|(line, _)| line.org).collect::<Vec<_>>())
    .bind(lines.iter().map(|(line, _)| line.kind.to_string()).collect::<Vec<_>>())
    .bind(lines.iter().map(|(_, place)| place.0).collect::<Vec<_>>())
    .bind(lines.iter().map(|(_, place)| place.1).collect::<Vec<_>>())
    .fetch_one(conn)
    .await?;
    let depth = row.try_get::<f64, _>(0)? + row.try_get::<f64, _>(1)?;
    metrics::gauge!("queue_depth", "queue" => queue).set(depth.min(DEEPEST as f64));
    metrics::gauge!("queue_dead", "queue" => queue).set(row.try_get::<f64, _>(2)?);
    metrics::gauge!("queue_workers", "queue" => queue).set(row.try_get::<f64, _>(3)?);
    metrics::gauge!("queue_paused", "queue" => queue).set(row.try_get::<f64, _>(5)?);
    let oldest = row.try_get::<Option<f64>, _>(4)?.unwrap_or(0.0);
    metrics::gauge!("queue_oldest_due_seconds", "queue" => queue).set(oldest.max(0.0));
    Ok(())
}
