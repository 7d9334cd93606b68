//! The task that claims: reserve room, let the waiting lines take turns, claim, decode, pass on; then sleep until a
//! notice or the surveyor tells that a line has jobs (promises 5 and 8).

use std::{
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use apalis_core::error::BoxDynError;
use sqlx::{
    Acquire, PgPool,
    postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions},
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::{
    Job, JobFamily,
    acknowledge::{Ack, Outcome},
    claim::{Claimed, Suspects, channel, claim, claim_suspects},
    layers::{Place, Running},
    lease::{RESCUED, hand_back_unknown},
    limits::{claim_within, limit_of},
    line::Line,
    lines::Turn,
    room::Room,
};

/// The most jobs in one claim.
const BATCH: usize = 1_000;
/// A claim that took at least so many is followed by a pause, in which the next ones gather.
const MANY: usize = 8;
/// The pause.
const GATHER: Duration = Duration::from_millis(3);
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
    /// Notices came since the last claim that found nothing.
    heard: bool,
    /// A notice came that jobs of a dead worker wait, since these were last looked for.
    rescued: bool,
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
        let checked = Instant::now();
        Self { room, door, options, poll, line: None, heard: false, rescued: false, unsure_until: None, checked }
    }

    /// Claims until the room says stop. Survives the database.
    pub(crate) async fn fetch(mut self) {
        let stop = self.room.stop.clone();
        while !stop.is_cancelled() {
            let round = async {
                if self.room.take_suspicion() {
                    self.rescued = false;
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
        if !self.room.lines().any() {
            return self.wait().await;
        }
        let stop = self.room.stop.clone();
        let Some(permits) = stop.run_until_cancelled(reserve(&self.room)).await else {
            return Ok(());
        };
        self.listen().await?;
        if self.rescued {
            return Ok(()); // they have waited for a lease already: the place is theirs
        }
        let turns = self.room.lines().take_turns(permits.num_permits());
        let room: usize = turns.iter().map(|turn| turn.quota).sum();
        let jobs = self.claim_turns(&turns).await?;
        let found = jobs.len();
        self.pass_on(jobs, permits);
        if found == 0 && mem::take(&mut self.heard) {
            // Somebody posted what the claim did not see: a commit that came in late.
            self.room.ask_survey();
        }
        if (MANY..room).contains(&found) {
            tokio::time::sleep(GATHER).await;
        }
        Ok(())
    }

    /// Claims what the turns allow, and notes in the lines how it went.
    async fn claim_turns(&mut self, turns: &[Turn]) -> Result<Vec<Claimed>, BoxDynError> {
        let room = self.room.clone();
        let (limited, free): (Vec<Turn>, Vec<Turn>) =
            turns.iter().cloned().partition(|turn| limit_of(&room.limits, &turn.line).is_some());
        let mut jobs = Vec::new();
        if !free.is_empty() {
            jobs = self.claim(Wanted::InTurn(&free)).await?;
        }
        for turn in &limited {
            jobs.extend(self.claim(Wanted::Within(turn, limit_of(&room.limits, &turn.line).unwrap_or(1))).await?);
        }
        room.note(turns, &jobs);
        Ok(jobs)
    }

    /// Runs jobs under which a worker died, apart from the others: all that died once together, as soon as there is room
    /// for each, then one that died twice truly alone. Nothing else starts here meanwhile, nor while they run, for
    /// [`WATCH`] at most.
    async fn watch_suspects(&mut self) -> Result<(), BoxDynError> {
        let stop = self.room.stop.clone();
        let mut found = 0;
        loop {
            let Some(permits) = stop.run_until_cancelled(reserve(&self.room)).await else {
                return Ok(());
            };
            let once = self.claim(Wanted::Suspects(Suspects::Once, permits.num_permits())).await?;
            if once.is_empty() {
                break;
            }
            found += once.len();
            self.pass_on(once, permits);
        }
        if found > 0 {
            self.empty_room().await;
        }
        if self.suspected_twice().await? {
            self.empty_room().await;
            if let Some(permit) = stop.run_until_cancelled(reserve_one(&self.room)).await {
                let twice = self.claim(Wanted::Suspects(Suspects::Twice, 1)).await?;
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

    /// Waits until nothing runs here and all ends are written, for [`WATCH`] at most: a job whose end is not written yet
    /// would be blamed for the death that the next one causes.
    async fn empty_room(&self) {
        let all = u32::try_from(self.room.capacity).unwrap_or(u32::MAX);
        let empty = async {
            let _none_starts = self.room.permits.acquire_many(all).await;
            while !self.room.held().is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let _ = tokio::time::timeout(WATCH, empty).await;
    }

    async fn claim(&mut self, wanted: Wanted<'_>) -> Result<Vec<Claimed>, BoxDynError> {
        self.recover_unknown().await?;
        let worker = self.room.incarnation();
        let line = self.line().await?;
        let began = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, async {
            match wanted {
                Wanted::InTurn(turns) => claim(line, worker, J::QUEUE, turns).await,
                Wanted::Within(turn, limit) => claim_within(line.acquire().await?, worker, J::QUEUE, turn, limit).await,
                Wanted::Suspects(which, room) => claim_suspects(line, worker, J::QUEUE, which, room).await,
            }
        })
        .await;
        let jobs = match answer {
            Ok(Ok(jobs)) => jobs,
            unclear => {
                // It may have been committed and its answer lost, or may yet be.
                self.unsure_until = Some(Instant::now() + UNSURE);
                self.checked = Instant::now();
                unclear??
            }
        };
        // Held from here on, before anything else may await: what is not held is handed back as unknown.
        let mut held = self.room.held();
        held.extend(jobs.iter().map(Claimed::lease));
        drop(held);
        metrics::histogram!("queue_claim_duration_seconds", "queue" => J::QUEUE).record(began.elapsed().as_secs_f64());
        Ok(jobs)
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

    /// Waits for a notice, for the surveyor, or for the end of a poll interval.
    async fn wait(&mut self) -> Result<(), BoxDynError> {
        let (room, longest) = (self.room.clone(), self.poll);
        let line = self.line().await?;
        let mut heard = None;
        tokio::select! {
            () = room.stop.cancelled() => {}
            () = room.wake.notified() => {}
            () = tokio::time::sleep(longest) => {}
            notice = line.try_recv() => heard = notice?,
        }
        if let Some(notice) = heard {
            self.hear(&notice);
        }
        self.listen().await
    }

    /// Hears the notices that came in meanwhile.
    async fn listen(&mut self) -> Result<(), BoxDynError> {
        while let Some(notice) = self.line().await?.next_buffered() {
            self.hear(&notice);
        }
        Ok(())
    }

    fn hear(&mut self, notice: &PgNotification) {
        if let Some(line) = Line::of_notice(notice.payload()) {
            self.room.lines().hear(line);
            self.heard = true;
        } else if notice.payload() == RESCUED {
            self.rescued = true;
            self.room.suspect();
        } else {
            self.room.ask_survey();
        }
    }

    async fn line(&mut self) -> Result<&mut PgListener, sqlx::Error> {
        if self.line.is_none() {
            self.line = Some(listen(&self.options, &channel(J::QUEUE)).await?);
            self.room.ask_survey(); // notices were lost meanwhile
        }
        Ok(self.line.as_mut().expect("connected above"))
    }
}

/// What a claim is for.
enum Wanted<'a> {
    /// Jobs of these lines.
    InTurn(&'a [Turn]),
    /// Jobs of one line, while fewer than so many run.
    Within(&'a Turn, usize),
    /// Up to so many under which workers died.
    Suspects(Suspects, usize),
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
    match serde_json::from_str::<J>(&claimed.payload) {
        Ok(job) => {
            metrics::histogram!("job_lateness_seconds", "queue" => J::QUEUE, "kind" => job.kind())
                .record(claimed.lateness.as_secs_f64());
            Ok(Job {
                id: claimed.id,
                job,
                org_id: Some(claimed.org).filter(|org| !org.is_nil()),
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
