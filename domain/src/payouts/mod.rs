//! Drivers are paid what they earned (K8–K13, ★12): each earning in at most one payout that stands, by a constraint.

mod build;
mod run;
mod schedule;
mod send;
mod statement;

pub use build::{build_for, candidates, finish_build};
pub use run::run;
pub use schedule::{run_of, schedule};
pub(crate) use send::reversed;
pub use send::{PayoutSend, load_payout, record_payout};
pub use statement::{Statement, StatementBooking, StatementLine, statement};
