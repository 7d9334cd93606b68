//! Bookings: who may use which units when, and how that came about (G-group). Ownership is decided in the request's
//! own transaction by a claim; waiting for money or for a person is a deadline on the booking.

mod access_code;
mod approve;
mod authority;
mod cancel;
mod check_in;
mod confirm;
mod end;
mod expire_hold;
mod free;
mod history;
mod queries;
mod quote;
mod reject;
mod request;
mod start;
mod tell;
mod unchanged;
mod withdraw;

pub use access_code::AccessCode;
pub use approve::approve;
pub use authority::Authority;
pub use cancel::cancel;
pub(crate) use cancel::cancel_with_trip;
pub use check_in::{CheckIn, Proof, access_code, check_in};
pub(crate) use confirm::{confirm_paid, revive};
pub use end::end;
pub(crate) use expire_hold::end_hold;
pub use expire_hold::{expire_hold, sweep_holds};
pub use history::{Step, history};
pub use queries::{Booking, Filter, Role, Status, find, list};
pub(crate) use queries::{active_of_trip, load, lock, set_payment_status, store};
pub use quote::{Quote, quote};
pub use reject::reject;
pub use request::{NewBooking, request, seat_labels};
pub(crate) use request::{code, insert};
pub use start::start;
pub(crate) use tell::{tell, tell_driver, tell_money_returned};
pub use unchanged::unchanged_since;
pub(crate) use withdraw::cancel_with_thing;
