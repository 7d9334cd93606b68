//! The task that claims: reserve room, claim into it, decode, pass on; then sleep until the bell rings, the next job
//! is due, or the poll interval is over (promise 5).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use apalis_core::error::BoxDynError;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::{
    Job, JobFamily,
    acknowledge::{Ack, Outcome},
    claim::{Claim, Claimed, Lane, channel, claim},
    layers::{Place, Running},
    lease::{RESCUED, hand_back_unknown},
    room::Room,
};

/// The most jobs in one claim.
const BATCH: usize = 500;
/// Between two tries while the database is away.
const PAUSE: Duration = Duration::from_millis(200);
/// A claim that takes longer ran on a dead connection.
const PATIENCE: Duration = Duration::from_secs(25);
/// How long suspected jobs keep others from starting beside them. A job that kills its process does so early.
const WATCH: Duration = Duration::from_secs(2);
/// How long after a claim of unknown end its jobs may still turn up leased to us: longer than a statement may run.
const UNSURE: Duration = Duration::from_secs(60);

/// Claims jobs of one queue and passes them to the worker.
pub(crate) struct Fetcher<J> {
    room: Arc<Room>,
    door: mpsc::UnboundedSender<Running<J>>,
    options: PgConnectOptions,
    poll: Duration,
    line: Option<PgListener>,
    unsure_until: Option<Instant>,
    checked: Instant,
}

impl<J: JobFamily> Fetcher<J> {
    pub(crate) fn new(
        room: Arc<Room>,
        door: mpsc::UnboundedSender<Running<J>>,
        options: PgConnectOptions,
        poll: Duration,
    ) -> Self {
        Self { room, door, options, poll, line: None, unsure_until: None, checked: Instant::now() }
    }

    /// Claims until the room says stop. Survives the database.
    pub(crate) async fn fetch(mut self) {
        let stop = self.room.stop.clone();
        while !stop.is_cancelled() {
            let round = async {
                if self.room.take_suspicion() {
                    self.watch_suspects().await?;
                }
                self.round().await
            };
            if let Err(error) = round.await {
                tracing::warn!(%error, queue = J::QUEUE, "the queue cannot be read, will try again");
                self.line = None;
                let _ = tokio::time::timeout(PAUSE, stop.cancelled()).await;
            }
        }
    }

    async fn round(&mut self) -> Result<(), BoxDynError> {
        let stop = self.room.stop.clone();
        let Some(permits) = stop.run_until_cancelled(reserve(&self.room)).await else {
            return Ok(());
        };
        let room = permits.num_permits();
        let claim = self.claim(room, Lane::Clean).await?;
        let found = claim.jobs.len();
        self.pass_on(claim.jobs, permits);
        if found < room {
            let due = claim.next_due.unwrap_or(self.poll);
            self.wait(due.min(self.poll)).await?;
        }
        Ok(())
    }

    /// Runs jobs under which a worker died, apart from the others: those that died once together, then one that died
    /// twice truly alone. While they run nothing else starts here, for [`WATCH`] at most.
    async fn watch_suspects(&mut self) -> Result<(), BoxDynError> {
        let stop = self.room.stop.clone();
        let Some(permits) = stop.run_until_cancelled(reserve(&self.room)).await else {
            return Ok(());
        };
        let once = self.claim(permits.num_permits(), Lane::SuspectedOnce).await?.jobs;
        let mut found = once.len();
        self.pass_on(once, permits);
        if found > 0 {
            self.empty_room().await;
        }
        if self.suspected_twice().await? {
            self.empty_room().await;
            if let Some(permit) = stop.run_until_cancelled(reserve_one(&self.room)).await {
                let twice = self.claim(1, Lane::SuspectedTwice).await?.jobs;
                found += twice.len();
                self.pass_on(twice, permit);
                self.empty_room().await;
            }
        }
        if found > 0 {
            self.room.suspect();
        }
        Ok(())
    }

    async fn suspected_twice(&mut self) -> Result<bool, BoxDynError> {
        let line = self.line().await?;
        let waiting = sqlx::query_scalar(
            "select exists (select from queue.jobs where queue = $1 and lease is null and deaths > 1
                                                     and run_at <= public.app_now())",
        )
        .bind(J::QUEUE)
        .fetch_one(line);
        Ok(tokio::time::timeout(PATIENCE, waiting).await??)
    }

    /// Waits until nothing runs here, for [`WATCH`] at most.
    async fn empty_room(&self) {
        let all = u32::try_from(self.room.capacity).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(WATCH, self.room.permits.acquire_many(all)).await;
    }

    async fn claim(&mut self, room: usize, lane: Lane) -> Result<Claim, BoxDynError> {
        self.recover_unknown().await?;
        let worker = self.room.incarnation();
        let line = self.line().await?;
        let answer = tokio::time::timeout(PATIENCE, claim(line, worker, J::QUEUE, room, lane)).await;
        let claim = match answer {
            Ok(Ok(claim)) => claim,
            unclear => {
                // It may have been committed and its answer lost, or may yet be.
                self.unsure_until = Some(Instant::now() + UNSURE);
                self.checked = Instant::now();
                unclear??
            }
        };
        // Held from here on, before anything else may await: what is not held is handed back as unknown.
        let mut held = self.room.held();
        held.extend(claim.jobs.iter().map(Claimed::lease));
        drop(held);
        Ok(claim)
    }

    /// After a claim of unknown end: hands back, uncharged, what is leased to us and was never received.
    async fn recover_unknown(&mut self) -> Result<(), BoxDynError> {
        let Some(until) = self.unsure_until else {
            return Ok(());
        };
        if Instant::now() > until {
            self.unsure_until = None;
        } else if self.checked.elapsed() < PAUSE {
            return Ok(());
        }
        let worker = self.room.incarnation();
        let known: Vec<_> = self.room.held().iter().map(|lease| lease.job).collect();
        let line = self.line().await?;
        let recovered = tokio::time::timeout(PATIENCE, hand_back_unknown(line, worker, &known)).await??;
        self.checked = Instant::now() + Duration::from_secs(2);
        if recovered > 0 {
            tracing::warn!(recovered, queue = J::QUEUE, "jobs of a claim whose answer was lost went back");
        }
        Ok(())
    }

    fn pass_on(&self, jobs: Vec<Claimed>, mut permits: OwnedSemaphorePermit) {
        for claimed in jobs {
            let permit = permits.split(1).expect("a claim never exceeds the room it reserved");
            match decode(claimed) {
                Ok(job) => {
                    let place = Place::new(J::QUEUE, permit);
                    // The worker is gone only when the runner ends, which hands the job back.
                    let _ = self.door.send(Running { job, place });
                }
                Err(ack) => {
                    let _ = self.room.acks.send(ack);
                }
            }
        }
    }

    async fn wait(&mut self, longest: Duration) -> Result<(), BoxDynError> {
        let room = self.room.clone();
        let line = self.line().await?;
        let mut heard = None;
        tokio::select! {
            () = room.stop.cancelled() => {}
            () = room.wake.notified() => {}
            () = tokio::time::sleep(longest) => {}
            notice = line.try_recv() => heard = notice?,
        }
        while let Some(notice) = heard {
            if notice.payload() == RESCUED {
                room.suspect();
            }
            heard = line.next_buffered();
        }
        Ok(())
    }

    async fn line(&mut self) -> Result<&mut PgListener, sqlx::Error> {
        if self.line.is_none() {
            self.line = Some(listen(&self.options, &channel(J::QUEUE)).await?);
        }
        Ok(self.line.as_mut().expect("connected above"))
    }
}

/// A connection that listens and claims. Its pool of one exists only because the listener wants one.
async fn listen(options: &PgConnectOptions, channel: &str) -> Result<PgListener, sqlx::Error> {
    let pool: PgPool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.clone());
    let mut line = PgListener::connect_with(&pool).await?;
    line.listen(channel).await?;
    Ok(line)
}

/// Waits for a place, and takes as many as are free. Also waits while the acknowledgements are far behind.
async fn reserve(room: &Room) -> OwnedSemaphorePermit {
    while room.held().len() > room.capacity * 4 + 1_000 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut permits = reserve_one(room).await;
    let more = room.permits.available_permits().min(BATCH - 1);
    if let Ok(rest) = room.permits.clone().try_acquire_many_owned(u32::try_from(more).unwrap_or(0)) {
        permits.merge(rest);
    }
    permits
}

async fn reserve_one(room: &Room) -> OwnedSemaphorePermit {
    let permits = room.permits.clone();
    permits.acquire_owned().await.expect("the semaphore is never closed")
}

/// Reads the payload. One that cannot be read goes to the dead letters without reaching the handler.
pub(crate) fn decode<J: JobFamily>(claimed: Claimed) -> Result<Job<J>, Ack> {
    let lease = claimed.lease();
    match serde_json::from_value::<J>(claimed.payload) {
        Ok(job) => {
            metrics::histogram!("job_lateness_seconds", "queue" => J::QUEUE, "kind" => job.kind())
                .record(claimed.lateness.as_secs_f64());
            Ok(Job {
                id: claimed.id,
                job,
                org_id: claimed.org_id,
                attempt: claimed.attempt,
                trace: claimed.trace,
                run_at: claimed.run_at,
                created_at: claimed.created_at,
                lease,
            })
        }
        Err(error) => {
            // Where it broke, not what was in it.
            let reason = format!("undecodable payload ({:?} at column {})", error.classify(), error.column());
            tracing::error!(job = %claimed.id, queue = J::QUEUE, reason, "job is dead");
            metrics::counter!("jobs_dead_total", "queue" => J::QUEUE, "kind" => "undecodable").increment(1);
            metrics::counter!("jobs_finished_total",
                "queue" => J::QUEUE, "kind" => "undecodable", "outcome" => "dead")
            .increment(1);
            Err(Ack { lease, outcome: Outcome::Dead { reason }, duration: Duration::ZERO })
        }
    }
}
