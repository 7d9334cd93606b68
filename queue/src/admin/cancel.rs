//! Taking a job away: it never runs again, and the history says who took it and why.

use sqlx::PgConnection;
use uuid::Uuid;

/// What became of a job that was to be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    /// It is gone.
    Gone {
        /// waiting, scheduled or dead: how it stood.
        was: String,
        /// Whose it was.
        org_id: Option<Uuid>,
    },
    /// It runs: nothing was changed.
    Running,
    /// There is no such job, or it ended.
    Unknown,
}

/// Takes away a job that waits, now or for later, or is dead. `by` and `reason` are kept in its history.
///
/// # Errors
/// When the database fails.
pub async fn cancel(conn: &mut PgConnection, id: Uuid, by: &str, reason: &str) -> Result<Cancelled, sqlx::Error> {
    let gone: Option<(String, Option<Uuid>)> = sqlx::query_as(
        "with live as (
             delete from queue.jobs where id = $1 and lease is null
             returning id, nullif(org_id, '00000000-0000-0000-0000-000000000000') as org_id, attempt, queue, kind, trace,
                       case when run_at > public.app_now() then 'scheduled' else 'waiting' end as was
         ), buried as (
             delete from queue.dead where id = $1 returning id, org_id, attempts, queue, kind, trace, 'dead' as was
         ), gone as (
             select * from live union all select * from buried
         ), remembered as (
             insert into queue.history (id, org_id, duration_ms, attempt, queue, kind, outcome, worker, reason, trace)
             select id, org_id, 0, attempt, queue, kind, 'cancelled', $2, $3, trace from gone
         )
         select was, org_id from gone",
    )
    .bind(id)
    .bind(by)
    .bind(reason)
    .fetch_optional(&mut *conn)
    .await?;
    if let Some((was, org_id)) = gone {
        return Ok(Cancelled::Gone { was, org_id });
    }
    let running = sqlx::query_scalar("select exists (select from queue.jobs where id = $1)").bind(id);
    Ok(if running.fetch_one(conn).await? { Cancelled::Running } else { Cancelled::Unknown })
}
