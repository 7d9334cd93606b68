//! Plain counts, for tests and for programs that look whether all is done. They read whole tables.

use sqlx::PgConnection;

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
