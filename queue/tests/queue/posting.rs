//! Promises 1, 5 and 7: posted with the caller's rows, once per key, once per tick.

use chrono::{TimeDelta, TimeZone, Utc};
use queue::{Bell, NewJob, drain, enqueue, tick};

use crate::harness::{Chore, House, Log, note};

#[tokio::test]
async fn a_rolled_back_transaction_posts_nothing() {
    let house = House::build().await;
    let mut tx = house.pool.begin().await.unwrap();
    assert_eq!(enqueue(&mut tx, &[note(1), note(2)]).await.unwrap(), 2);
    tx.rollback().await.unwrap();
    assert_eq!(house.left().await, 0);

    let mut tx = house.pool.begin().await.unwrap();
    enqueue(&mut tx, &[note(3)]).await.unwrap();
    let log = Log::default();
    assert_eq!(drain(&house.pool, log.done()).await.unwrap().runs(), 0, "not before the commit");
    tx.commit().await.unwrap();
    drain(&house.pool, log.done()).await.unwrap();
    assert_eq!(log.read(), [(3, 1)]);
}

#[tokio::test]
async fn urgent_jobs_first_then_by_time() {
    let house = House::build().await;
    let long_ago = Utc.with_ymd_and_hms(2020, 1, 1, 0, 0, 0).unwrap();
    house.skip(60.0).await;
    house
        .post(&[
            note(1),
            note(2).with_priority(NewJob::LOW),
            note(3).with_priority(NewJob::URGENT),
            note(4).at(long_ago),
            note(5).with_priority(-7),
        ])
        .await;
    let log = Log::default();
    drain(&house.pool, log.done()).await.unwrap();
    let order: Vec<u32> = log.read().iter().map(|(n, _)| *n).collect();
    assert_eq!(order, [3, 5, 4, 1, 2]);
}

#[tokio::test]
async fn a_key_is_posted_once_while_it_lives() {
    let house = House::build().await;
    let keyed = |key: &str| NewJob::of(&Chore::Keyed { key: key.into() }, None);
    assert_eq!(house.post(&[keyed("a"), keyed("a"), keyed("b")]).await, 2);
    let mut tx = house.pool.begin().await.unwrap();
    assert_eq!(enqueue(&mut tx, &[keyed("a"), keyed("c")]).await.unwrap(), 1);
    tx.commit().await.expect("a duplicate does not disturb the transaction");
    drain(&house.pool, Log::default().done()).await.unwrap();
    assert_eq!(house.post(&[keyed("a")]).await, 1, "free again once it has ended");
}

#[tokio::test]
async fn a_tick_fires_once_for_ever() {
    let house = House::build().await;
    let slot = Utc::now() - TimeDelta::hours(3);
    let mut schedulers = Vec::new();
    for n in 0..8 {
        let pool = house.pool.clone();
        schedulers.push(tokio::spawn(async move {
            let mut conn = pool.acquire().await.unwrap();
            tick(&mut conn, "remind", slot, &note(n)).await.unwrap()
        }));
    }
    let mut posted = 0;
    for scheduler in schedulers {
        posted += u32::from(scheduler.await.unwrap());
    }
    assert_eq!((posted, house.left().await), (1, 1));

    drain(&house.pool, Log::default().done()).await.unwrap();
    let mut conn = house.pool.acquire().await.unwrap();
    assert!(!tick(&mut conn, "remind", slot, &note(9)).await.unwrap(), "not again after it ran");
    let next = slot + TimeDelta::minutes(1);
    assert!(tick(&mut conn, "remind", next, &note(9)).await.unwrap());
    let forgotten = slot - TimeDelta::days(31);
    assert!(!tick(&mut conn, "remind", forgotten, &note(9)).await.unwrap(), "it may have been posted");
}

#[tokio::test]
async fn the_bell_carries_other_notices_too_and_survives_its_connection() {
    let house = House::build().await;
    let bell = Bell::start(&house.pool);
    let mut listener = sqlx::postgres::PgListener::connect_with(&house.pool).await.unwrap();
    listener.listen("operations").await.unwrap();
    bell.publish("operations", "one");
    assert_eq!(listener.recv().await.unwrap().payload(), "one");

    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
                 where application_name = 'teranga bell' and datname = current_database()",
    )
    .execute(&house.pool)
    .await
    .unwrap();
    bell.publish("operations", "two");
    bell.publish("operations", &"x".repeat(9_000));
    assert_eq!(listener.recv().await.unwrap().payload(), "two");
}
