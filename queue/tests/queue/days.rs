//! Promise 12: the days of the history are made before they come and dropped when their time is over.

use queue::{admin, drain};

use crate::harness::{House, Log, note};

const DAYS: &str = "select count(*) from pg_inherits where inhparent = 'queue.history'::regclass";

/// As if the database had stood still: its newest days are missing, its oldest are old.
const LONG_AGO: &str = "
    drop table if exists queue.history_20200101;
    create table queue.history_20200101 partition of queue.history
        for values from ('2020-01-01 00:00+00') to ('2020-01-02 00:00+00');
    insert into queue.history (id, ended_at, duration_ms, attempt, queue, kind, outcome)
        values (gen_random_uuid(), '2020-01-01 12:00+00', 1, 1, 'chores', 'note', 'done');";

#[tokio::test]
async fn old_days_are_dropped_and_coming_ones_made() {
    let house = House::build().await;
    let before = house.count(DAYS).await;
    sqlx::raw_sql(LONG_AGO).execute(&house.pool).await.unwrap();
    let mut conn = house.pool.acquire().await.unwrap();
    assert_eq!(admin::keep_history(&mut conn, 30).await.unwrap(), 1);
    assert_eq!(admin::keep_history(&mut conn, 30).await.unwrap(), 0, "twice does no harm");
    assert_eq!(house.count(DAYS).await, before);
    assert_eq!(house.count("select count(*) from queue.history").await, 0);
    assert!(admin::keep_history(&mut conn, 0).await.is_err());
}

#[tokio::test]
async fn a_day_nobody_made_is_caught_and_holds_up_no_other() {
    let house = House::build().await;
    // nobody came round for long: not even today has a place of its own
    let days: Vec<String> = sqlx::query_scalar(
        "select format('drop table queue.%I', relname) from pg_inherits join pg_class c on c.oid = inhrelid
         where inhparent = 'queue.history'::regclass and relname ~ '\\d{8}$'",
    )
    .fetch_all(&house.pool)
    .await
    .unwrap();
    for day in days {
        sqlx::raw_sql(sqlx::AssertSqlSafe(day)).execute(&house.pool).await.unwrap();
    }
    house.post(&[note(1)]).await;
    assert_eq!(drain(&house.pool, Log::default().done()).await.unwrap().done, 1);
    assert_eq!(house.count("select count(*) from queue.history_other").await, 1);
    let mut conn = house.pool.acquire().await.unwrap();
    admin::keep_history(&mut conn, 30).await.unwrap();
    assert_eq!(house.count(DAYS).await, 8, "the days to come, and the one that catches");
    house.post(&[note(2)]).await;
    assert_eq!(drain(&house.pool, Log::default().done()).await.unwrap().done, 1);
    assert_eq!(house.count("select count(*) from queue.history").await, 2, "nothing is lost");
}
