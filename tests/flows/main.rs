//! Promises to users, one file per promise; each test runs the real router, the real carriers and the sandbox over a
//! database of its own, and ends by re-checking every invariant.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the house: they have a clock and luck of their own")]
#![allow(clippy::unwrap_used, missing_docs)]
#![allow(clippy::print_stdout, reason = "what a walk covered is its figure")]
#![allow(clippy::needless_pass_by_value, reason = "bodies are written where they are sent")]

mod alternatives;
mod approvals;
mod audit;
mod bad_input;
mod bad_lines;
mod bays;
mod booking_lists;
mod books;
mod broadcasts;
mod cancellation;
mod contract;
mod conventions;
mod copies;
mod document;
mod erasure;
mod fines;
mod holds;
mod identity;
mod inbox;
mod invariants;
mod inventory;
mod inventory_bad_input;
mod inventory_lists;
mod invitations;
mod kept_index;
mod kyc;
mod late_money;
mod limits;
mod lists;
mod loans;
mod lost_answers;
mod members;
mod nets;
mod notifications;
mod odd_money;
mod operations;
mod ops;
mod oversight;
mod paid_ride;
mod passwords;
mod payouts;
mod policies;
mod preferences;
mod quotas;
mod registration;
mod reminders;
mod removal;
mod reschedule;
mod roles;
mod rows;
mod search;
mod seed;
mod seed_flexpark;
mod seed_lending;
mod seed_paths;
mod sessions;
mod tenancy;
mod terminal;
mod trips;
mod unit_states;
mod vehicles;
mod versions;
mod waitlist;
mod waitlist_input;
mod waitlist_nets;
mod waitlist_rules;
mod waitlist_score;
mod waitlist_staff;
mod walk;
mod webhooks;
