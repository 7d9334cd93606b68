//! Breaks things under load (PROOF, `make chaos`): `chaos [case…]`. Then everything settles and one oracle speaks, one
//! line per case. Ends with status 1 when a line shows harm.
//!
//! The seed is printed; `CHAOS_SEED` repeats its draws.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "figures are what this program is for")]
#![allow(clippy::unwrap_used, reason = "what cannot go on here ends the case")]

mod broken_oracle;
mod faults;
mod kill_worker;
mod load;
mod luck;
mod money;
mod oracle;
mod settle;
mod stage;
mod workers;

use luck::Luck;
use std::process::ExitCode;

const CASES: [&str; 2] = ["kill_worker", "oracle"];

#[tokio::main]
async fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let unknown = asked.iter().find(|case| !CASES.contains(&case.as_str()));
    if let Some(case) = unknown {
        eprintln!("no case {case:?}; there are: {}", CASES.join(", "));
        return ExitCode::from(64);
    }
    let seed = seed();
    println!("chaos seed={seed}");
    let mut harmless = true;
    for case in CASES.iter().filter(|case| asked.is_empty() || asked.iter().any(|name| name == *case)) {
        let luck = Luck::of(seed);
        harmless &= match *case {
            "kill_worker" => kill_worker::run(luck).await,
            _ => broken_oracle::run(luck).await,
        };
    }
    if harmless { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[allow(clippy::disallowed_methods, reason = "a run is repeated through this one variable")]
fn seed() -> u64 {
    let asked = std::env::var("CHAOS_SEED").ok().and_then(|seed| seed.parse().ok());
    asked.unwrap_or_else(|| rand::random::<u32>().into())
}
