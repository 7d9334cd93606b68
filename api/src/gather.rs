//! Many verified webhooks, one commit. While one commit is under way the next events gather; then they are stored
//! together, per organization, and every sender is answered after its commit (PROVIDERS §10 rows 1, 19).
//!
//! A single event waits for nothing. While many senders are at the door, an event waits at most a moment for its
//! neighbours: the database then does one flush, and the round trips of one transaction, for all of them.

use crate::error::Door;
use domain::{
    db::Db,
    error::{Error, Fault},
    ids::OrgId,
    payments::{self, Received},
};
use runtime::trace::TraceContext;
use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};

/// Events of one commit at most: bounds how long the last of them waits.
const LARGEST_BATCH: usize = 256;
/// Events that may wait; beyond it the provider is asked to come again, which it does for days.
const WAITING: usize = 8_192;
/// Commits under way: while one waits for the disk, another may be written.
const LANES: usize = 2;
/// How long an event waits for others that are likely to come.
const MOMENT: Duration = Duration::from_millis(1);

/// Stores verified events. Cheap to clone; ends when the last clone is dropped and everything waiting is stored.
#[derive(Clone)]
pub struct Gatherer {
    waiting: mpsc::Sender<Waiting>,
    at_the_door: Arc<AtomicUsize>,
}

struct Waiting {
    org: OrgId,
    event: Received,
    /// Whether it was new; an error when it is not stored.
    done: oneshot::Sender<Result<bool, Door>>,
}

impl Gatherer {
    /// Starts gathering in the background.
    #[must_use]
    pub fn start(db: Db) -> Self {
        let (waiting, arriving) = mpsc::channel(WAITING);
        let at_the_door = Arc::new(AtomicUsize::new(0));
        tokio::spawn(gather(db, arriving, at_the_door.clone()));
        Self { waiting, at_the_door }
    }

    /// Stores one event; true when it was new. Answers after the commit.
    ///
    /// # Errors
    /// [`Door::Busy`] when it was not stored: the sender must come again.
    pub async fn store(&self, org: OrgId, event: Received) -> Result<bool, Door> {
        let (done, stored) = oneshot::channel();
        let _here = Here::enter(&self.at_the_door);
        self.waiting.try_send(Waiting { org, event, done }).map_err(|_| Door::Busy)?;
        stored.await.unwrap_or(Err(Door::Busy))
    }
}

/// Counts one event from its arrival to its answer, also when its sender hangs up before.
struct Here<'a>(&'a AtomicUsize);

impl<'a> Here<'a> {
    fn enter(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Here<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn gather(db: Db, mut arriving: mpsc::Receiver<Waiting>, at_the_door: Arc<AtomicUsize>) {
    let lanes = Arc::new(Semaphore::new(LANES));
    let (mut batch, mut crowd) = (Vec::new(), 0);
    while arriving.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
        // how many were here at once lately: each lane takes its share of them
        crowd = at_the_door.load(Ordering::Relaxed).max(crowd - crowd / 8);
        fill(&mut batch, &mut arriving, crowd.div_ceil(LANES).min(LARGEST_BATCH)).await;
        let lane = lanes.clone().acquire_owned().await.expect("nobody closes it");
        // what arrived while the lanes were taken
        while batch.len() < LARGEST_BATCH
            && let Ok(event) = arriving.try_recv()
        {
            batch.push(event);
        }
        tokio::spawn(store_all(db.clone(), mem::take(&mut batch), lane));
    }
}

/// Waits a moment for so many; whoever came until then goes.
async fn fill(batch: &mut Vec<Waiting>, arriving: &mut mpsc::Receiver<Waiting>, wanted: usize) {
    if batch.len() >= wanted {
        return;
    }
    let others = async {
        while batch.len() < wanted
            && let Some(event) = arriving.recv().await
        {
            batch.push(event);
        }
    };
    let _ = timeout(MOMENT, others).await;
}

/// One transaction per organization: none ever spans two.
async fn store_all(db: Db, batch: Vec<Waiting>, _lane: OwnedSemaphorePermit) {
    metrics::histogram!("webhooks_per_commit").record(batch.len() as f64);
    let mut by_org: BTreeMap<OrgId, Vec<Waiting>> = BTreeMap::new();
    for waiting in batch {
        by_org.entry(waiting.org).or_default().push(waiting);
    }
    for (org, mut group) in by_org {
        // Two commits that insert the same keys in one order wait for each other; in two orders they deadlock.
        group.sort_by(|a, b| order(a).cmp(&order(b)));
        let events = group.iter().map(|waiting| waiting.event.clone()).collect();
        match store(&db, org, events).await {
            Ok(new) => {
                for (waiting, new) in group.into_iter().zip(new) {
                    // a sender that hung up will come again and find its event stored
                    let _ = waiting.done.send(Ok(new));
                }
            }
            Err(error) if group.len() > 1 && is_about_the_data(&error) => one_by_one(&db, group).await,
            Err(error) => refuse(group, &error),
        }
    }
}

fn order(waiting: &Waiting) -> (domain::ids::ProviderAccountId, &str) {
    (waiting.event.account, &waiting.event.event.key)
}

async fn store(db: &Db, org: OrgId, events: Vec<Received>) -> Result<Vec<bool>, Error> {
    payments::receive_events(db, org, &TraceContext::generate().to_string(), events).await
}

/// One event the database will not take must not keep its neighbours out.
async fn one_by_one(db: &Db, group: Vec<Waiting>) {
    for waiting in group {
        match store(db, waiting.org, vec![waiting.event.clone()]).await {
            Ok(new) => {
                let _ = waiting.done.send(Ok(new.first().copied().unwrap_or(false)));
            }
            Err(error) => refuse(vec![waiting], &error),
        }
    }
}

fn refuse(group: Vec<Waiting>, error: &Error) {
    tracing::error!(%error, events = group.len(), "verified webhooks could not be stored; their senders will come again");
    for waiting in group {
        let _ = waiting.done.send(Err(Door::Busy));
    }
}

fn is_about_the_data(error: &Error) -> bool {
    match error {
        Error::Refused(_) => true,
        Error::Fault(Fault::Database(sqlx::Error::Database(_))) => true,
        Error::Fault(_) => false,
    }
}
