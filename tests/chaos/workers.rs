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
    /// From the kill until the job was taken up again or had ended, in seconds; and its kind.
    resumed: Mutex<Vec<(f64, String)>>,
}

/// A job in the tables.
#[derive(sqlx::FromRow)]
struct Held {
    id: Uuid,
    kind: String,
    lease: Option<Uuid>,
    attempt: i32,
    deaths: i16,
}

/// It as it was held, and since when.
struct Orphan(Held, Instant);

impl Orphan {
    /// Still under the dead lease, or free and not claimed since.
    fn waits(&self, now: &Held) -> bool {
        let untouched = now.lease.is_none() && now.deaths > self.0.deaths && now.attempt == self.0.attempt;
        now.lease == self.0.lease || untouched
    }
}

impl Kills {
    /// The 99th percentile, in seconds; those never taken up count as long as they have waited.
    pub fn p99(&self) -> f64 {
        let waits = self.waits();
        waits.get((waits.len() * 99 / 100).min(waits.len().saturating_sub(1))).map_or(0.0, |(wait, _)| *wait)
    }

    /// How many jobs were in hand when their worker was killed, and the slowest few.
    pub fn summary(&self) -> String {
        let waits = self.waits();
        let slowest: Vec<_> = waits.iter().rev().take(3).map(|(wait, kind)| format!("{kind} {wait:.1}s")).collect();
        format!("{} jobs in hand when killed, slowest back: {}", waits.len(), slowest.join(", "))
    }

    fn waits(&self) -> Vec<(f64, String)> {
        let mut waits = self.resumed.lock().unwrap().clone();
        let orphans = self.orphans.lock().unwrap();
        waits.extend(orphans.iter().map(|orphan| (orphan.1.elapsed().as_secs_f64(), orphan.0.kind.clone())));
        waits.sort_by(|a, b| a.0.total_cmp(&b.0));
        waits
    }

    /// What the dead worker still holds in the tables.
    async fn count_orphans(&self, eyes: &PgPool, worker: u32, since: Instant) {
        let held: Vec<Held> = sqlx::query_as(
            "select j.id, j.kind, j.lease, j.attempt, j.deaths from queue.jobs j join queue.workers w on w.id = j.lease
             where w.name like '%-' || $1",
        )
        .bind(worker.to_string())
        .fetch_all(eyes)
        .await
        .unwrap();
        self.orphans.lock().unwrap().extend(held.into_iter().map(|held| Orphan(held, since)));
    }

    /// Looks which of them were taken up again or have ended.
    async fn look(&self, eyes: &PgPool) {
        let waiting: Vec<Uuid> = self.orphans.lock().unwrap().iter().map(|orphan| orphan.0.id).collect();
        if waiting.is_empty() {
            return;
        }
        let rows: Vec<Held> =
            sqlx::query_as("select id, kind, lease, attempt, deaths from queue.jobs where id = any($1)")
                .bind(&waiting)
                .fetch_all(eyes)
                .await
                .unwrap();
        let now: HashMap<Uuid, Held> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut resumed = self.resumed.lock().unwrap();
        self.orphans.lock().unwrap().retain(|orphan| {
            let waits = match now.get(&orphan.0.id) {
                Some(now) => orphan.waits(now),
                None => !waiting.contains(&orphan.0.id), // ended, unless it was counted after we looked
            };
            if !waits {
                resumed.push((orphan.1.elapsed().as_secs_f64(), orphan.0.kind.clone()));
            }
            waits
        });
    }

    /// Watches until nothing is left to watch and `over` has come.
    pub async fn watch(&self, eyes: &PgPool, over: Instant) {
        let latest = over + Duration::from_secs(20);
        while Instant::now() < over || (!self.orphans.lock().unwrap().is_empty() && Instant::now() < latest) {
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
