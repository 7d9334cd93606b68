//! What tests, chaos and benches share: a database of their own, the real router over HTTP, the real carriers, the
//! sandbox as the outside world, and a clock that moves only when told.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the house: they have a clock and luck of their own")]
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, clippy::missing_errors_doc, missing_docs)]

pub mod app;
pub mod database;
pub mod http;
pub mod life;
pub mod looking;
pub mod luck;
pub mod money;
pub mod news;
pub mod older_client;
pub mod people;
pub mod process;
pub mod programs;
pub mod proof;
pub mod providers;
pub mod reserving;
pub mod seed;
pub mod story;
pub mod things;
pub mod waiting;

pub use app::{Options, TestApp};
pub use database::TestDatabase;
pub use http::Answer;
pub use older_client::OlderClient;
pub use people::Person;
pub use proof::Proof;
pub use reserving::Thing;
pub use story::{Ride, uuid};
pub use waiting::Bays;
