//! What can be booked: resources made of units (E-group). Trips are resources too; their own rules are in `trips`.

pub mod units;
pub mod vehicles;
mod words;

pub(crate) use words::words;
pub use words::{Condition, Discipline, Kind, Service};
