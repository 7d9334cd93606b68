//! Paid rides flow while a worker is killed with −9 every few seconds at a random point.

use crate::{
    faults::spoil,
    load::Load,
    luck::Luck,
    oracle::{self, Verdict},
    settle::settle,
    stage::Stage,
    workers::{Kills, Workers},
};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

const LOAD: Duration = Duration::from_secs(40);
const SETTLE: Duration = Duration::from_secs(40);

pub async fn run(mut luck: Luck) -> bool {
    let stage = Stage::set().await;
    let (verdict, workers) = under_fire(&stage, &mut luck).await;
    workers.stop().await;
    for line in verdict.details.iter().take(20) {
        println!("  {line}");
    }
    println!("chaos kill_worker {verdict}");
    stage.strike().await;
    verdict.harmless()
}

async fn under_fire<'a>(stage: &'a Stage, luck: &mut Luck) -> (Verdict, Workers<'a>) {
    let (started, over) = (Instant::now(), Instant::now() + LOAD);
    let mut workers = Workers::start(stage);
    let (load, kills) = (Load::new(&stage.app, over), Kills::default());
    let (mut people, killer, provider) = (luck.apart(), luck.apart(), luck.apart());
    let (count, ..) = futures::join!(
        workers.keep_killing(&kills, killer, over),
        load.flow(&mut people),
        spoil(stage.app.wave.knobs(), provider, over),
        kills.watch(&stage.eyes, over),
    );
    let loaded = started.elapsed();
    let open = settle(stage, SETTLE).await;
    let posted = load.posted.into_inner().unwrap();
    let mut verdict = oracle::speak(stage, &open, &posted).await;
    verdict.resume_p99_s = kills.p99();
    let (troubles, fallen) = (load.troubles.load(Ordering::Relaxed), workers.fallen());
    if troubles + fallen > 0 {
        verdict.details.push(format!("{troubles} steps of clients and {fallen} workers failed on their own"));
        verdict.unexplained += i64::try_from(troubles + fallen).unwrap();
    }
    println!(
        "  {count} kills, {}; {} payments posted, {} rides confirmed, load {:.0}s, settled {:.0}s",
        kills.summary(),
        posted.len(),
        load.rides.load(Ordering::Relaxed),
        loaded.as_secs_f64(),
        (started.elapsed() - loaded).as_secs_f64()
    );
    (verdict, workers)
}
