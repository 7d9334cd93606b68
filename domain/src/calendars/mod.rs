//! Calendars of others (Z7): what they may subscribe to, by a secret that can be taken back, and what they hand over.

mod events;
mod feeds;
mod import;

pub use events::{CalendarEvent, Standing, events_of_person, events_of_resource};
pub use feeds::{Feed, create, list, open, revoke};
pub use import::{Handed, Imported, Outcome, import};
