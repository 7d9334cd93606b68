//! What `provider_storm` is made of: every provider at its worst, what happened at each, and both sides' books side by side.

mod harms;
mod lane;
mod late;
mod sight;
mod tally;
mod trouble;

pub use harms::HARMS;
pub use lane::Lane;
pub use late::{Late, by_hand, pay_drivers, taken_back};
pub use sight::Sight;
pub use tally::Tally;
pub use trouble::PROVIDERS;
