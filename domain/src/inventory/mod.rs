//! What can be booked: resources made of units (E-group). Trips are resources too; their own rules are in `trips`.

mod blocking;
mod checks;
pub mod closures;
pub mod favourites;
pub mod hours;
pub mod resources;
pub mod sites;
pub mod tags;
pub mod units;
pub mod vehicles;
mod words;

pub use blocking::{BookingInTheWay, OnBookings};
pub(crate) use checks::{features as checked_features, name as checked_name, text as checked_text};

pub(crate) use words::words;
pub use words::{Condition, Discipline, Kind, Service};
