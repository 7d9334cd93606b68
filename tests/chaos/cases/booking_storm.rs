//! 64 clients fight for a few bays (issue 4): hours, half-days, several at once; approvals and refusals, moves,
//! cancellations, series, closures, opening hours, removed and restored units, waiting and answering. Nothing is killed.
//! `CHAOS_ROUNDS` says how many steps in all. Then the rows are compared with what everybody was told, and harm done by
//! hand must be noticed.

use crate::{
    client::Hitch,
    luck::Luck,
    settle::at_rest,
    stage::Stage,
    storm::{Crowd, HARMS, Places, Sight, Told},
    troupe::{Cast, Troupe},
};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

const ROUNDS: u64 = 10_000;
/// Messages to everybody take their time.
const SETTLE: Duration = Duration::from_secs(900);
/// Past the time of every offer; whoever is next gets one then.
const OFFERS: Duration = Duration::from_secs(2 * 60);
/// So often offers run out and go to the next.
const PASSES: usize = 3;

pub async fn run(mut luck: Luck) -> bool {
    let mut stage = Stage::set().await;
    let mut environment = stage.app.environment();
    environment.push(("DATABASE_POOL", "40".into()));
    let mut troupe = Troupe::enter(environment, Cast { apis: 2, workers: 2, schedulers: 1 }).await;
    stage.app.serve_from(&troupe.doors()[0]);
    let (places, rounds) = (Places::open(&stage.app).await, rounds());
    let crowd = Crowd::gather(&stage, troupe.doors(), &places, rounds).await;
    let started = Instant::now();
    crowd.rage(&mut luck).await;
    println!("  {:.0}s of storm; {}", started.elapsed().as_secs_f64(), crowd.client.hitches);
    // a machine that is busy with other things may say "come again"; a client does, under its key
    let later = crowd.client.hitches.beyond(&[Hitch::Refused, Hitch::Cut]);
    if crowd.client.hitches.beyond(&[Hitch::Later]) > 0 {
        crowd.told.trouble(&format!("clients met {:?}", crowd.client.hitches.samples_beyond(&[Hitch::Later])));
    }
    let told = crowd.told;
    let sight = settled(&stage, &told).await;
    sight.details.iter().take(20).for_each(|line| println!("  {line}"));
    let exits = troupe.exits();
    let number = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "chaos booking_storm rounds={rounds} placed={} series={} joined={} accepted={} closed={} refused={} {sight} later={later} process_exits={exits}",
        number(&told.placed),
        number(&told.series),
        number(&told.joined),
        number(&told.accepted),
        number(&told.closed),
        number(&told.refused)
    );
    troupe.leave().await;
    let noticed = harmed(&stage, &told, sight.harmless()).await;
    let well = sight.harmless() && exits == 0 && noticed == HARMS.len();
    stage.strike().await;
    well
}

/// Looks after every pass of the offers; what is wrong once is wrong.
async fn settled(stage: &Stage, told: &Told) -> Sight {
    let started = Instant::now();
    at_rest(stage, started + SETTLE).await;
    let mut sight = Sight::of(stage, told).await;
    for _ in 0..PASSES {
        if !sight.harmless() {
            break;
        }
        stage.advance(OFFERS).await;
        at_rest(stage, Instant::now() + SETTLE).await;
        sight = Sight::of(stage, told).await;
    }
    println!("  settled in {:.0}s", started.elapsed().as_secs_f64());
    sight
}

/// Nobody is at work any more: each harm alone moves its count. A storm that went wrong has nothing to show here.
async fn harmed(stage: &Stage, told: &Told, whole: bool) -> usize {
    let mut noticed = 0;
    for (harm, sql, count) in HARMS.into_iter().filter(|_| whole) {
        let before = count(&Sight::of(stage, told).await);
        let sql = format!("set session_replication_role = replica; {sql}; reset session_replication_role");
        stage.prepare(sql).await;
        let seen = count(&Sight::of(stage, told).await) > before;
        println!("  {harm}: {}", if seen { "noticed" } else { "NOT NOTICED" });
        noticed += usize::from(seen);
    }
    noticed
}

#[allow(clippy::disallowed_methods, reason = "a trial is asked for through this one variable")]
fn rounds() -> u64 {
    std::env::var("CHAOS_ROUNDS").ok().and_then(|asked| asked.parse().ok()).unwrap_or(ROUNDS)
}
