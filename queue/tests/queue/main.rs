//! The promises of the post room, each against a real Postgres (QUEUE.md §2). Every test has a database of its own.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod admin;
mod days;
mod harness;
mod limited;
mod lines;
mod lists;
mod outcomes;
mod posting;
mod recovery;
mod running;
