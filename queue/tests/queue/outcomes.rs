//! Promises 2 and 3: the four outcomes, and the fence.

use std::{future::ready, time::Duration};

use queue::{Lease, NewJob, Verdict, complete_in, drain};
use uuid::Uuid;

use crate::harness::{Chore, House, Log, note};

#[tokio::test]
async fn a_fault_backs_off_and_dies_at_the_limit() {
    let house = House::build().await;
    house.post(&[note(1)]).await;
    let log = Log::default();
    let writer = log.clone();
    let failing = move |job: queue::Job<Chore>| {
        writer.write(&job);
        ready(Verdict::Retry { error: "no\0answer".into(), after: None })
    };
    assert_eq!(drain(&house.pool, failing.clone()).await.unwrap().retried, 1);
    let delay = house
        .count("select extract(epoch from run_at - app_now())::bigint from queue.jobs where last_error = 'noanswer'")
        .await;
    assert!((4..=10).contains(&delay), "between half and all of ten seconds: {delay}");
    assert_eq!(drain(&house.pool, failing.clone()).await.unwrap().runs(), 0, "not before it is due");

    house.skip(11.0).await;
    assert_eq!(drain(&house.pool, failing.clone()).await.unwrap().retried, 1);
    house.skip(21.0).await;
    assert_eq!(drain(&house.pool, failing).await.unwrap().dead, 1);
    assert_eq!(log.read(), [(1, 1), (1, 2), (1, 3)]);
    assert_eq!(house.left().await, 0);
    let dead = "select count(*) from queue.dead where reason = 'noanswer' and attempts = 3";
    assert_eq!(house.count(dead).await, 1);
}

#[tokio::test]
async fn the_other_side_may_name_the_delay() {
    let house = House::build().await;
    house.post(&[note(1)]).await;
    let busy =
        |_: queue::Job<Chore>| ready(Verdict::Retry { error: "429".into(), after: Some(Duration::from_secs(777)) });
    drain(&house.pool, busy).await.unwrap();
    let delay = house.count("select extract(epoch from run_at - app_now())::bigint from queue.jobs").await;
    assert!((770..=777).contains(&delay), "{delay}");
}

#[tokio::test]
async fn again_spends_no_attempt() {
    let house = House::build().await;
    house.post(&[note(1)]).await;
    let log = Log::default();
    for _ in 0..5 {
        let log = log.clone();
        let again = move |job| {
            log.write(&job);
            ready(Verdict::Again(Duration::from_secs(60)))
        };
        assert_eq!(drain(&house.pool, again).await.unwrap().again, 1);
        house.skip(61.0).await;
    }
    assert_eq!(log.read(), [(1, 1); 5]);
}

#[tokio::test]
async fn stop_is_final_and_keeps_the_reason() {
    let house = House::build().await;
    house.post(&[note(1)]).await;
    let stop = |_: queue::Job<Chore>| ready(Verdict::Stop { reason: "already_refunded".into() });
    assert_eq!(drain(&house.pool, stop).await.unwrap().dead, 1);
    assert_eq!(house.count("select count(*) from queue.dead where reason = 'already_refunded'").await, 1);
    assert_eq!(house.count("select count(*) from queue.history where outcome = 'dead'").await, 1);
}

#[tokio::test]
async fn panics_and_missed_deadlines_are_faults() {
    let house = House::build().await;
    house.post(&[note(1), note(2), NewJob::of(&Chore::Hasty, None)]).await;
    let handler = |job: queue::Job<Chore>| {
        assert!(job.job != (Chore::Note { n: 1 }), "boom before the future");
        async move {
            assert!(job.job != (Chore::Note { n: 2 }), "boom within");
            tokio::time::sleep(Duration::from_secs(60)).await;
            Verdict::Done
        }
    };
    assert_eq!(drain(&house.pool, handler).await.unwrap().retried, 3);
    let panicked = "select count(*) from queue.jobs where last_error like 'panicked: boom%'";
    assert_eq!(house.count(panicked).await, 2);
    let late = "select count(*) from queue.jobs where last_error like 'took longer than%'";
    assert_eq!(house.count(late).await, 1);
}

#[tokio::test]
async fn an_undecodable_job_dies_alone() {
    let house = House::build().await;
    let mut broken = note(1);
    broken.payload = serde_json::json!({"kind": "note", "n": "secret words"});
    house.post(&[broken, note(2)]).await;
    let log = Log::default();
    let drained = drain(&house.pool, log.done()).await.unwrap();
    assert_eq!((drained.done, drained.dead), (1, 1));
    assert_eq!(log.read(), [(2, 1)]);
    let reason: String = sqlx::query_scalar("select reason from queue.dead").fetch_one(&house.pool).await.unwrap();
    assert!(reason.contains("undecodable") && !reason.contains("secret"), "{reason}");
}

#[tokio::test]
async fn a_job_completes_with_its_effect_or_not_at_all() {
    let house = House::build().await;
    sqlx::query("create table effects (n int)").execute(&house.pool).await.unwrap();
    house.post(&[note(1)]).await;
    let pool = house.pool.clone();
    let handler = move |job: queue::Job<Chore>| {
        let pool = pool.clone();
        async move {
            let mut tx = pool.begin().await.unwrap();
            sqlx::query("insert into effects values (1)").execute(&mut *tx).await.unwrap();
            assert!(complete_in(&mut tx, &job.lease).await.unwrap());
            if job.attempt == 1 {
                tx.rollback().await.unwrap();
                return Verdict::Retry { error: "rolled back".into(), after: Some(Duration::ZERO) };
            }
            tx.commit().await.unwrap();
            Verdict::DoneInTransaction
        }
    };
    let drained = drain(&house.pool, handler).await.unwrap();
    assert_eq!((drained.retried, drained.done), (1, 1));
    assert_eq!(house.count("select count(*) from effects").await, 1);
    assert_eq!(house.left().await, 0);
    let remembered = "select count(*) from queue.history where outcome = 'done' and attempt = 2 and worker = 'drain'";
    assert_eq!(house.count(remembered).await, 1);
}

#[tokio::test]
async fn a_lost_lease_changes_nothing() {
    let house = House::build().await;
    house.post(&[note(1)]).await;
    let pool = house.pool.clone();
    let handler = move |job: queue::Job<Chore>| {
        let pool = pool.clone();
        async move {
            let mut conn = pool.acquire().await.unwrap();
            let stranger = Lease { job: job.lease.job, worker: Uuid::now_v7() };
            assert!(!complete_in(&mut conn, &stranger).await.unwrap());
            // Somebody declares this worker dead while it works.
            sqlx::query("update queue.jobs set lease = $1").bind(stranger.worker).execute(&mut *conn).await.unwrap();
            assert!(!complete_in(&mut conn, &job.lease).await.unwrap());
            Verdict::Done
        }
    };
    drain(&house.pool, handler).await.unwrap();
    assert_eq!(house.count("select count(*) from queue.jobs where lease is not null").await, 1);
    assert_eq!(house.count("select count(*) from queue.history").await, 0);
}
