//! Notices after the commit, coalesced per process (QUEUE.md §4.1).
//!
//! A ring goes out at once; what follows while it is under way goes out together. A lost notice costs a
//! runner at most one poll interval, so the bell's connection does not wait for its commits to be durable, and
//! during an outage the bell keeps a bounded number of notices and drops the rest.

use std::{
    collections::HashSet,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{ConnectOptions, PgConnection, PgPool, postgres::PgConnectOptions};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::{NewJob, claim::channel, line::Line};

/// A notice that spoke for many rings is followed by a pause, in which more gather.
const GAP: Duration = Duration::from_millis(3);
/// These are many.
const MANY: usize = 8;
/// A notice that takes longer went to a dead connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// Distinct notices kept while the database is away.
const KEPT: usize = 10_000;
/// Postgres refuses longer payloads.
const LONGEST_PAYLOAD: usize = 7_999;

type Notice = (String, String);

/// Tells runners and waiters that something was committed. Cheap to clone; the last clone dropped ends its task.
#[derive(Clone, Debug)]
pub struct Bell {
    pending: Arc<Pending>,
    _task: Arc<DropGuard>,
}

#[derive(Default, Debug)]
struct Pending {
    notices: Mutex<HashSet<Notice>>,
    rings: AtomicUsize,
    rung: Notify,
}

impl Bell {
    /// Starts the bell's task on a connection of its own. Must be called within a Tokio runtime; the database need
    /// not be up.
    #[must_use]
    pub fn start(pool: &PgPool) -> Self {
        let options = pool
            .connect_options()
            .as_ref()
            .clone()
            .options([("synchronous_commit", "off")])
            .application_name("teranga bell");
        let pending = Arc::new(Pending::default());
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(toll(options, pending.clone())));
        Self { pending, _task: Arc::new(stop.drop_guard()) }
    }

    /// Tells the runners of these jobs' queues in whose line they stand. Call it after the commit that posted them;
    /// never blocks.
    pub fn announce(&self, jobs: &[NewJob]) {
        for job in jobs {
            // One for later only moves a timer.
            let line = if job.run_at.is_none() { Line::of(job).notice() } else { String::new() };
            self.pending.add((channel(job.queue), line));
        }
    }

    /// The same for jobs of one kind and organization that were posted without [`crate::enqueue`].
    pub fn announce_kind(&self, queue: &str, org_id: Option<Uuid>, kind: &str) {
        self.pending.add((channel(queue), Line::new(NewJob::NORMAL, org_id, kind).notice()));
    }

    /// Has the runners of a queue look at all its lines: after a change to it that no job tells of. Never blocks.
    pub fn ring(&self, queue: &str) {
        self.pending.add((channel(queue), String::new()));
    }

    /// Notifies `channel` with `payload` (under 8000 bytes), for other things committed; never blocks.
    pub fn publish(&self, channel: &str, payload: &str) {
        if payload.len() > LONGEST_PAYLOAD {
            tracing::error!(channel, bytes = payload.len(), "notice too long, dropped");
            return;
        }
        self.pending.add((channel.to_owned(), payload.to_owned()));
    }
}

impl Pending {
    fn add(&self, notice: Notice) {
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if notices.len() < KEPT {
            notices.insert(notice);
        }
        drop(notices);
        self.rings.fetch_add(1, Ordering::Relaxed);
        self.rung.notify_one();
    }

    fn take(&self) -> HashSet<Notice> {
        mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn toll(options: PgConnectOptions, pending: Arc<Pending>) {
    let mut line: Option<PgConnection> = None;
    loop {
        pending.rung.notified().await;
        let (notices, rings) = (pending.take(), pending.rings.swap(0, Ordering::Relaxed));
        if notices.is_empty() {
            continue;
        }
        let sent = tokio::time::timeout(PATIENCE, send(&options, &mut line, &notices)).await;
        match sent.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
            Ok(()) if rings < MANY => {}
            Ok(()) => tokio::time::sleep(GAP).await,
            Err(error) => {
                tracing::warn!(%error, "the bell cannot reach the database");
                line = None;
                for notice in notices {
                    pending.add(notice);
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        }
    }
}

async fn send(
    options: &PgConnectOptions,
    line: &mut Option<PgConnection>,
    notices: &HashSet<Notice>,
) -> Result<(), sqlx::Error> {
    if line.is_none() {
        *line = Some(options.connect().await?);
    }
    let conn = line.as_mut().expect("connected above");
    let (channels, payloads): (Vec<&str>, Vec<&str>) =
        notices.iter().map(|(channel, payload)| (channel.as_str(), payload.as_str())).unzip();
    sqlx::query("select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as n (channel, payload)")
        .bind(channels)
        .bind(payloads)
        .execute(conn)
        .await?;
    Ok(())
}
