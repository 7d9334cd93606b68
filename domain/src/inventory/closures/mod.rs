//! Times in which something is closed though it is usually open (F1–F3, CX35): maintenance, an event, a holiday. They
//! are claims like bookings, so the database refuses what would overlap. Whoever had booked is moved or told (SN33).

mod cover;
mod create;
mod hit;
mod occurrences;
mod queries;
mod remove;

pub(super) use cover::{cover, moved};
pub use create::{Created, NewClosure, create};
pub use queries::{Closure, find, of_place};
pub use remove::remove;

use crate::ids::*;
use serde::Serialize;

crate::inventory::words! {
    /// Why something is closed.
    ClosureKind, "kind" {
        /// It is being looked after.
        Maintenance = "maintenance";
        /// Somebody has it for an occasion.
        Event = "event";
        /// Nobody works.
        Holiday = "holiday";
    }
}

crate::inventory::words! {
    /// How often it comes again, at the same time on the clocks of the place.
    Repeat, "repeats" {
        /// Each day.
        Daily = "daily";
        /// Each week.
        Weekly = "weekly";
    }
}

/// What is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Everything on a site.
    Site(SiteId),
    /// A resource with all its units.
    Resource(ResourceId),
    /// One unit of a resource.
    Unit(ResourceId, UnitId),
}
