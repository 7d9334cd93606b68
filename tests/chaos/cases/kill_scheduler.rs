//! The only scheduler is killed with −9 every few seconds while the clock is hurried: no slot is lost, none fires twice.

use crate::{luck::Luck, scene::Plan, ticks::under_kills, troupe::Cast};

pub async fn run(luck: Luck) -> bool {
    let cast = Cast { apis: 1, workers: 2, schedulers: 1 };
    under_kills(Plan { cast, ..Plan::of("kill_scheduler") }, luck, 3_000..5_000).await
}
