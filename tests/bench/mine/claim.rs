//! What one claim takes with a thousand jobs waiting and with a million. The same jobs are carried at the same pace
//! and posted again, so that nothing differs but the depth. Times are the runner's own.

use super::{
    depth,
    house::House,
    job::{Seen, fill, orgs_of},
    put,
    recorder::{CLAIM, Exact, FLUSH},
    runner::Runner,
    settings::orgs,
};
use crate::{figure::percentile, wish::Wish};
use queue::RunnerSettings;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const DEPTHS: [(&str, u64); 2] = [("1k", 1_000), ("1m", 1_000_000)];
/// What one job takes; with the concurrency it sets the pace, which the machine must be able to hold.
const WORK: Duration = Duration::from_millis(10);
const CONCURRENCY: usize = 32;
const WARM_UP: Duration = Duration::from_secs(2);

pub fn settings() -> RunnerSettings {
    RunnerSettings { concurrency: CONCURRENCY, ..RunnerSettings::default() }
}

/// Both depths in turn.
pub async fn run(wish: &Wish) {
    let exact = Exact::install();
    let time = Duration::from_secs(wish.number("seconds", 6));
    let orgs = orgs_of(orgs(wish));
    let mut houses = Vec::new();
    for (name, depth) in DEPTHS {
        let house = House::build().await;
        fill(&house.pool(4).await, wish.number(name, depth), &orgs).await;
        house.analyze().await;
        house.checkpoint().await;
        houses.push((name, house));
    }
    for _ in 0..wish.number("rounds", 3) {
        for (name, house) in &houses {
            house.checkpoint().await;
            carry(house, &orgs, &exact, time).await;
            for (what, histogram) in [("claim", CLAIM), ("flush", FLUSH)] {
                let took = exact.take_ms(histogram);
                if took.is_empty() {
                    eprintln!("  the queue recorded no {histogram}");
                }
                put(&format!("{what}_{name}_p50_ms"), percentile(&took, 50));
                put(&format!("{what}_{name}_p99_ms"), percentile(&took, 99));
                put(&format!("{what}_{name}_count"), took.len() as f64);
            }
        }
    }
}

async fn carry(house: &House, orgs: &[Uuid], exact: &Exact, time: Duration) {
    let (pool, seen) = (house.pool(8).await, Arc::new(Seen::new(0)));
    let kept = depth::keep(pool.clone(), orgs.to_vec(), seen.clone());
    let runner = Runner::start(pool, settings(), &seen, WORK);
    tokio::time::sleep(WARM_UP).await;
    exact.take_ms(CLAIM);
    exact.take_ms(FLUSH);
    tokio::time::sleep(time).await;
    drop(kept);
    runner.stop().await;
}
