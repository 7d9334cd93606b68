//! The days of the history: made before they come, dropped when their time is over (promise 12).

use sqlx::PgConnection;

/// Days made in advance: as long as nobody may come round to call [`keep_history`] without a row going astray.
const AHEAD: i32 = 7;

/// Makes the partitions of the days that come and drops those that ended more than `days` days ago, by the real clock.
/// Answers how many were dropped. Gives up after two seconds of waiting for readers of the history. Safe to call at any
/// time, from many places.
///
/// # Errors
/// When the database fails, or `days` is not at least 1.
pub async fn keep_history(conn: &mut PgConnection, days: i32) -> Result<i32, sqlx::Error> {
    // Dropping a day waits for its readers, and every acknowledgement would wait behind it.
    sqlx::query("select set_config('lock_timeout', '2s', true)").execute(&mut *conn).await?;
    sqlx::query_scalar("select queue.keep_history($1, $2)").bind(days).bind(AHEAD).fetch_one(conn).await
}
