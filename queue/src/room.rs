//! What the parts of one runner share.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::postgres::{PgConnectOptions, PgPool};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Lease,
    acknowledge::Ack,
    claim::Claimed,
    job::fresh_id,
    limits::Limit,
    line::Line,
    lines::{Lines, Place, Turn},
};

/// The state shared by fetcher, carriers, acknowledger and keeper of one runner.
#[derive(Debug)]
pub(crate) struct Room {
    pub queue: &'static str,
    /// Who ran a job, for history and logs.
    pub name: String,
    /// How the database knows the sessions of this process, where they have a name.
    pub sessions: Option<String>,
    /// Room for running jobs; a claim takes no more than it has reserved.
    pub permits: Arc<Semaphore>,
    pub capacity: usize,
    /// How runs ended, on the way to the tables.
    pub acks: mpsc::UnboundedSender<Ack>,
    /// Claim again: a line may have jobs.
    pub wake: Notify,
    /// Look again: something may be due sooner than known, or a survey is asked for.
    pub look: Notify,
    /// No further claim.
    pub stop: CancellationToken,
    /// At most so many at once, by kind and organization.
    pub limits: Vec<Limit>,
    lines: Mutex<Lines>,
    suspects: AtomicBool,
    survey_asked: AtomicBool,
    busy: AtomicBool,
    incarnation: Mutex<Uuid>,
    held: Mutex<HashSet<Lease>>,
}

impl Room {
    pub(crate) fn new(
        queue: &'static str,
        name: String,
        sessions: Option<String>,
        capacity: usize,
        limits: Vec<Limit>,
        acks: mpsc::UnboundedSender<Ack>,
    ) -> Self {
        Self {
            queue,
            name,
            sessions,
            permits: Arc::new(Semaphore::new(capacity)),
            capacity,
            acks,
            wake: Notify::new(),
            look: Notify::new(),
            stop: CancellationToken::new(),
            limits,
            lines: Mutex::new(Lines::default()),
            suspects: AtomicBool::new(false),
            survey_asked: AtomicBool::new(false),
            busy: AtomicBool::new(false),
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

    /// What is known of the lines.
    pub(crate) fn lines(&self) -> MutexGuard<'_, Lines> {
        locked(&self.lines)
    }

    /// Notes how the lines' turns went: how many jobs each gave, and where its claim ended.
    pub(crate) fn note(&self, turns: &[Turn], jobs: &[Claimed]) {
        let mut taken: HashMap<Line, (usize, Option<Place>)> = HashMap::new();
        for job in jobs {
            let (count, end) = taken.entry(job.line()).or_default();
            *count += 1;
            *end = (*end).max(Some(job.place()));
        }
        let mut lines = self.lines();
        for turn in turns {
            let (count, end) = taken.remove(&turn.line).unwrap_or_default();
            lines.took(turn, count, end);
        }
        drop(lines);
        if !jobs.is_empty() {
            self.set_busy(true);
        }
    }

    /// Asks the surveyor to look at all lines soon.
    pub(crate) fn ask_survey(&self) {
        self.survey_asked.store(true, Ordering::Relaxed);
        self.look.notify_one();
    }

    /// Whether a survey was asked for since the last call.
    pub(crate) fn take_survey_asked(&self) -> bool {
        self.survey_asked.swap(false, Ordering::Relaxed)
    }

    /// Notes whether jobs are being claimed.
    pub(crate) fn set_busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::Relaxed);
    }

    /// Whether jobs were claimed since the last survey.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
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
/// statistics of a table that fills and empties all day. They are named after the caller's sessions.
pub(crate) fn connect_options(pool: &PgPool, part: &str) -> PgConnectOptions {
    let name = sessions_of(pool).map_or_else(|| format!("queue {part}"), |name| format!("{name} queue {part}"));
    pool.connect_options().as_ref().clone().application_name(&name).options([
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

/// The name under which the caller's sessions are known to the database.
pub(crate) fn sessions_of(pool: &PgPool) -> Option<String> {
    pool.connect_options().get_application_name().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The same for a part whose commits need not wait for the disk: what a crash of the database undoes of them is done
/// again, and the log is undone in order, so nothing that rests on them is kept without them.
pub(crate) fn hasty_options(pool: &PgPool, part: &str) -> PgConnectOptions {
    connect_options(pool, part).options([("synchronous_commit", "off")])
}
