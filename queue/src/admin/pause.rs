//! Pausing and resuming a queue, for every runner of it.

use sqlx::PgConnection;

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
