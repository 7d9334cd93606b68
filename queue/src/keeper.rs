//! The keeper renews the lease, rescues the jobs of dead workers and samples the gauges. It has a thread, a runtime
//! and a connection of its own, so that no handler, however busy or blocking, can make a live worker look dead.

use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::AbortOnDropHandle,
};

use crate::{
    gauges,
    job::fresh_id,
    lease::{Rescued, next_expiry, register, renew, rescue},
    room::Room,
};

/// A rescue that takes longer ran on a dead connection.
const PATIENCE: Duration = Duration::from_secs(25);

/// A running keeper. Dropped without [`Keeper::stop`] it stops too, and the lease runs out as after a crash.
pub(crate) struct Keeper {
    stop: DropGuard,
    thread: thread::JoinHandle<()>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the machine has no thread left.
    pub(crate) fn start(room: Arc<Room>, options: PgConnectOptions, lease: Duration) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let shift = Shift {
            room,
            options,
            lease,
            line: None,
            registered: false,
            beats: 0,
            last_beat: None,
            rescue_from: Instant::now() + lease / 3,
            rescue: None,
            late: Instant::now() + lease,
        };
        let stopped = stop.clone();
        let thread = thread::Builder::new().name("queue-keeper".into()).spawn(move || {
            runtime.block_on(stopped.run_until_cancelled(shift.keep()));
        })?;
        Ok(Self { stop: stop.drop_guard(), thread })
    }

    /// Stops renewing and waits for the thread, so that nothing registers the worker again.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        let _ = tokio::task::spawn_blocking(|| self.thread.join()).await;
    }
}

struct Shift {
    room: Arc<Room>,
    options: PgConnectOptions,
    lease: Duration,
    line: Option<PgConnection>,
    registered: bool,
    beats: u64,
    last_beat: Option<Instant>,
    rescue_from: Instant,
    rescue: Option<AbortOnDropHandle<()>>,
    /// When the first worker will be past its time, should it not renew.
    late: Instant,
}

impl Shift {
    async fn keep(mut self) {
        let mut clock = tokio::time::interval(self.lease / 3);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let late = self.late;
            tokio::select! {
                _ = clock.tick() => {}
                () = tokio::time::sleep_until(late.into()) => {}
            }
            while let Err(error) = self.try_beat().await {
                tracing::warn!(%error, queue = self.room.queue, "the lease cannot be renewed, will try again");
                self.line = None;
                tokio::time::sleep(self.lease / 12).await;
            }
        }
    }

    async fn try_beat(&mut self) -> Result<(), sqlx::Error> {
        let patience = self.lease.max(Duration::from_secs(1));
        tokio::time::timeout(patience, self.beat()).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    async fn beat(&mut self) -> Result<(), sqlx::Error> {
        if self.line.is_none() {
            self.line = Some(self.options.connect().await?);
        }
        let conn = self.line.as_mut().expect("connected above");
        let running = self.room.held().len();
        if !self.registered || !renew(&mut *conn, self.room.incarnation(), self.lease, running).await? {
            if self.registered {
                let id = fresh_id();
                tracing::warn!(queue = self.room.queue, "the lease was lost; going on under a new one");
                register(&mut *conn, id, &self.room, self.lease).await?;
                self.room.be_reborn(id);
            } else {
                register(&mut *conn, self.room.incarnation(), &self.room, self.lease).await?;
                self.registered = true;
            }
            // What was claimed before found nothing, whatever the lines held.
            self.room.ask_survey();
        }
        let now = Instant::now();
        if self.last_beat.is_some_and(|last| now - last > self.lease) {
            // We were away, and so may have been all others: let the living renew before anybody is declared dead.
            self.rescue_from = now + self.lease;
        }
        self.last_beat = Some(now);
        let left = next_expiry(&mut *conn).await?.unwrap_or(self.lease);
        // Not all keepers at the same moment: the first to come does the work.
        let apart = self.lease / 12 * u32::from(self.room.incarnation().as_bytes()[15]) / 255;
        self.late = now + if left.is_zero() { self.lease } else { left + apart };
        let idle = self.rescue.as_ref().is_none_or(AbortOnDropHandle::is_finished);
        if left.is_zero() && now >= self.rescue_from && idle {
            self.rescue = Some(AbortOnDropHandle::new(tokio::spawn(rescue_apart(self.options.clone()))));
        }
        if gauges::suspects_wait(&mut *conn, self.room.queue).await? {
            self.room.suspect();
        }
        if self.beats.is_multiple_of(5) {
            let lines = self.room.lines().waiting();
            gauges::sample(conn, self.room.queue, &lines).await?;
        }
        self.beats += 1;
        Ok(())
    }
}

/// Rescues on a connection of its own: with a long table it takes a while, and the lease must be renewed meanwhile.
async fn rescue_apart(options: PgConnectOptions) {
    let rescuing = async {
        let mut conn = options.connect().await?;
        let rescued = rescue(&mut conn).await?;
        conn.close().await?;
        Ok::<_, sqlx::Error>(rescued)
    };
    match tokio::time::timeout(PATIENCE, rescuing).await.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
        Ok(rescued) => rescued.iter().for_each(report),
        Err(error) => tracing::warn!(%error, "the jobs of dead workers wait, will try again"),
    }
}

fn report(rescued: &Rescued) {
    let Rescued { queue, kind, freed, buried } = rescued;
    tracing::warn!(queue, kind, freed, buried, "jobs of dead workers");
    metrics::counter!("jobs_rescued_total", "queue" => queue.clone()).increment(freed.unsigned_abs());
    metrics::counter!("jobs_dead_total", "queue" => queue.clone(), "kind" => kind.clone())
        .increment(buried.unsigned_abs());
}
