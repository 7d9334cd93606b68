//! Having a job run now: a dead letter is posted again whole, one that waits is due at once.

use sqlx::PgConnection;
use uuid::Uuid;

/// What became of a job that was to be run now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// It was dead and is posted again under its old id, due at once, with all its attempts.
    Revived {
        /// Where it waits.
        queue: String,
        /// Whose it is.
        org_id: Option<Uuid>,
    },
    /// It waited for a later time and is due at once.
    Hastened {
        /// Where it waits.
        queue: String,
        /// Whose it is.
        org_id: Option<Uuid>,
    },
    /// It is due already: nothing was changed.
    Due,
    /// It runs: nothing was changed.
    Running,
    /// A job with its unique key is alive: the letter stays.
    Alive,
    /// There is no such job, or it ended.
    Unknown,
}

/// Has a job run now.
///
/// # Errors
/// When the database fails.
pub async fn retry(conn: &mut PgConnection, id: Uuid) -> Result<Retried, sqlx::Error> {
    let revived: Option<(String, Option<Uuid>)> = sqlx::query_as(
        "with posted as (
             insert into queue.jobs (id, queue, kind, org_id, payload, run_at, unique_key, trace, priority, created_at)
             select id, queue, kind, coalesce(org_id, '00000000-0000-0000-0000-000000000000'), payload,
                    public.app_now(), unique_key, trace, priority, created_at
             from queue.dead where id = $1
             on conflict do nothing
             returning id
         )
         delete from queue.dead where id = any(array(select id from posted)) returning queue, org_id",
    )
    .bind(id)
    .fetch_optional(&mut *conn)
    .await?;
    if let Some((queue, org_id)) = revived {
        return Ok(Retried::Revived { queue, org_id });
    }
    // A suspect goes on standing apart from the lines.
    let hastened: Option<(String, Option<Uuid>)> = sqlx::query_as(
        "update queue.jobs set run_at = public.app_now(), ready = deaths = 0
         where id = $1 and lease is null and run_at > public.app_now()
         returning queue, nullif(org_id, '00000000-0000-0000-0000-000000000000')",
    )
    .bind(id)
    .fetch_optional(&mut *conn)
    .await?;
    if let Some((queue, org_id)) = hastened {
        return Ok(Retried::Hastened { queue, org_id });
    }
    let (running, dead): (Option<bool>, bool) = sqlx::query_as(
        "select (select lease is not null from queue.jobs where id = $1), exists (select from queue.dead where id = $1)",
    )
    .bind(id)
    .fetch_one(conn)
    .await?;
    Ok(match (running, dead) {
        (_, true) => Retried::Alive,
        (Some(true), _) => Retried::Running,
        (Some(false), _) => Retried::Due,
        (None, _) => Retried::Unknown,
    })
}
