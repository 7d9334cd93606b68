//! What the nets under the timers catch: normally nothing, so every catch is counted.

use crate::outcome::Outcome;

/// Counts what a sweep found; its work is committed.
pub(crate) fn swept(what: &'static str, found: usize) -> Outcome {
    metrics::counter!("swept_total", "what" => what).increment(found as u64);
    if found > 0 {
        tracing::info!(what, found, "swept");
    }
    Outcome::Done
}
