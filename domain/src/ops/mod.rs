//! What operators see of the post room and do to it (QUEUE promise 9). Only those who run the installation may ask, so
//! every organization's jobs are theirs to see; payloads are not. Each act leaves one audit event.

mod cancel;
mod keep_history;
mod life;
mod list;
mod queues;
mod redrive;
mod retry;

pub use cancel::cancel;
pub use keep_history::keep_history;
pub use life::{Origin, life};
pub use list::{check_filter, count, list};
pub use queue::admin::{
    COUNTED_TO, Count, Cursor, DeadGroup, Filter, JobRow, LOOKED_AT, Life, Page, QueueState, Rate, Run, State,
};
pub use queues::{QUEUES, pause, queues, resume};
pub use redrive::{MOST_AT_ONCE, Matching, dry_run, redrive};
pub use retry::retry;

use crate::db::{Actor, Tx};
use serde_json::{Value, json};

/// Who acts, for the history of a job and for audit's `meta` where the actor is not a person of the house.
#[derive(Debug, Clone)]
pub enum By {
    /// The actor of the transaction.
    Caller,
    /// Somebody at a terminal, by the name they gave.
    Terminal(String),
}

impl By {
    fn name(&self, tx: &Tx) -> String {
        match (self, tx.actor()) {
            (Self::Terminal(name), _) => format!("terminal:{name}"),
            (Self::Caller, Actor::User(user) | Actor::Admin(user)) => format!("user:{user}"),
            (Self::Caller, Actor::System) => "system".to_owned(),
        }
    }

    /// `meta` with the name of who typed.
    fn sign(&self, mut meta: Value) -> Value {
        if let Self::Terminal(name) = self {
            meta["terminal_user"] = json!(name);
        }
        meta
    }
}
