//! The producers, in a process of their own: each job in its own commit, then the bell.

use super::{
    house,
    job::{new_job, now_us, orgs_of},
};
use queue::Bell;
use sqlx::PgPool;
use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{process::Command, sync::Semaphore};
use uuid::Uuid;

/// Producers at a time.
pub const CLIENTS: u64 = 16;

/// Starts this program again as producers and waits for their end. A rate of 0 is as fast as they can.
pub async fn beside(url: &str, rate: u64, jobs: u64, orgs: u64) {
    let numbers = [rate, jobs, orgs].map(|number| number.to_string());
    let status = Command::new(std::env::current_exe().unwrap())
        .args([super::NAME, "produce"])
        .args(numbers)
        .env("DATABASE_URL", url)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status();
    assert!(status.await.unwrap().success(), "the producers failed");
}

/// `produce <rate> <jobs> <organizations>`.
#[allow(clippy::disallowed_methods, reason = "the kit's programs find their database by this variable")]
pub async fn run(words: &[String]) {
    let url = std::env::var("DATABASE_URL").unwrap();
    let [rate, jobs, orgs] = [0, 1, 2].map(|at| words[at].parse().unwrap());
    let producer = Producer::new(house::pool(&url, 18).await, orgs);
    tokio::time::sleep(Duration::from_millis(300)).await; // the pool opens its connections
    if rate == 0 {
        producer.as_fast_as_possible(jobs, true).await;
    } else {
        producer.steadily(jobs, rate).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await; // lets a coalesced wake-up leave
}

/// Posts jobs one by one.
#[derive(Clone)]
pub struct Producer {
    pool: PgPool,
    bell: Bell,
    orgs: Arc<[Uuid]>,
}

impl Producer {
    pub fn new(pool: PgPool, orgs: u64) -> Self {
        let bell = Bell::start(&pool);
        Self { pool, bell, orgs: orgs_of(orgs).into() }
    }

    /// Closed loop: every client waits for its own commit.
    pub async fn as_fast_as_possible(&self, jobs: u64, timed: bool) {
        let next = Arc::new(AtomicU64::new(0));
        let client = |_| {
            let (producer, next) = (self.clone(), next.clone());
            tokio::spawn(async move {
                loop {
                    let id = next.fetch_add(1, Relaxed);
                    if id >= jobs {
                        break;
                    }
                    producer.post(id, if timed { now_us() } else { 0 }).await;
                }
            })
        };
        for client in (0..CLIENTS).map(client).collect::<Vec<_>>() {
            client.await.unwrap();
        }
    }

    /// Open loop: so many a second, at most [`CLIENTS`] under way.
    async fn steadily(&self, jobs: u64, rate: u64) {
        let clients = Arc::new(Semaphore::new(CLIENTS as usize));
        let mut clock = tokio::time::interval(Duration::from_micros(1_000_000 / rate));
        for id in 0..jobs {
            clock.tick().await;
            let place = clients.clone().acquire_owned().await.unwrap();
            let producer = self.clone();
            tokio::spawn(async move {
                producer.post(id, now_us()).await;
                drop(place);
            });
        }
        drop(clients.acquire_many(CLIENTS as u32).await);
    }

    async fn post(&self, id: u64, t: u64) {
        let mut conn = self.pool.acquire().await.unwrap();
        let org = self.orgs[id as usize % self.orgs.len()];
        let job = [new_job(id, t, org)];
        queue::enqueue(&mut conn, &job).await.unwrap();
        drop(conn);
        self.bell.announce(&job);
    }
}
