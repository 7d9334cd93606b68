//! The basic of promise 9: what an operator sees and does.

use std::future::ready;

use chrono::{TimeDelta, Utc};
use queue::{Verdict, admin, drain};

use crate::harness::{Chore, House, Log, note};

#[tokio::test]
async fn counts_waiting_scheduled_and_dead() {
    let house = House::build().await;
    house.post(&[note(1), note(2), note(3).at(Utc::now() + TimeDelta::hours(1))]).await;
    let mut conn = house.pool.acquire().await.unwrap();
    let seen = admin::queues(&mut conn).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].due, seen[0].scheduled, seen[0].in_flight, seen[0].paused), (2, 1, 0, false));
    assert_eq!(admin::pending(&mut conn, "note").await.unwrap(), 3);
    assert_eq!(admin::left_over(&mut conn).await.unwrap(), 2);
}

#[tokio::test]
async fn a_paused_queue_starts_nothing_until_resumed() {
    let house = House::build().await;
    house.post(&[note(1)]).await;
    let mut conn = house.pool.acquire().await.unwrap();
    admin::pause(&mut conn, "chores").await.unwrap();
    admin::pause(&mut conn, "chores").await.unwrap();
    assert!(admin::queues(&mut conn).await.unwrap()[0].paused);
    let log = Log::default();
    assert_eq!(drain(&house.pool, log.done()).await.unwrap().runs(), 0);
    admin::resume(&mut conn, "chores").await.unwrap();
    assert_eq!(drain(&house.pool, log.done()).await.unwrap().done, 1);
}

#[tokio::test]
async fn a_dead_letter_is_posted_again_whole() {
    let house = House::build().await;
    let letter = note(7);
    let id = letter.id;
    house.post(&[letter]).await;
    let stop = |_: queue::Job<Chore>| ready(Verdict::Stop { reason: "no".into() });
    drain(&house.pool, stop).await.unwrap();
    let mut conn = house.pool.acquire().await.unwrap();
    assert_eq!(admin::dead_count(&mut conn).await.unwrap(), 1);
    let letters = admin::dead_letters(&mut conn, "chores", 10).await.unwrap();
    assert_eq!((letters[0].id, letters[0].reason.as_str()), (id, "no"));

    assert!(admin::retry_dead(&mut conn, id).await.unwrap());
    assert!(!admin::retry_dead(&mut conn, id).await.unwrap());
    let log = Log::default();
    drain(&house.pool, log.done()).await.unwrap();
    assert_eq!(log.read(), [(7, 1)]);
    assert_eq!(admin::dead_count(&mut conn).await.unwrap(), 0);
}

#[tokio::test]
async fn the_application_role_has_the_rights_it_needs_and_no_more() {
    let house = House::build().await;
    let pool = house.as_service().await;
    let mut conn = pool.acquire().await.unwrap();
    queue::enqueue(&mut conn, &[note(1)]).await.unwrap();
    assert!(queue::tick(&mut conn, "t", Utc::now(), &note(2)).await.unwrap());
    let stop = |_: queue::Job<Chore>| ready(Verdict::Stop { reason: "no".into() });
    drain(&pool, stop).await.unwrap();
    let letters = admin::dead_letters(&mut conn, "chores", 10).await.unwrap();
    assert!(admin::retry_dead(&mut conn, letters[0].id).await.unwrap());
    admin::pause(&mut conn, "chores").await.unwrap();
    admin::resume(&mut conn, "chores").await.unwrap();
    assert_eq!(admin::queues(&mut conn).await.unwrap()[0].due, 1);
    let settings = queue::RunnerSettings::default();
    let log = Log::default();
    let runner = queue::run(pool.clone(), settings, tokio::time::sleep(std::time::Duration::from_secs(1)), log.done());
    assert_eq!(runner.await.handed_back, Some(0));
    assert_eq!(log.read().len(), 1);
    for forbidden in ["update queue.history set attempt = 0", "delete from queue.ticks", "drop table queue.jobs"] {
        assert!(sqlx::query(forbidden).execute(&mut *conn).await.is_err(), "{forbidden}");
    }
}
