//! Promises of the door itself: envelopes, callers, conditions, limits, webhooks. What a rule decides is tested with
//! the rule.
#![allow(missing_docs, clippy::unwrap_used)]

mod access;
mod docs;
mod envelope;
mod house;
mod limits;
mod tenants;
mod webhooks;
mod work;
