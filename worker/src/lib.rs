//! The carriers: whatever leaves the house or takes long. One match per queue, one file per job; each loads, calls,
//! records, and no transaction is open during a call (docs/STYLE.md §3). A carrier decides nothing: the rules of
//! `domain` do, before and after the call.

pub mod commands;
pub mod config;
pub mod env;
pub mod errand;
mod health;
pub mod maintenance;
pub mod notifications;
pub mod outcome;
pub mod payments;
pub mod reservations;

mod accounts;
mod carry;
mod desk;
mod limits;
mod messages;
mod serve;
mod sweep;
mod tables;

pub use carry::{Queue, carry};
pub use config::WorkerConfig;
pub use env::{Env, EnvError, EnvSettings, HistoryDays};
pub use errand::Errand;
pub use outcome::{Outcome, verdict};
pub use serve::serve;
