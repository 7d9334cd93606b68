//! The clock: it only enqueues. What happens on its own, and when, is one page ([`schedule`]); a tick is an enqueue
//! keyed by name and slot, so any number of these may run and each tick fires once (docs/STYLE.md, convention 14).

pub mod config;
pub mod schedule;
pub mod slots;
pub mod tick;

mod serve;

pub use config::SchedulerConfig;
pub use serve::serve;
pub use tick::{Clock, Tick};
