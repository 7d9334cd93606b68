//! Running a queue: the parts put together, and taken apart in good order (promises 10 and 11).

use std::{pin::pin, sync::Arc, time::Duration};

use apalis_core::{
    monitor::Monitor,
    worker::{builder::WorkerBuilder, ext::parallelize::ParallelizeExt},
};
use sqlx::{ConnectOptions, PgPool};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    Job, JobFamily, Verdict,
    acknowledger::acknowledge_all,
    backend::Door,
    fetcher::Fetcher,
    keeper::Keeper,
    layers,
    lease::resign,
    limits::Limit,
    room::{Room, connect_options, hasty_options, sessions_of},
    surveyor::Surveyor,
};

/// How long each of these may take at the end: the last claim, the last acknowledgements, the hand-back.
const LAST_WRITES: Duration = Duration::from_secs(4);

/// How one runner works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerSettings {
    /// Who ran a job, in history and logs: for instance host and process id. Need not be unique.
    pub name: String,
    /// Jobs run at the same time; at least 1.
    pub concurrency: usize,
    /// The longest time between two looks at the queue, should every notice be lost.
    pub poll: Duration,
    /// How long the runner may be silent before it counts as dead. Renewed at a third of it.
    pub lease: Duration,
    /// How long running jobs may go on after the shutdown was asked for.
    pub grace: Duration,
    /// The most jobs of a kind that run at once for an organization, over all runners told the same. Kinds that are not
    /// named have no limit.
    pub limits: Vec<Limit>,
}

impl Default for RunnerSettings {
    fn default() -> Self {
        Self {
            name: format!("pid-{}", std::process::id()),
            concurrency: 16,
            poll: Duration::from_millis(500),
            lease: Duration::from_secs(3),
            grace: Duration::from_secs(20),
            limits: Vec::new(),
        }
    }
}

/// How a runner ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Jobs handed back uncharged, because they had not started or did not end within the grace. `None` when the
    /// database could not be told; then they are freed when the lease runs out.
    pub handed_back: Option<u64>,
}

/// Runs the family's queue until `shutdown` is ready, then ends within the grace and a few seconds for the last
/// writes. Nothing else ends it: not a panic, not the database. Opens four connections beside the caller's pool.
///
/// Dropping the future is a crash: handlers are aborted, nothing is handed back, and the jobs are rescued once the
/// lease has run out.
///
/// # Panics
/// When the machine has no thread left for the keeper.
pub async fn run<J, H, F>(
    pool: PgPool,
    settings: RunnerSettings,
    shutdown: impl Future<Output = ()> + Send,
    handler: H,
) -> Stopped
where
    J: JobFamily,
    H: Fn(Job<J>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Verdict> + Send + 'static,
{
    let (acks, ended) = mpsc::unbounded_channel();
    let (door, jobs) = mpsc::unbounded_channel();
    let (sessions, capacity) = (sessions_of(&pool), settings.concurrency.max(1));
    let room = Arc::new(Room::new(J::QUEUE, settings.name.clone(), sessions, capacity, settings.limits, acks));
    let keeper =
        Keeper::start(room.clone(), connect_options(&pool, "keeper"), settings.lease).expect("a thread for the keeper");
    let last = CancellationToken::new();
    let acknowledger = AbortOnDropHandle::new(tokio::spawn(acknowledge_all(
        room.clone(),
        ended,
        connect_options(&pool, "acknowledger"),
        last.clone(),
    )));
    let surveyor = Surveyor::new(room.clone(), hasty_options(&pool, "surveyor"), settings.poll);
    let _surveyor = AbortOnDropHandle::new(tokio::spawn(surveyor.look()));
    let fetcher = Fetcher::<J>::new(room.clone(), door, hasty_options(&pool, "fetcher"), settings.poll);
    let fetcher = AbortOnDropHandle::new(tokio::spawn(fetcher.fetch()));

    let carriers = carry(&room, Door::new(jobs), settings.grace, handler);
    let mut carriers = pin!(carriers);
    tokio::select! {
        () = &mut carriers => {}
        () = shutdown => {
            tracing::info!(queue = J::QUEUE, "shutdown: no further job is started");
            room.stop.cancel();
            carriers.await;
        }
    }
    let _ = tokio::time::timeout(LAST_WRITES, fetcher).await;
    last.cancel();
    let written = tokio::time::timeout(LAST_WRITES, acknowledger).await.is_ok();
    keeper.stop().await;
    let handed_back = if written { hand_back(&pool, &room).await } else { None };
    tracing::info!(queue = J::QUEUE, handed_back, "runner stopped");
    Stopped { handed_back }
}

/// Runs the apalis worker until the room says stop and the grace is over. A worker that ends before is started again.
async fn carry<J, H, F>(room: &Arc<Room>, door: Door<J>, grace: Duration, handler: H)
where
    J: JobFamily,
    H: Fn(Job<J>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Verdict> + Send + 'static,
{
    while !room.stop.is_cancelled() {
        let stop = room.stop.clone();
        let stopping = room.stop.clone();
        let (shared, door, handler) = (room.clone(), door.clone(), handler.clone());
        let monitor = Monitor::new()
            .register(move |_| {
                WorkerBuilder::new(shared.name.as_str())
                    .backend(door.clone())
                    .parallelize(|run| AbortOnDropHandle::new(tokio::spawn(run)))
                    .build(layers::stack(shared.clone(), handler.clone()))
            })
            .should_restart(move |_, error| {
                tracing::error!(%error, "the worker ended and is started again");
                !stopping.is_cancelled()
            })
            .with_terminator(async move { tokio::time::sleep(grace).await });
        let signal = async move {
            stop.cancelled().await;
            Ok(())
        };
        if let Err(error) = monitor.run_with_signal(signal).await {
            tracing::error!(%error, queue = J::QUEUE, "the monitor ended");
        }
    }
}

async fn hand_back(pool: &PgPool, room: &Room) -> Option<u64> {
    let work = async {
        let mut conn = connect_options(pool, "keeper").connect().await?;
        resign(&mut conn, room.incarnation(), room.queue).await
    };
    match tokio::time::timeout(LAST_WRITES, work).await {
        Ok(Ok(back)) => Some(back),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the lease could not be given back and will run out");
            None
        }
        Err(_) => None,
    }
}
