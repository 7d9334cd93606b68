//! Workers of chaos's own, for what no job of the product does: kill its process, or outlive its lease on purpose. They
//! carry one small family of jobs with the real queue, each in a process of its own.

mod carry;
mod chore;
mod members;
mod offers;
mod poisoned;

pub use carry::main;
pub use chore::Chore;
pub use members::Crew;
pub use offers::{Offers, TRACES};
pub use poisoned::Poisoned;
