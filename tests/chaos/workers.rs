//! Two workers, one of them killed every few seconds at a random point and started again; and how long what it held
//! had to wait.

use crate::{luck::Luck, stage::Stage};
use harness::programs::Program;
use sqlx::PgPool;
use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};
use uuid::Uuid;

const NAMES: [&str; 2] = ["worker-a", "worker-b"];
const LOOK: Duration = Duration::from_millis(50);

/// Kills, and what became of the jobs.
#[derive(Default)]
pub struct Kills {
    orphans: Mutex<Vec<Orphan>>,
    /// From the kill until the job was taken up again or had ended, in seconds.
    pub resumed: Mutex<Vec<f64>>,
}

/// A job whose worker was killed.
struct Orphan {
    job: Uuid,
    lease: Uuid,
    since: Instant,
}

impl Kills {
    /// The 99th percentile, in seconds.
    pub fn p99(&self) -> f64 {
        let mut waits = self.resumed.lock().unwrap().clone();
        waits.sort_by(f64::total_cmp);
        waits.get((waits.len() * 99 / 100).min(waits.len().saturating_sub(1))).copied().unwrap_or(0.0)
    }

    pub fn orphans(&self) -> usize {
        self.orphans.lock().unwrap().len() + self.resumed.lock().unwrap().len()
    }

    /// What the dead worker still holds in the tables.
    async fn count_orphans(&self, eyes: &PgPool, worker: u32, since: Instant) {
        let held: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "select j.id, j.lease from queue.jobs j join queue.workers w on w.id = j.lease where w.name like '%-' || $1",
        )
        .bind(worker.to_string())
        .fetch_all(eyes)
        .await
        .unwrap();
        let held = held.into_iter().map(|(job, lease)| Orphan { job, lease, since });
        self.orphans.lock().unwrap().extend(held);
    }

    /// Looks which of them were taken up again or have ended.
    async fn look(&self, eyes: &PgPool) {
        let waiting: Vec<Uuid> = self.orphans.lock().unwrap().iter().map(|orphan| orphan.job).collect();
        if waiting.is_empty() {
            return;
        }
        let rows: Vec<(Uuid, Option<Uuid>)> = sqlx::query_as("select id, lease from queue.jobs where id = any($1)")
            .bind(&waiting)
            .fetch_all(eyes)
            .await
            .unwrap();
        let leases: HashMap<Uuid, Option<Uuid>> = rows.into_iter().collect();
        let mut resumed = self.resumed.lock().unwrap();
        self.orphans.lock().unwrap().retain(|orphan| {
            let waits = match leases.get(&orphan.job) {
                None => !waiting.contains(&orphan.job), // ended, unless it was counted after we looked
                Some(None) => true,
                Some(Some(lease)) => *lease == orphan.lease,
            };
            if !waits {
                resumed.push(orphan.since.elapsed().as_secs_f64());
            }
            waits
        });
    }

    /// Watches until nothing is left to watch and `over` has come.
    pub async fn watch(&self, eyes: &PgPool, over: Instant) {
        let latest = over + Duration::from_secs(20);
        while Instant::now() < over || (self.orphans.lock().unwrap().len() > 0 && Instant::now() < latest) {
            self.look(eyes).await;
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// The two workers.
pub struct Workers<'a> {
    stage: &'a Stage,
    running: Vec<Program>,
}

impl<'a> Workers<'a> {
    pub fn start(stage: &'a Stage) -> Self {
        Self { stage, running: NAMES.iter().map(|name| stage.worker(name)).collect() }
    }

    /// Kills one after the other until `over`; both run when it returns.
    pub async fn keep_killing(&mut self, kills: &Kills, mut luck: Luck, over: Instant) -> u64 {
        let mut count = 0;
        loop {
            tokio::time::sleep(luck.millis(2_000, 4_000)).await;
            if Instant::now() >= over {
                return count;
            }
            let victim = self.running.swap_remove(usize::try_from(luck.below(2)).unwrap());
            let (name, pid) = (victim.name.clone(), victim.pid);
            let killed = Instant::now();
            victim.kill().await;
            kills.count_orphans(&self.stage.eyes, pid, killed).await;
            count += 1;
            tokio::time::sleep(luck.millis(100, 900)).await;
            self.running.push(self.stage.worker(&name));
        }
    }

    /// Workers that ended though nobody killed them.
    pub fn fallen(&mut self) -> u64 {
        self.running.iter_mut().map(|worker| u64::from(worker.ended())).sum()
    }

    pub async fn stop(self) {
        for worker in self.running {
            worker.kill().await;
        }
    }
}
