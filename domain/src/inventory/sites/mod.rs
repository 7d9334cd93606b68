//! Places with an address (B5–B12): car parks, buildings, campuses. Resources stand on them and people belong to them.

mod create;
mod queries;
mod remove;
mod restore;
mod update;

pub use create::create;
pub(super) use queries::lock;
pub use queries::{Filter, Order, Site, SiteFacts, find, list};
pub use remove::remove;
pub use restore::restore;
pub use update::update;
