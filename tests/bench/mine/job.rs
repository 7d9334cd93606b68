//! The job that does nothing, and what is noted when it starts.

use queue::{Job, JobFamily, NewJob, Policy};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use uuid::Uuid;

/// The one kind of job there is.
pub const KIND: &str = "nothing";

/// The payload of every peer: a number, and the wall clock of its enqueue in microseconds (0: not timed).
#[derive(Serialize, Deserialize)]
pub struct Nothing {
    pub id: u64,
    pub t: u64,
}

impl JobFamily for Nothing {
    const QUEUE: &'static str = "bench";

    fn kind(&self) -> &'static str {
        KIND
    }

    fn unique_key(&self) -> Option<String> {
        None
    }

    fn policy(_: &str) -> Policy {
        Policy::BRISK
    }
}

/// The first so many organizations.
pub fn orgs_of(number: u64) -> Vec<Uuid> {
    (1..=number).map(|number| Uuid::from_u128(number.into())).collect()
}

pub fn new_job(id: u64, t: u64, org: Uuid) -> NewJob {
    NewJob::of(&Nothing { id, t }, Some(org))
}

/// Posts jobs in chunks of a thousand, one commit each, for these organizations in turn.
pub async fn fill(pool: &PgPool, jobs: u64, orgs: &[Uuid]) {
    let new_job = |id: u64| new_job(id, 0, orgs[id as usize % orgs.len()]);
    for first in (0..jobs).step_by(1_000) {
        let chunk: Vec<_> = (first..jobs.min(first + 1_000)).map(new_job).collect();
        queue::enqueue(&mut pool.acquire().await.unwrap(), &chunk).await.unwrap();
    }
}

/// What the handler saw.
pub struct Seen {
    pub done: AtomicU64,
    /// Those of them that carried no time.
    pub untimed: AtomicU64,
    pub first_t: AtomicU64,
    /// Microseconds from the enqueue call to the handler's first line.
    waits: Mutex<Vec<u64>>,
    /// Microseconds from `run_at` to the handler's first line, of jobs without a time, when asked for.
    late: Option<Mutex<Vec<u64>>>,
    /// Numbers below this are warm-up.
    warm: u64,
}

impl Seen {
    pub fn new(warm: u64) -> Self {
        Self {
            done: AtomicU64::new(0),
            untimed: AtomicU64::new(0),
            first_t: AtomicU64::new(u64::MAX),
            waits: Mutex::default(),
            late: None,
            warm,
        }
    }

    /// Notes how late each job is.
    pub fn with_lateness() -> Self {
        Self { late: Some(Mutex::default()), ..Self::new(0) }
    }

    pub fn note(&self, Job { job, run_at, .. }: &Job<Nothing>) {
        if job.t > 0 {
            let now = now_us();
            self.first_t.fetch_min(job.t, Relaxed);
            if job.id >= self.warm {
                self.waits.lock().unwrap().push(now.saturating_sub(job.t));
            }
        } else if let Some(late) = &self.late {
            let due = u64::try_from(run_at.timestamp_micros()).unwrap();
            late.lock().unwrap().push(now_us().saturating_sub(due));
        }
        self.untimed.fetch_add(u64::from(job.t == 0), Relaxed);
        self.done.fetch_add(1, Relaxed);
    }

    /// Waits until so many were handled. False when it takes longer.
    pub async fn all_handled(&self, jobs: u64, longest: Duration) -> bool {
        let started = Instant::now();
        while self.done.load(Relaxed) < jobs {
            if started.elapsed() > longest {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        true
    }

    /// Sorted, in milliseconds.
    pub fn waits_ms(&self) -> Vec<f64> {
        sorted_ms(&self.waits.lock().unwrap())
    }

    /// Sorted, in milliseconds.
    pub fn late_ms(&self) -> Vec<f64> {
        self.late.as_ref().map(|late| sorted_ms(&late.lock().unwrap())).unwrap_or_default()
    }
}

fn sorted_ms(microseconds: &[u64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = microseconds.iter().map(|us| *us as f64 / 1_000.0).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The wall clock, which two processes share.
#[allow(clippy::disallowed_methods, reason = "the kit times its jobs by the wall clock, across processes")]
pub fn now_us() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}
