//! Promises 5 and 11, and the tower: a real runner under the apalis monitor.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use queue::{Bell, Verdict};
use tokio::time::sleep;

use crate::harness::{House, Log, note};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_what_is_posted_and_remembers_it() {
    let house = House::build().await;
    let jobs: Vec<_> = (0..1_000).map(note).collect();
    house.post(&jobs).await;
    let log = Log::default();
    let runner = house.runner("host-7", 50, log.done());
    house.until(20, "select count(*) = 1000 from queue.history where worker = 'host-7' and outcome = 'done'").await;
    assert_eq!(runner.stop().await.handed_back, Some(0));
    let mut ran = log.read();
    ran.sort_unstable();
    assert_eq!(ran, (0..1_000).map(|n| (n, 1)).collect::<Vec<_>>());
    assert_eq!(house.count("select count(*) from queue.workers").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starts_on_time_and_at_the_bell() {
    let house = House::build().await;
    let starts = Arc::new(Mutex::new(Vec::new()));
    let writer = starts.clone();
    let runner = house.runner("r", 4, move |job| {
        writer.lock().unwrap().push((job.run_at, Utc::now()));
        std::future::ready(Verdict::Done)
    });
    let bell = Bell::start(&house.pool);
    house.until(5, "select count(*) = 1 from queue.workers").await;
    sleep(Duration::from_millis(100)).await;
    house.post(&[note(1).at(Utc::now() + TimeDelta::milliseconds(1_300))]).await;
    bell.ring("chores");
    sleep(Duration::from_millis(700)).await;
    house.post(&[note(2)]).await;
    bell.ring("chores");
    house.until(5, "select count(*) = 2 from queue.history").await;
    runner.stop().await;
    for (due, started) in starts.lock().unwrap().iter() {
        let late = started.signed_duration_since(due);
        assert!(late >= TimeDelta::zero() && late < TimeDelta::milliseconds(250), "{late}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_runs_more_than_it_has_room_for() {
    let house = House::build().await;
    house.post(&(0..30).map(note).collect::<Vec<_>>()).await;
    let running = Arc::new(Mutex::new((0_u32, 0_u32)));
    let runner = house.runner("r", 3, move |_| {
        let running = running.clone();
        async move {
            {
                let mut now = running.lock().unwrap();
                now.0 += 1;
                now.1 = now.1.max(now.0);
                assert!(now.1 <= 3, "three at a time");
            }
            sleep(Duration::from_millis(5)).await;
            running.lock().unwrap().0 -= 1;
            Verdict::Done
        }
    });
    house.until(10, "select count(*) = 30 from queue.history").await;
    assert_eq!(house.count("select coalesce(max(attempt), 0)::bigint from queue.history").await, 1);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_finishes_what_it_can_and_hands_back_the_rest_uncharged() {
    let house = House::build().await;
    house.post(&[note(0), note(1), note(2)]).await;
    let runner = house.runner("r", 2, |job| async move {
        // The first two start; one ends within the grace of half a second, the other does not.
        let long = job.job == crate::harness::Chore::Note { n: 0 };
        sleep(Duration::from_millis(if long { 20_000 } else { 300 })).await;
        Verdict::Done
    });
    house.until(5, "select count(*) = 2 from queue.jobs where lease is not null").await;
    let asked = Instant::now();
    let stopped = runner.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(stopped.handed_back, Some(1));
    assert_eq!(house.count("select count(*) from queue.history").await, 1);
    let back = "select count(*) from queue.jobs where lease is null and attempt = 0 and deaths = 0";
    assert_eq!(house.count(back).await, 2);
}
