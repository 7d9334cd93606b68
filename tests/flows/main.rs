//! Promises to users, one file per promise; each test runs the real router, the real carriers and the sandbox over a
//! database of its own, and ends by re-checking every invariant.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the house: they have a clock and luck of their own")]
#![allow(clippy::unwrap_used, missing_docs)]

mod audit;
mod bad_input;
mod bays;
mod booking_lists;
mod cancellation;
mod contract;
mod conventions;
mod fines;
mod holds;
mod identity;
mod invariants;
mod kyc;
mod late_money;
mod limits;
mod lists;
mod loans;
mod lost_answers;
mod nets;
mod notifications;
mod odd_money;
mod operations;
mod paid_ride;
mod payouts;
mod quotas;
mod reminders;
mod reschedule;
mod rows;
mod search;
mod sessions;
mod tenancy;
mod trips;
mod vehicles;
mod versions;
mod webhooks;
