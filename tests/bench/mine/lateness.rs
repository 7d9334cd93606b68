//! How late jobs start that were due at a time, on a queue that was idle before and is idle between them.

use super::{
    house::House,
    job::{Nothing, Seen, new_job, orgs_of},
    put,
    runner::Runner,
};
use crate::{figure::percentile, wish::Wish};
use queue::{Bell, JobFamily, RunnerSettings};
use std::{sync::Arc, time::Duration};

/// Milliseconds between two due times: sometimes shorter than a poll, sometimes longer.
const GAP: std::ops::Range<u64> = 20..800;

pub async fn run(wish: &Wish) {
    let house = House::build().await;
    let jobs = wish.number("jobs", 100);
    let (pool, seen) = (house.pool(4).await, Arc::new(Seen::with_lateness()));
    let bell = Bell::start(&pool);
    let runner = Runner::start(pool.clone(), RunnerSettings::default(), &seen, Duration::ZERO);
    tokio::time::sleep(Duration::from_secs(wish.number("idle", 60))).await;
    let mut due = house.now().await + Duration::from_secs(wish.number("ahead", 30));
    for id in 0..jobs {
        due += Duration::from_millis(rand::random_range(GAP));
        let job = new_job(id, 0, orgs_of(1)[0]).at(due);
        queue::enqueue(&mut pool.acquire().await.unwrap(), &[job]).await.unwrap();
        bell.ring(Nothing::QUEUE);
    }
    let longest = Duration::from_secs(wish.number("ahead", 30)) + Duration::from_millis(GAP.end * (jobs + 5));
    assert!(seen.all_handled(jobs, longest).await, "jobs were not started");
    runner.stop().await;
    let late = seen.late_ms();
    put("late_p50_ms", percentile(&late, 50));
    put("late_p99_ms", percentile(&late, 99));
    put("late_max_ms", percentile(&late, 100));
}
