//! Jobs whose worker was taken from them, and how long each waits until it is taken up again or has ended.

use crate::post_room::{Held, in_hand, standing};
use sqlx::PgPool;
use std::{
    convert::Infallible,
    sync::Mutex,
    time::{Duration, Instant},
};
use uuid::Uuid;

const LOOK: Duration = Duration::from_millis(50);
/// Whoever was not taken up within this will not be.
const LATEST: Duration = Duration::from_secs(20);

/// All of one run.
#[derive(Default)]
pub struct Orphans {
    waiting: Mutex<Vec<(Held, Instant)>>,
    /// In seconds, with the kind.
    resumed: Mutex<Vec<(f64, String)>>,
}

impl Orphans {
    /// Counts what a worker has in hand, named by its process id; or everybody. Answers their ids.
    pub async fn count(&self, eyes: &PgPool, worker: Option<u32>, since: Instant) -> Vec<Uuid> {
        let held = in_hand(eyes, worker).await.unwrap();
        let ids = held.iter().map(|held| held.id).collect();
        self.waiting.lock().unwrap().extend(held.into_iter().map(|held| (held, since)));
        ids
    }

    /// Watches as long as it is let.
    pub async fn watch(&self, eyes: &PgPool) -> Infallible {
        loop {
            self.look(eyes).await;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Watches on until nothing is left to watch, for a while.
    pub async fn rest(&self, eyes: &PgPool) {
        let latest = Instant::now() + LATEST;
        while !self.waiting.lock().unwrap().is_empty() && Instant::now() < latest {
            self.look(eyes).await;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Looks which were taken up again or have ended; a database that is away is asked again later.
    async fn look(&self, eyes: &PgPool) {
        let waiting: Vec<Uuid> = self.waiting.lock().unwrap().iter().map(|(held, _)| held.id).collect();
        if waiting.is_empty() {
            return;
        }
        let Ok(now) = standing(eyes, &waiting).await else { return };
        let mut resumed = self.resumed.lock().unwrap();
        self.waiting.lock().unwrap().retain(|(held, since)| {
            let waits = match now.get(&held.id) {
                Some(now) => held.waits(now),
                None => !waiting.contains(&held.id), // ended, unless it was counted after we looked
            };
            if !waits {
                resumed.push((since.elapsed().as_secs_f64(), held.kind.clone()));
            }
            waits
        });
    }

    /// The 99th percentile, in seconds; those never taken up count as long as they have waited.
    pub fn p99(&self) -> f64 {
        let waits = self.waits();
        waits.get((waits.len() * 99 / 100).min(waits.len().saturating_sub(1))).map_or(0.0, |(wait, _)| *wait)
    }

    /// How many there were, and the slowest few.
    pub fn summary(&self) -> String {
        let waits = self.waits();
        let slowest: Vec<_> = waits.iter().rev().take(3).map(|(wait, kind)| format!("{kind} {wait:.1}s")).collect();
        match slowest.as_slice() {
            [] => "no job lost its worker".into(),
            some => format!("{} jobs lost their worker, slowest back: {}", waits.len(), some.join(", ")),
        }
    }

    fn waits(&self) -> Vec<(f64, String)> {
        let mut waits = self.resumed.lock().unwrap().clone();
        let waiting = self.waiting.lock().unwrap();
        waits.extend(waiting.iter().map(|(held, since)| (since.elapsed().as_secs_f64(), held.kind.clone())));
        waits.sort_by(|a, b| a.0.total_cmp(&b.0));
        waits
    }
}
