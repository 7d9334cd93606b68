//! Parts of an organization: each stands on one site, is led by somebody who may manage departments, and may have a
//! budget for the year (B13–B17). People belong to at most one.

mod create;
mod lead;
mod queries;
mod remove;
mod restore;
mod update;

pub use create::create;
pub(crate) use lead::may_stop_leading;
pub(crate) use queries::check;
pub use queries::{Department, DepartmentFacts, Filter, find, list};
pub use remove::remove;
pub use restore::restore;
pub use update::update;
