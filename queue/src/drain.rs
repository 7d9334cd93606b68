//! Draining a queue in tests: everything due now, through the same claim, layers and acknowledgement as a runner, one
//! job at a time and in order, so that a test is the same every time.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use apalis_core::task::Task;
use sqlx::{Connection, PgConnection, PgPool};
use tokio::sync::mpsc;
use tower::{Service, ServiceExt};

use crate::{
    Job, JobFamily, Verdict,
    acknowledge::{Ack, Outcome, flush},
    claim::{Claimed, Suspects, claim, claim_suspects},
    fetcher::decode,
    layers::{Place, Running, stack},
    lease::{register, resign},
    lines::Turn,
    room::{Room, connect_options},
    survey::{move_due, survey},
};

/// A drain that runs more jobs than this is taken for one that never ends (an `Again` without delay).
const ENDLESS: u64 = 10_000;

/// What a [`drain`] did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Drained {
    /// Runs per kind, those that failed included.
    pub handled: BTreeMap<String, u64>,
    /// Runs that did what they had to.
    pub done: u64,
    /// Runs that asked to look again later.
    pub again: u64,
    /// Runs that failed and will be tried again.
    pub retried: u64,
    /// Jobs that went to the dead letters, undecodable ones included.
    pub dead: u64,
}

impl Drained {
    /// All runs.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.done + self.again + self.retried + self.dead
    }

    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Done | Outcome::InTransaction => self.done += 1,
            Outcome::Again(_) => self.again += 1,
            Outcome::Retry { .. } => self.retried += 1,
            Outcome::Dead { .. } => self.dead += 1,
        }
    }
}

/// Runs every job of the family's queue that is due by `app_now()`, with those that become due meanwhile, until none
/// is. Jobs that a handler posts to other queues are left to their own drain. A paused queue has nothing to run.
///
/// # Errors
/// When the database fails, or when 10 000 runs were not enough.
pub async fn drain<J, H, F>(pool: &PgPool, handler: H) -> Result<Drained, sqlx::Error>
where
    J: JobFamily,
    H: Fn(Job<J>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Verdict> + Send + 'static,
{
    let mut conn = PgConnection::connect_with(&connect_options(pool, "drain")).await?;
    let (acks, mut ended) = mpsc::unbounded_channel();
    let room = Arc::new(Room::new(J::QUEUE, "drain".into(), None, 1, Vec::new(), acks));
    let worker = room.incarnation();
    register(&mut conn, worker, &room, Duration::from_secs(600)).await?;
    let drained = empty::<J, _>(&mut conn, &room, &mut ended, stack(room.clone(), handler)).await;
    resign(&mut conn, worker, J::QUEUE).await?;
    conn.close().await?;
    drained
}

async fn empty<J, S>(
    conn: &mut PgConnection,
    room: &Room,
    ended: &mut mpsc::UnboundedReceiver<Ack>,
    mut service: S,
) -> Result<Drained, sqlx::Error>
where
    J: JobFamily,
    S: Service<Task<Running<J>>, Response = ()>,
    S::Error: ToString,
{
    let mut drained = Drained::default();
    while let Some(claimed) = next(conn, room).await? {
        let ack = match decode::<J>(claimed) {
            Ok(job) => {
                *drained.handled.entry(job.job.kind().to_owned()).or_default() += 1;
                carry(&mut service, room, ended, job).await?
            }
            Err(ack) => ack,
        };
        drained.count(&ack.outcome);
        flush(conn, &room.name, &[ack]).await?;
        if drained.runs() > ENDLESS {
            return Err(sqlx::Error::Protocol(format!("draining {} does not end", J::QUEUE)));
        }
    }
    Ok(drained)
}

/// The most urgent and oldest job that is due, whatever its line: a test is to be the same every time.
async fn next(conn: &mut PgConnection, room: &Room) -> Result<Option<Claimed>, sqlx::Error> {
    while move_due(conn, room.queue).await?.next == Some(Duration::ZERO) {}
    let lines = survey(conn, room.queue, None).await?;
    let first = lines.into_iter().min_by_key(|(line, (run_at, id))| (line.priority, *run_at, *id));
    let mut jobs = Vec::new();
    if let Some((line, _)) = first {
        jobs = claim(&mut *conn, room.incarnation(), room.queue, &[Turn::alone(line)]).await?;
    }
    for which in [Suspects::Once, Suspects::Twice] {
        if jobs.is_empty() {
            jobs = claim_suspects(&mut *conn, room.incarnation(), room.queue, which, 1).await?;
        }
    }
    Ok(jobs.pop())
}

async fn carry<J, S>(
    service: &mut S,
    room: &Room,
    ended: &mut mpsc::UnboundedReceiver<Ack>,
    job: Job<J>,
) -> Result<Ack, sqlx::Error>
where
    J: JobFamily,
    S: Service<Task<Running<J>>, Response = ()>,
    S::Error: ToString,
{
    let permit = room.permits.clone().acquire_owned().await.expect("the semaphore is never closed");
    let place = Place::new(J::QUEUE, permit);
    let run = service.ready().await.map_err(|error| broken(&error))?;
    run.call(Task::new(Running { job, place })).await.map_err(|error| broken(&error))?;
    ended.recv().await.ok_or_else(|| broken(&"no verdict"))
}

fn broken(error: &impl ToString) -> sqlx::Error {
    sqlx::Error::Protocol(error.to_string())
}
