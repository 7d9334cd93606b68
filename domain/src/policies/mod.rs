//! Policies (MODEL §8, L-group, SN20): named rules that an organization attaches to what it offers. A resource is booked
//! under its own policy, else under the standard one of its kind, else under the standard one of any kind, else under
//! what the kind has by default.

mod check;
mod create;
mod in_force;
mod periods;
mod queries;
mod remove;
mod rules;
mod score;
mod update;

pub use create::{NewPolicy, create};
pub(crate) use in_force::in_force;
pub use periods::{Hours, Period, Periods, TimeOfDay};
pub use queries::{Policy, find, list};
pub use remove::remove;
pub use rules::{Approval, CancellationTier, GridMode, LateReturn, NoShow, RefundDestination, Rules};
pub use score::ScoreWeights;
pub use update::{PolicyPatch, update};
