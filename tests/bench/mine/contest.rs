//! The figures that the kit takes of every queue, taken of ours in the same way.

use super::{
    house::House,
    job::{Seen, fill, now_us, orgs_of},
    produce::{self, Producer},
    put,
    runner::Runner,
    settings::{Profile, orgs},
};
use crate::{figure::percentile, wish::Wish};
use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

/// The commands that every peer knows.
pub const COMMANDS: [&str; 6] = ["drain", "e2e", "lat100", "lat1000", "enq", "bulk"];
/// Bytes of write-ahead log per job drained, its enqueue counted and the vacuum between them too.
pub const WAL: &str = "wal_job_b";
/// Longer than this is given up.
const CAP: Duration = Duration::from_secs(60);

pub async fn enqueue(wish: &Wish) {
    let house = House::build().await;
    let jobs = wish.number("enq_n", 10_000);
    let producer = Producer::new(house.pool(18).await, orgs(wish));
    producer.as_fast_as_possible(200, false).await; // warm up the connections
    let started = Instant::now();
    producer.as_fast_as_possible(jobs, false).await;
    put("enqueue_c16", jobs as f64 / started.elapsed().as_secs_f64());
}

pub async fn bulk(wish: &Wish) {
    let house = House::build().await;
    let jobs = wish.number("bulk_n", 100_000);
    let pool = house.pool(18).await;
    let started = Instant::now();
    fill(&pool, jobs, &orgs_of(orgs(wish))).await;
    put("bulk", jobs as f64 / started.elapsed().as_secs_f64());
}

pub async fn drain(wish: &Wish) {
    let house = House::build().await;
    let jobs = wish.number("drain_n", 100_000);
    let (pool, seen) = (house.pool(24).await, Arc::new(Seen::new(0)));
    let empty = house.wal().await;
    fill(&pool, jobs, &orgs_of(orgs(wish))).await;
    let full = house.wal().await;
    house.analyze().await;
    let analyzed = house.wal().await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let started = Instant::now();
    let runner = Runner::start(pool, Profile::Drain.settings(wish), &seen, Duration::ZERO);
    let all = seen.all_handled(jobs, CAP).await;
    let finished = all && house.all_finished(CAP.saturating_sub(started.elapsed())).await;
    let took = started.elapsed();
    let done = if finished { jobs } else { seen.done.load(Relaxed).min(jobs) };
    put("drain_100k", done as f64 / took.as_secs_f64());
    if finished {
        let drained = house.wal().await;
        house.expect_history(jobs).await;
        put(WAL, (drained - empty) / jobs as f64);
        put("wal_enqueue_b", (full - empty) / jobs as f64);
        put("wal_run_b", (drained - analyzed) / jobs as f64);
    }
    runner.stop().await;
}

pub async fn latency(wish: &Wish, rate: u64) {
    let house = House::build().await;
    let jobs = rate * (1 + wish.number("lat_s", if rate == 100 { 7 } else { 5 }));
    let seen = Arc::new(Seen::new(rate));
    let runner = Runner::start(house.pool(24).await, Profile::Latency.settings(wish), &seen, Duration::ZERO);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    produce::beside(&house.url(), rate, jobs, orgs(wish)).await;
    seen.all_handled(jobs, Duration::from_secs(3)).await;
    runner.stop().await;
    let waits = seen.waits_ms();
    // a percentile over survivors would flatter a queue that loses wake-ups
    let enough = waits.len() as f64 >= (jobs - rate) as f64 * 0.995;
    for hundredths in [50, 99] {
        let value = if enough { percentile(&waits, hundredths) } else { f64::NAN };
        put(&format!("lat{rate}_p{hundredths}_ms"), value);
    }
}

pub async fn end_to_end(wish: &Wish) {
    let house = House::build().await;
    let jobs = wish.number("e2e_n", 20_000);
    let seen = Arc::new(Seen::new(0));
    let runner = Runner::start(house.pool(24).await, Profile::E2e.settings(wish), &seen, Duration::ZERO);
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    produce::beside(&house.url(), 0, jobs, orgs(wish)).await;
    let finished = seen.all_handled(jobs, CAP).await && house.all_finished(CAP).await;
    let seconds = now_us().saturating_sub(seen.first_t.load(Relaxed)) as f64 / 1e6;
    if finished {
        house.expect_history(jobs).await;
    }
    put("e2e_c16", if finished { jobs as f64 / seconds } else { f64::NAN });
    runner.stop().await;
}
