//! True concurrency: many hands on the last seat, one webhook many times at once, two clocks, a worker that dies
//! between the call and the record. Exactly one effect, every time.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the house: they have a clock and luck of their own")]
#![allow(clippy::unwrap_used, missing_docs)]

mod bays;
mod broadcast;
mod clocks;
mod erasure;
mod killed_worker;
mod last_seat;
mod removal;
mod sessions;
mod waitlist;
mod webhooks;
