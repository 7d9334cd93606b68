//! The sandbox over its own wires: real HTTP, real SMTP, real signatures.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod faults;
mod harness;
mod house;
mod messages;
mod page;
mod payouts;
mod smtp;
mod webhooks;
