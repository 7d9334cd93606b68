//! Everybody wants the same few bays (issue 4): who wants what, what each was told, and what the rows say in the end.

mod crowd;
mod places;
mod sight;
mod told;

pub use crowd::Crowd;
pub use places::Places;
pub use sight::{HARMS, Sight};
pub use told::Told;
