//! Workers and APIs are replaced one after the other with SIGTERM under load, as an upgrade does. Nobody is charged for
//! it: no job an attempt, no client an error other than a closed door, beside which the next is open.

use crate::{
    client::Hitch,
    luck::Luck,
    post_room::CHARGED,
    scene::{Field, Plan, Scene},
    troupe::{Cast, Role},
};
use sandbox::Faults;
use std::time::{Duration, Instant};

/// The grace every program gets: short, so that some calls outlast it and are handed back.
const GRACE: u64 = 8;
/// A call that outlasts it, in milliseconds.
const LONG_CALL: u64 = 6_000;
const ORDER: [(Role, usize); 4] = [(Role::Api, 0), (Role::Worker, 0), (Role::Api, 1), (Role::Worker, 1)];

pub async fn run(luck: Luck) -> bool {
    let plan = Plan {
        cast: Cast { apis: 2, workers: 2, schedulers: 1 },
        load: Duration::from_secs(40),
        hitches: &[Hitch::Refused],
        spoilt: false,
        environment: vec![("SHUTDOWN_GRACE_SECONDS", GRACE.to_string())],
        ..Plan::of("rolling_restart")
    };
    let mut scene = Scene::set(plan, luck).await;
    let (replaced, badly, slowest) = scene.under_load(replace_all).await;
    scene.at_rest().await;
    scene.figures.at_least("replaced", replaced as f64, ORDER.len() as f64);
    scene.figures.told("slowest_s", slowest);
    scene.figures.zero("left_badly", badly);
    scene.figures.zero("attempts_charged", scene.stage.app.count(CHARGED).await);
    scene.end().await
}

/// Answers how many were replaced, how many left badly, and the longest time one took.
async fn replace_all(mut field: Field<'_>) -> (u64, i64, f64) {
    let (mut replaced, mut badly, mut slowest) = (0, 0, 0.0_f64);
    for (role, n) in ORDER.into_iter().cycle() {
        tokio::time::sleep(field.luck.millis(500, 1_500)).await;
        if Instant::now() >= field.over {
            break;
        }
        let long = Faults { hang_ms: Some(LONG_CALL), ..Faults::default() };
        field.stage.app.wave.knobs().next("payout.create", 1, long);
        let since = Instant::now();
        let well = field.troupe.replace(role, n, Duration::from_secs(GRACE + 5)).await;
        slowest = slowest.max(since.elapsed().as_secs_f64());
        replaced += 1;
        badly += i64::from(!well);
    }
    (replaced, badly, slowest)
}
