//! What the parts of one runner share.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::postgres::{PgConnectOptions, PgPool};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Lease, acknowledge::Ack, job::fresh_id};

/// The state shared by fetcher, carriers, acknowledger and keeper of one runner.
#[derive(Debug)]
pub(crate) struct Room {
    pub queue: &'static str,
    /// Who ran a job, for history and logs.
    pub name: String,
    /// Room for running jobs; a claim takes no more than it has reserved.
    pub permits: Arc<Semaphore>,
    pub capacity: usize,
    /// How runs ended, on the way to the tables.
    pub acks: mpsc::UnboundedSender<Ack>,
    /// Look at the queue again: a timer may have moved.
    pub wake: Notify,
    /// No further claim.
    pub stop: CancellationToken,
    suspects: AtomicBool,
    incarnation: Mutex<Uuid>,
    held: Mutex<HashSet<Lease>>,
}

impl Room {
    pub(crate) fn new(queue: &'static str, name: String, capacity: usize, acks: mpsc::UnboundedSender<Ack>) -> Self {
        Self {
            queue,
            name,
            permits: Arc::new(Semaphore::new(capacity)),
            capacity,
            acks,
            wake: Notify::new(),
            stop: CancellationToken::new(),
            suspects: AtomicBool::new(false),
            incarnation: Mutex::new(fresh_id()),
            held: Mutex::new(HashSet::new()),
        }
    }

    /// The lease id of claims made from now on.
    pub(crate) fn incarnation(&self) -> Uuid {
        *locked(&self.incarnation)
    }

    /// Takes a new lease id after the old one was declared dead, so that what still runs under the old one cannot
    /// acknowledge what is claimed under the new one.
    pub(crate) fn be_reborn(&self, id: Uuid) {
        *locked(&self.incarnation) = id;
    }

    /// Jobs claimed and not yet acknowledged in the tables.
    pub(crate) fn held(&self) -> MutexGuard<'_, HashSet<Lease>> {
        locked(&self.held)
    }

    /// Says that jobs wait under which a worker died.
    pub(crate) fn suspect(&self) {
        self.suspects.store(true, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Whether such jobs were reported since the last call.
    pub(crate) fn take_suspicion(&self) -> bool {
        self.suspects.swap(false, Ordering::Relaxed)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the runner's own connections are opened. Handlers may use up the caller's pool without delaying a claim, an
/// acknowledgement or a lease. The planner settings hold our few statements on their indexes whatever the
/// statistics of a table that fills and empties all day.
pub(crate) fn connect_options(pool: &PgPool, part: &str) -> PgConnectOptions {
    pool.connect_options().as_ref().clone().application_name(&format!("teranga queue {part}")).options([
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("enable_sort", "off"),
        ("jit", "off"),
        ("plan_cache_mode", "force_generic_plan"),
        ("statement_timeout", "20s"),
    ])
}
