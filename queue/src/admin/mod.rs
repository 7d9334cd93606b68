//! What an operator sees and does (promise 9). Everything here takes a connection and commits nothing, so that a caller
//! can write its own record of an act in the same transaction.
//!
//! **Quick whatever waits.** A list is read along an index, newest first, and taken up again at a [`Cursor`]. What no
//! index knows (an error's text, say) is looked for among at most [`LOOKED_AT`] rows a page: a page may then be short,
//! or empty, and still name where to go on. Counts stop at the same number and say so.
//!
//! **Fenced.** No act touches the row of a job that runs.

mod cancel;
mod counts;
mod filter;
mod history;
mod keep;
mod kinds;
mod life;
mod list;
mod live;
mod pause;
mod queues;
mod redrive;
mod retry;
mod source;

pub use cancel::{Cancelled, cancel};
pub use counts::{dead_count, left_over, pending};
pub use filter::{Count, Cursor, Filter, JobRow, Page, State};
pub use keep::keep_history;
pub use life::{Life, Run, life};
pub use list::{LOOKED_AT, count, list};
pub use pause::{pause, resume};
pub use queues::{COUNTED_TO, QueueState, Rate, queue_names, queues};
pub use redrive::{DeadGroup, dead_groups, redrive};
pub use retry::{Retried, retry};
