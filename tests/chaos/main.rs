//! Breaks things under load (PROOF, `make chaos`): `chaos [case…]`. Then everything settles and one oracle speaks: one
//! line per case, before it the case's own figures. Ends with status 1 when a line shows harm or a goal is missed.
//!
//! The seed is printed; `CHAOS_SEED` repeats its draws.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "figures are what this program is for")]
#![allow(clippy::unwrap_used, reason = "what cannot go on here ends the case")]

mod cases;
mod claims;
mod client;
mod crew;
mod faults;
mod figures;
mod harms;
mod kills;
mod load;
mod money;
mod oracle;
mod orphans;
mod outages;
mod pace;
mod post_room;
mod postgres;
mod scene;
mod settle;
mod stage;
mod storm;
mod ticks;
mod troupe;
mod weather;

use futures::future::{FutureExt, LocalBoxFuture};
use harness::luck::{self, Luck};
use std::{panic::AssertUnwindSafe, process::ExitCode};
use tokio::signal::unix::{SignalKind, signal};

type Case = (&'static str, fn(Luck) -> LocalBoxFuture<'static, bool>);

const CASES: [Case; 14] = [
    ("kill_worker", |luck| cases::kill_worker::run(luck).boxed_local()),
    ("kill_api", |luck| cases::kill_api::run(luck).boxed_local()),
    ("kill_scheduler", |luck| cases::kill_scheduler::run(luck).boxed_local()),
    ("kill_postgres", |luck| cases::kill_postgres::run(luck).boxed_local()),
    ("terminate_backends", |luck| cases::terminate_backends::run(luck).boxed_local()),
    ("pause_worker", |luck| cases::pause_worker::run(luck).boxed_local()),
    ("payout", |luck| cases::payout::run(luck).boxed_local()),
    ("money", |luck| cases::money_core::run(luck).boxed_local()),
    ("poison", |luck| cases::poison::run(luck).boxed_local()),
    ("three_schedulers", |luck| cases::three_schedulers::run(luck).boxed_local()),
    ("rolling_restart", |luck| cases::rolling_restart::run(luck).boxed_local()),
    ("booking_storm", |luck| cases::booking_storm::run(luck).boxed_local()),
    ("provider_storm", |luck| cases::provider_storm::run(luck).boxed_local()),
    ("oracle", |luck| cases::oracle::run(luck).boxed_local()),
];

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if asked.first().is_some_and(|word| word == "crew") {
        return crew::main(&asked[1..]);
    }
    if let Some(case) = asked.iter().find(|asked| CASES.iter().all(|(name, _)| name != asked)) {
        let known = CASES.map(|(name, _)| name).join(", ");
        eprintln!("no case {case:?}; there are: {known}");
        return ExitCode::from(64);
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let harmless = runtime.block_on(async {
        tokio::select! {
            harmless = play(&asked) => harmless,
            () = asked_to_leave() => false, // what the case holds is dropped: programs and database
        }
    });
    if harmless { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn asked_to_leave() {
    let mut term = signal(SignalKind::terminate()).expect("signals can be heard");
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// The cases asked for, or all. True when none did harm.
async fn play(asked: &[String]) -> bool {
    let seed = seed();
    println!("chaos seed={seed}");
    let mut harmless = true;
    for (name, run) in CASES.iter().filter(|(name, _)| asked.is_empty() || asked.iter().any(|asked| asked == name)) {
        let well = AssertUnwindSafe(run(Luck::of(seed))).catch_unwind().await;
        if !well.as_ref().is_ok_and(|well| *well) {
            println!("chaos {name} FAILED; CHAOS_SEED={seed} repeats its draws");
            harmless = false;
        }
    }
    harmless
}

#[allow(clippy::disallowed_methods, reason = "a run is repeated through this one variable")]
fn seed() -> u64 {
    let asked = std::env::var("CHAOS_SEED").ok().and_then(|seed| seed.parse().ok());
    asked.unwrap_or_else(|| rand::random::<u32>().into())
}
