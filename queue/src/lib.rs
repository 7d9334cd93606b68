//! The post room: keeps jobs in Postgres and hands them out, each until it has ended. The only crate that names apalis.
//!
//! **Post.** [`enqueue`] writes jobs in the caller's transaction: they exist when the row they belong to exists, and not
//! otherwise. After the commit the [`Bell`] announces them to the runners. [`tick`] posts a scheduled job once per slot, for ever.
//!
//! **Carry.** [`run`] runs one queue, a [`JobFamily`]. Six parts share the work, each on its own:
//!
//! ```text
//!   fetcher ── claims in turn from the lines, into reserved room ──► door (apalis Backend) ──► apalis Worker, Monitor
//!      ▲ bell: whose line                                                                     │ one task per job:
//!   surveyor ── timers, lines that nobody told of                                             ▼ layers, handler
//!   keeper ── renews the lease, rescues, gauges (own thread)       acknowledger ◄── how it ended, in batches
//! ```
//!
//! **Lines.** Jobs that are due stand in lines, one per urgency, organization and kind, and lines take turns: a hundred
//! thousand jobs of one tenant do not hold up another's first, nor a broadcast its own one-time codes.
//!
//! **How a run ends** is a [`Verdict`]: done, again, a fault (tried again by the [`Policy`]), or stop. A job may end
//! inside the transaction of its effect with [`complete_in`]; then the effect happens exactly once. Everything else is
//! at least once, so a handler re-reads what it finds and does its work twice without harm.
//!
//! **The fence.** A runner works under an *incarnation*, an id of which every claimed row carries a copy and which the
//! keeper renews. When it runs out, any runner deletes the incarnation and frees its jobs. An acknowledgement asks for
//! row and incarnation, so one that comes late changes nothing.
//!
//! **Two clocks.** When a job is due is told by `public.app_now()`, which tests may shift. Whether a worker is alive is
//! told by the real clock, because processes die in real time.
//!
//! The tables are in `migrations/`, in the files that are named after the queue; only this crate touches them. The reasons are in
//! `queue/README.md`.

mod acknowledge;
mod acknowledger;
pub mod admin;
mod backend;
mod bell;
mod claim;
mod drain;
mod enqueue;
mod fetcher;
mod gauges;
mod job;
mod keeper;
mod layers;
mod lease;
mod limits;
mod line;
mod lines;
mod policy;
mod room;
mod runner;
mod survey;
mod surveyor;

pub use acknowledge::{complete_all_in, complete_in};
pub use bell::Bell;
pub use drain::{Drained, drain};
pub use enqueue::{enqueue, tick};
pub use job::{Job, JobFamily, Lease, NewJob, Verdict};
pub use limits::Limit;
pub use policy::Policy;
pub use runner::{RunnerSettings, Stopped, run};
