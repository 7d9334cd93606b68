//! The post room beside every queue of the kit that is installed, all on one server in one run.

mod child;
mod contest;
mod kit;
mod own;
mod tally;

use crate::{figure::Figure, wish::Wish};

pub const FIGURES: [&str; 10] = [
    "queue.drain",
    "queue.e2e",
    "queue.latency",
    "queue.enqueue",
    "queue.bulk",
    "queue.wal_per_job",
    "queue.claim_1m",
    "queue.held_xmin",
    "queue.fairness",
    "queue.lateness",
];

/// Measures what is wanted, and prints each figure when it is known.
///
/// # Errors
/// When something of ours, or pgbench, does not run. A peer that fails has no figure.
pub async fn measure(wish: &Wish) -> Result<Vec<Figure>, String> {
    let mut figures = contest::measure(wish).await?;
    figures.extend(own::measure(wish).await?);
    Ok(figures)
}
