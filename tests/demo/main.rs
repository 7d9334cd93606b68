//! The story, played against running binaries as a client plays it: two riders, one driver, from Abidjan to
//! Yamoussoukro, from the request to the payout. `make demo` starts everything, runs this, stops everything.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the house: they have a clock and luck of their own")]
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod cast;
mod other_providers;
mod outside;
mod scenes;
mod stage;

use stage::Stage;
use std::time::Instant;

#[tokio::main]
async fn main() {
    let started = Instant::now();
    let stage = Stage::from_environment().await;
    let sums = scenes::play(&stage).await;
    println!(
        "demo ok paid={} settled_once={} forged_rejected={} notified={} paid_out={} ledger_sum={} jobs_dead={} seconds={}",
        sums.paid,
        sums.settled_once,
        sums.forged_rejected,
        sums.notified,
        sums.paid_out,
        sums.ledger_sum,
        sums.jobs_dead,
        started.elapsed().as_secs()
    );
}
