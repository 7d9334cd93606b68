//! One message to many people (R2–R4): an operation that walks over its audience in the order of their ids, so many at
//! a commit, each of them told once however often it is interrupted, and ends when the last message has an end.

mod audience;
mod queries;
mod send;
mod walk;

pub use audience::Audience;
pub(crate) use queries::is_cancelled;
pub use queries::{Broadcast, Counts, find};
pub use send::{NewBroadcast, Text, send};
pub use walk::{Walked, walk};
