//! Trips: a driver offers seats from one place to another (I1–I9, I14, I19). A trip is a resource whose units are its
//! seats, so that over-selling is the same impossibility as double booking (FT-25).

mod cancel;
mod create;
mod penalty;
mod place;
mod publish;
mod queries;
mod search;
mod stops;
mod unchanged;
mod update;

pub use cancel::{cancel, remove};
pub use create::{NewTrip, create};
pub use place::Place;
pub use publish::publish;
pub use queries::{Seats, Trip, find, mine, seats};
pub(crate) use queries::{lock, of_booking, set_status};
pub use search::{Found, Search, search, with_seats};
pub use stops::{Stop, list_stops, set_stops};
pub use unchanged::unchanged_since;
pub use update::{TripPatch, update};
