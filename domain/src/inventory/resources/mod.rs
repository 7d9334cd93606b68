//! What an organization offers (E1–E16): car parks, equipment, rooms, vehicles of a fleet, machines. Trips and drivers'
//! own vehicles are resources too, with doors and rules of their own, and are not found here.

mod create;
mod facts;
mod list;
mod queries;
mod remove;
mod restore;
mod search;
mod update;

pub use create::{NewResource, create};
pub use facts::{Location, Price, PriceUnit, ResourceFacts};
pub(super) use list::like;
pub use list::{Filter, Order, list};
pub use queries::{Resource, find};
pub(crate) use queries::{lock, lock_all};
pub use remove::remove;
pub use restore::restore;
pub use search::{Search, search};
pub use update::update;
