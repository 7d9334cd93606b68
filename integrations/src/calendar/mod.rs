//! iCalendar (RFC 5545): what calendars subscribe to, and what they hand over (Z7).

mod read;
mod write;
mod zone;

pub use read::{Incoming, Moment, Unreadable, read};
pub use write::{Event, Standing, write};
