//! Bookings that come again (SN10, ★10): a weekly pattern on local clocks, one booking for each of its dates. A booking
//! of a series is a booking like any other; the series knows its dates, says which were refused and why, changes or ends
//! what is still to come, and takes in what waited when it frees up.

mod cancel;
mod change;
mod create;
mod list;
mod members;
mod pattern;
mod place;
mod queries;
mod take_in;

pub use cancel::cancel;
pub use change::{SeriesPatch, change};
pub use create::{NewSeries, create};
pub use list::{Filter, list};
pub use members::{Occurrence, State, occurrences};
pub use pattern::Pattern;
pub use queries::{OnConflict, Refused, Series, find};
pub(crate) use take_in::takes_in;
