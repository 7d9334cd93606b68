//! What a job is, before it is posted and while it runs.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::Policy;

/// All jobs of one queue: a tagged enum whose variants carry ids, never state.
pub trait JobFamily: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The queue's name: a service level, and the unit an operator pauses.
    const QUEUE: &'static str;

    /// The job's name, written by hand so that a rename of the type orphans nothing. Also a metric label.
    fn kind(&self) -> &'static str;

    /// While a job with this key waits or runs in the queue, another with the same key is not posted.
    fn unique_key(&self) -> Option<String>;

    /// How often, how patiently and for how long a job of this kind is tried.
    fn policy(kind: &str) -> Policy;
}

/// A job about to be posted.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Version 7, so that ids follow time and the primary key grows at its end.
    pub id: Uuid,
    /// The queue it goes to.
    pub queue: &'static str,
    /// Its name within the queue.
    pub kind: &'static str,
    /// The organization it works for; `None` for the house itself.
    pub org_id: Option<Uuid>,
    /// The serialized [`JobFamily`] value.
    pub payload: serde_json::Value,
    /// When it is due by `app_now()`; `None` means at once.
    pub run_at: Option<DateTime<Utc>>,
    /// See [`JobFamily::unique_key`].
    pub unique_key: Option<String>,
    /// W3C `traceparent` of the request that posts it.
    pub trace: Option<String>,
    /// [`NewJob::URGENT`], [`NewJob::NORMAL`] or [`NewJob::LOW`]; lower runs sooner, others are clamped.
    pub priority: i16,
}

impl NewJob {
    /// Before everything else that is due in the queue.
    pub const URGENT: i16 = -1;
    /// The priority of a job that says nothing.
    pub const NORMAL: i16 = 0;
    /// After everything else that is due in the queue.
    pub const LOW: i16 = 1;

    /// A job due at once, under a fresh id.
    ///
    /// # Panics
    /// When the family cannot be written as JSON, which is a mistake in its type (a map without string keys).
    #[must_use]
    pub fn of<J: JobFamily>(job: &J, org_id: Option<Uuid>) -> Self {
        Self {
            id: fresh_id(),
            queue: J::QUEUE,
            kind: job.kind(),
            org_id,
            payload: serde_json::to_value(job).expect("a job family is plain data and serializes"),
            run_at: None,
            unique_key: job.unique_key(),
            trace: None,
            priority: Self::NORMAL,
        }
    }

    /// The same job, due at `run_at` by `app_now()`.
    #[must_use]
    pub fn at(mut self, run_at: DateTime<Utc>) -> Self {
        self.run_at = Some(run_at);
        self
    }

    /// The same job, continuing this trace (a W3C `traceparent`).
    #[must_use]
    pub fn traced(mut self, trace: Option<String>) -> Self {
        self.trace = trace;
        self
    }

    /// The same job, sooner or later than its neighbours.
    #[must_use]
    pub fn with_priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    pub(crate) fn clamped_priority(&self) -> i16 {
        self.priority.clamp(Self::URGENT, Self::LOW)
    }
}

/// The right to acknowledge one run of one job. It is void once the worker's lease was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The job.
    pub job: Uuid,
    /// The incarnation of the runner that claimed it.
    pub worker: Uuid,
}

/// A job handed to a handler.
#[derive(Debug)]
pub struct Job<J> {
    /// The id under which it was posted; the same on every attempt.
    pub id: Uuid,
    /// What to do.
    pub job: J,
    /// The organization it works for.
    pub org_id: Option<Uuid>,
    /// 1 on the first run. A run that ended in [`Verdict::Again`] was not counted.
    pub attempt: u32,
    /// W3C `traceparent` of the request that posted it.
    pub trace: Option<String>,
    /// When it was due, by `app_now()`.
    pub run_at: DateTime<Utc>,
    /// When it was posted, by the real clock.
    pub created_at: DateTime<Utc>,
    /// What [`crate::complete_in`] needs.
    pub lease: Lease,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The job did what it had to, or found nothing to do.
    Done,
    /// The same, and [`crate::complete_in`] already said so in the effect's own transaction.
    DoneInTransaction,
    /// Not a failure: look again after this time. Spends no attempt.
    Again(Duration),
    /// The world failed: try again after the policy's back-off, or after `after` when the other side named a time.
    /// On the last attempt the job goes to the dead letters with this error.
    Retry {
        /// What failed, without personal data: it is stored and shown to operators.
        error: String,
        /// A delay asked for by the other side (`Retry-After`), in place of the back-off.
        after: Option<Duration>,
    },
    /// Trying again cannot help: the job goes to the dead letters at once.
    Stop {
        /// Why, without personal data.
        reason: String,
    },
}

/// An id of a queue row: version 7, so that index entries made together lie together.
#[expect(clippy::disallowed_methods, reason = "ids of queue rows never leave the house")]
pub(crate) fn fresh_id() -> Uuid {
    Uuid::now_v7()
}
