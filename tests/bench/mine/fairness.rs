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
        let seconds = wish.number("seconds", 10);
        produce::beside(&house.url(), RATE, RATE * (1 + seconds), 1).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let left = house.left().await;
        drop(kept);
        runner.stop().await;
        let waits = seen.waits_ms();
        // a percentile over those that were started would flatter a queue that starves the others
        let enough = waits.len() as f64 >= (RATE * seconds) as f64 * 0.995;
        for hundredths in [50, 99] {
            let value = if enough { percentile(&waits, hundredths) } else { f64::NAN };
            put(&format!("{name}_p{hundredths}_ms"), value);
        }
        put(&format!("{name}_started"), waits.len() as f64);
        put(&format!("{name}_waiting"), left as f64);
    }
}
