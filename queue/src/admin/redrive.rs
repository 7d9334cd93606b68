//! Posting many dead letters again. What would be posted is shown first, by kind and reason.

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{
    filter::{Filter, State},
    source::{Sql, push_error, push_names, push_posting, push_span},
};

/// Letters posted by one statement.
const CHUNK: usize = 500;

/// Dead letters that died alike.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DeadGroup {
    /// Their queue.
    pub queue: String,
    /// Their kind.
    pub kind: String,
    /// Why they died: the beginning of the reason.
    pub reason: String,
    /// How many.
    pub count: i64,
}

/// The matching dead letters, by kind and reason, the largest groups first; at most `limit` groups.
///
/// # Errors
/// When the database fails.
pub async fn dead_groups(conn: &mut PgConnection, filter: &Filter, limit: i64) -> Result<Vec<DeadGroup>, sqlx::Error> {
    let mut sql =
        Sql::new("select queue, kind, left(reason, 120) as reason, count(*) as count from queue.dead where true");
    push_matching(&mut sql, filter);
    sql.push(" group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit ").push_bind(limit);
    sql.build_query_as().persistent(false).fetch_all(conn).await
}

/// Posts the matching dead letters again, whole and due at once, in chunks within the caller's transaction; a letter
/// whose unique key is alive stays. Answers which were posted, with their queues, or, as an error, how many match when those are more
/// than `most`: then nothing is posted.
///
/// # Errors
/// When the database fails.
pub async fn redrive(
    conn: &mut PgConnection,
    filter: &Filter,
    most: i64,
) -> Result<Result<Vec<(Uuid, String)>, i64>, sqlx::Error> {
    let mut sql = Sql::new("select id from queue.dead where true");
    push_matching(&mut sql, filter);
    // oldest first, so that two who do this at once take the letters in the same order
    sql.push(" order by died_at, id limit ").push_bind(most.saturating_add(1));
    let ids: Vec<Uuid> = sql.build_query_scalar().persistent(false).fetch_all(&mut *conn).await?;
    if i64::try_from(ids.len()).unwrap_or(i64::MAX) > most {
        let count = super::list::count(conn, State::Dead, filter).await?;
        return Ok(Err(count.count.max(most.saturating_add(1))));
    }
    let mut posted = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        posted.extend(post(&mut *conn, chunk).await?);
    }
    Ok(Ok(posted))
}

async fn post(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    sqlx::query_as(
        "with posted as (
             insert into queue.jobs (id, queue, kind, org_id, payload, run_at, unique_key, trace, priority, created_at)
             select id, queue, kind, coalesce(org_id, '00000000-0000-0000-0000-000000000000'), payload,
                    public.app_now(), unique_key, trace, priority, created_at
             from queue.dead where id = any($1) order by died_at, id
             on conflict do nothing
             returning id
         )
         delete from queue.dead where id = any(array(select id from posted)) returning id, queue",
    )
    .bind(ids)
    .fetch_all(conn)
    .await
}

fn push_matching(sql: &mut Sql, filter: &Filter) {
    push_names(sql, filter, "");
    push_posting(sql, filter, "created_at");
    push_span(sql, "died_at", filter.ended_after, filter.ended_before);
    push_error(sql, filter, "reason");
}
