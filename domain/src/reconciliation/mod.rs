//! What a provider's own list of an account says, held against the books, day by day (J15, Q2). The two sides are
//! independent: the list is the provider's, the books were written by what webhooks, polls and people told us. Whatever
//! differs becomes one ticket with a fix that a person applies or dismisses; nothing is repaired silently. The one thing
//! written without asking is what a provider charged for a collection when nobody had told us before.

mod apply;
mod books;
mod compare;
mod items;
mod record;
mod run;
mod sweep;

pub use apply::{apply, dismiss};
pub use items::{Filter, Item, KINDS, STATUSES, find, list};
pub use record::{Heard, record};
pub use run::{Asked, Order, Run, RunFilter, find_run, load, request, runs};
pub use sweep::sweep;
