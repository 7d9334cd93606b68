//! The building code, as tests: what docs/ARCHITECTURE.md and docs/STYLE.md say in words is held here.
//!
//! A rule is a pure function from what it reads to a list of complaints. One test gives it the real house and expects
//! none; another gives it a bad example and expects some, so that no rule is there for show.

#![allow(clippy::unwrap_used, missing_docs)]

mod arrows;
mod clock_and_luck;
mod code;
mod containers;
mod decisions;
mod environment;
mod errors;
mod files;
mod functions;
mod jobs;
mod links;
mod migrations;
mod named;
mod openapi;
mod privacy;
mod reach;
mod rooms_of_sql;
mod schema;
mod sizes;
mod words;

/// Fails with every complaint at once: a visitor mends them in one go.
#[track_caller]
fn expect_tidy(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaint(s):\n  {}", complaints.len(), complaints.join("\n  "));
}

/// Fails unless some complaint speaks of `about`: the bad example must be caught for the right reason.
#[track_caller]
fn expect_complaint(complaints: &[String], about: &str) {
    assert!(complaints.iter().any(|one| one.contains(about)), "no complaint about {about:?} in {complaints:#?}");
}
