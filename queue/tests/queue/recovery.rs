//! Promises 4, 6 and 10: workers die, and so does the database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use queue::Verdict;
use tokio::time::sleep;

use crate::harness::{Chore, House, Log, note};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_workers_jobs_resume_and_a_live_ones_do_not() {
    let house = House::build().await;
    house.post(&[note(1)]).await;
    let killed = house.runner("killed", 1, |_| async {
        sleep(Duration::from_secs(60)).await;
        Verdict::Done
    });
    house.until(5, "select count(*) = 1 from queue.jobs where lease is not null").await;

    house.post(&[note(2)]).await;
    let runs = Arc::new(AtomicU32::new(0));
    let counter = runs.clone();
    let log = Log::default();
    let writer = log.clone();
    let alive = house.runner("alive", 2, move |job| {
        let counter = counter.clone();
        writer.write(&job);
        async move {
            if job.job == (Chore::Note { n: 2 }) {
                counter.fetch_add(1, Ordering::SeqCst);
                sleep(Duration::from_secs(7)).await;
            }
            Verdict::Done
        }
    });
    house.until(5, "select count(*) = 2 from queue.jobs where lease is not null").await;
    let death = Instant::now();
    killed.kill();
    house.until(8, "select count(*) = 1 from queue.history where worker = 'alive' and attempt = 2").await;
    assert!(death.elapsed() < Duration::from_secs(6), "{:?}", death.elapsed());
    house.until(10, "select count(*) = 2 from queue.history").await;
    assert_eq!(runs.load(Ordering::SeqCst), 1, "a live worker's job runs once, however long");
    assert!(log.read().contains(&(1, 2)));
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_lost_jobs_resume_through_one_free_place_without_a_watch_over_each() {
    let house = House::build().await;
    house.post(&[note(0)]).await;
    let alive = house.runner("alive", 2, move |job| async move {
        if job.job == (Chore::Note { n: 0 }) {
            sleep(Duration::from_secs(60)).await;
        }
        Verdict::Done
    });
    house.until(5, "select count(*) = 1 from queue.jobs where lease is not null").await;
    sqlx::query("insert into queue.paused values ('chores')").execute(&house.pool).await.unwrap();
    house.post(&[1, 2, 3, 4].map(note)).await;
    sqlx::query(
        "with dead as (insert into queue.workers (id, name, queue, sessions, expires_at)
                       values (gen_random_uuid(), 'dead', 'chores', 'dead-1', clock_timestamp() + interval '1 minute') returning id)
         update queue.jobs set lease = (select id from dead), attempt = 1, started_at = now() where lease is null",
    )
    .execute(&house.pool)
    .await
    .unwrap();
    // one of them is locked by a transaction that the dead worker left open, and one by somebody else
    let mut left_open = house.session("dead-1").await;
    sqlx::raw_sql("begin; select from queue.jobs where payload @> '{\"n\": 3}' for update")
        .execute(&mut left_open)
        .await
        .unwrap();
    let mut open = house.pool.begin().await.unwrap();
    sqlx::query("select from queue.jobs where payload @> '{\"n\": 4}' for update").execute(&mut *open).await.unwrap();
    sleep(Duration::from_millis(1100)).await;
    sqlx::query("update queue.workers set expires_at = clock_timestamp() where name = 'dead'")
        .execute(&house.pool)
        .await
        .unwrap();
    sqlx::query("delete from queue.paused").execute(&house.pool).await.unwrap();
    let death = Instant::now();
    house.until(8, "select count(*) = 3 from queue.history where outcome = 'done' and attempt = 2").await;
    assert!(death.elapsed() < Duration::from_secs(4), "{:?}", death.elapsed());
    sqlx::raw_sql("commit").execute(&mut left_open).await.expect_err("what a dead worker had not committed is undone");
    open.rollback().await.unwrap();
    house.until(4, "select count(*) = 4 from queue.history where outcome = 'done' and attempt = 2").await;
    assert_eq!(house.count("select count(*) from queue.workers where name = 'dead'").await, 0);
    alive.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocking_handler_does_not_look_dead() {
    let house = House::build().await;
    house.post(&[note(1), note(2), note(3), note(4)]).await;
    let log = Log::default();
    let writer = log.clone();
    let blocked = house.runner("blocked", 4, move |job| {
        writer.write(&job);
        async {
            std::thread::sleep(Duration::from_secs(5));
            Verdict::Done
        }
    });
    let other = std::thread::spawn({
        let pool_options = house.pool.connect_options().as_ref().clone();
        let log = log.clone();
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let pool = sqlx::PgPool::connect_with(pool_options).await.unwrap();
                let settings = queue::RunnerSettings { name: "other".into(), ..queue::RunnerSettings::default() };
                sleep(Duration::from_millis(1_500)).await;
                queue::run(pool, settings, sleep(Duration::from_secs(8)), log.done()).await
            })
        }
    });
    house.until(30, "select count(*) = 4 from queue.history").await;
    assert_eq!(log.read().len(), 4, "{:?}", log.read());
    tokio::task::spawn_blocking(|| other.join()).await.unwrap().unwrap();
    blocked.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_kills_its_workers_is_quarantined_and_its_neighbours_are_not() {
    let house = House::build().await;
    house.post(&[note(0), note(1)]).await;
    let log = Log::default();
    // Job 0 hangs as if its process were about to die, and each runner is killed while it runs. Job 1 is quick but
    // runs beside it the first time.
    for attempt in 1..=3 {
        let writer = log.clone();
        let doomed = house.runner("doomed", 4, move |job| {
            writer.write(&job);
            async move {
                if job.job == (Chore::Note { n: 0 }) || job.attempt == 1 {
                    sleep(Duration::from_secs(60)).await;
                }
                Verdict::Done
            }
        });
        let started = Instant::now();
        while !log.read().contains(&(0, attempt)) {
            assert!(started.elapsed() < Duration::from_secs(10), "attempt {attempt} was not made");
            sleep(Duration::from_millis(20)).await;
        }
        sleep(Duration::from_millis(300)).await;
        doomed.kill();
    }
    let healthy = house.runner("healthy", 4, log.done());
    house.until(10, "select exists (select from queue.dead)").await;
    let quarantined = "select count(*) from queue.dead where reason = 'worker died 3 times' and deaths = 3";
    assert_eq!(house.count(quarantined).await, 1);
    house.until(1, "select count(*) = 1 from queue.history where outcome = 'done' and attempt = 2").await;
    assert_eq!(house.left().await, 0);
    assert_eq!(log.read().iter().filter(|(n, _)| *n == 0).count(), 3, "never a fourth time");
    healthy.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn survives_the_loss_of_all_its_connections() {
    let house = House::build().await;
    let log = Log::default();
    let writer = log.clone();
    let runner = house.runner("r", 8, move |job| {
        writer.write(&job);
        async {
            sleep(Duration::from_millis(20)).await;
            Verdict::Done
        }
    });
    for round in 0..10 {
        house.post(&(round * 20..round * 20 + 20).map(note).collect::<Vec<_>>()).await;
        sleep(Duration::from_millis(60)).await;
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity
                     where datname = current_database() and application_name like '%queue %'",
        )
        .execute(&house.pool)
        .await
        .unwrap();
    }
    house.until(20, "select count(*) = 200 from queue.history").await;
    assert!(runner.is_running());
    assert_eq!(house.left().await, 0);
    let mut ran: Vec<u32> = log.read().iter().map(|(n, _)| *n).collect();
    ran.sort_unstable();
    ran.dedup();
    assert_eq!(ran.len(), 200);
    runner.stop().await;
}
