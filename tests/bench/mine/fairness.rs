//! How long a small tenant's jobs wait for their start, alone and beside a tenant with a hundred thousand jobs
//! waiting. The runner is set as it comes.

use super::{
    depth,
    house::House,
    job::{Seen, fill, orgs_of},
    produce, put,
    runner::Runner,
};
use crate::{figure::percentile, wish::Wish};
use queue::RunnerSettings;
use std::{sync::Arc, time::Duration};

const BACKLOG: u64 = 100_000;
/// What one job takes.
const WORK: Duration = Duration::from_millis(1);
/// Jobs a second of the small tenant.
const RATE: u64 = 50;

/// First alone, then beside the big one.
pub async fn run(wish: &Wish) {
    for (name, backlog) in [("alone", 0), ("beside", wish.number("backlog", BACKLOG))] {
        let house = House::build().await;
        let (pool, seen) = (house.pool(8).await, Arc::new(Seen::new(RATE)));
        let big = vec![orgs_of(2)[1]];
        fill(&pool, backlog, &big).await;
        house.analyze().await;
        house.checkpoint().await;
        let runner = Runner::start(pool.clone(), RunnerSettings::default(), &seen, WORK);
        let kept = (backlog > 0).then(|| depth::keep(pool, big, seen.clone()));
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        produce::beside(&house.url(), RATE, RATE * (1 + wish.number("seconds", 12)), 1).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let left = house.left().await;
        drop(kept);
        runner.stop().await;
        let waits = seen.waits_ms();
        put(&format!("{name}_p50_ms"), percentile(&waits, 50));
        put(&format!("{name}_p99_ms"), percentile(&waits, 99));
        put(&format!("{name}_started"), waits.len() as f64);
        put(&format!("{name}_waiting"), left as f64);
    }
}
