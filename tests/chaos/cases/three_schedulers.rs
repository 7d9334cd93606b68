//! Three schedulers at once, one of them killed with −9 every two seconds, while the clock is hurried: every slot fires
//! exactly once.

use crate::{luck::Luck, scene::Plan, ticks::under_kills, troupe::Cast};

pub async fn run(luck: Luck) -> bool {
    let cast = Cast { apis: 1, workers: 2, schedulers: 3 };
    under_kills(Plan { cast, ..Plan::of("three_schedulers") }, luck, 1_999..2_000).await
}
