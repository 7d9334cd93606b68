//! Our side of the contest, one process per figure: `bench mine <command> [name=value…]`. It does what the kit's own
//! harness does for its queues, command by command, and says what it found in the same words.

mod claim;
mod contest;
mod depth;
mod fairness;
mod held;
mod house;
mod job;
mod lateness;
mod produce;
mod recorder;
mod runner;
mod settings;

use crate::{figure::short, wish::Wish};

pub use contest::{COMMANDS, WAL};
pub use settings::describe;

/// Ours among the peers.
pub const NAME: &str = "mine";

/// Runs one command.
pub async fn run(mut words: Vec<String>) {
    let command = words.remove(0);
    match command.as_str() {
        "produce" => return produce::run(&words).await,
        "feed" => return held::feed(&words).await,
        _ => {}
    }
    let wish = Wish::of(words);
    if wish.text("metrics") == Some("yes") {
        runtime::metrics::start("bench");
    }
    match command.as_str() {
        "enq" => contest::enqueue(&wish).await,
        "bulk" => contest::bulk(&wish).await,
        "drain" => contest::drain(&wish).await,
        "lat100" => contest::latency(&wish, 100).await,
        "lat1000" => contest::latency(&wish, 1000).await,
        "e2e" => contest::end_to_end(&wish).await,
        "claim" => claim::run(&wish).await,
        "held" => held::run(&wish).await,
        "fairness" => fairness::run(&wish).await,
        "lateness" => lateness::run(&wish).await,
        other => panic!("no command {other:?}"),
    }
}

/// One value, as the kit's peers print theirs.
fn put(figure: &str, value: f64) {
    println!("peer={NAME} figure={figure} value={}", short(value));
}
