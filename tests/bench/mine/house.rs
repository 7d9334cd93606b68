//! A fresh database for one figure, with the product's whole schema, used as the product uses it: by a login that is
//! a member of the application's role and nothing more.

use chrono::{DateTime, Utc};
use harness::TestDatabase;
use sqlx::{PgPool, Postgres, Transaction};
use std::time::{Duration, Instant};

/// Dropped with its value.
pub struct House {
    database: TestDatabase,
    owner: PgPool,
}

impl House {
    /// Its making must not be paid by what is measured, hence the checkpoint.
    pub async fn build() -> Self {
        let database = TestDatabase::create().await;
        let house = Self { owner: database.owner().await, database };
        house.checkpoint().await;
        house
    }

    pub async fn checkpoint(&self) {
        sqlx::query("checkpoint").execute(&self.owner).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    /// The pool of a service.
    pub async fn pool(&self, connections: u32) -> PgPool {
        pool(&self.database.service_url(), connections).await
    }

    pub fn url(&self) -> String {
        self.database.service_url()
    }

    pub async fn analyze(&self) {
        sqlx::query("vacuum analyze").execute(&self.owner).await.unwrap();
    }

    /// Jobs that wait or run.
    pub async fn left(&self) -> i64 {
        sqlx::query_scalar("select count(*) from queue.jobs").fetch_one(&self.owner).await.unwrap()
    }

    /// What the clock says by which jobs are due.
    pub async fn now(&self) -> DateTime<Utc> {
        sqlx::query_scalar("select app_now()").fetch_one(&self.owner).await.unwrap()
    }

    /// A transaction of somebody else that began before all that follows, with a snapshot and an id, and stays.
    pub async fn open_transaction(&self) -> Transaction<'static, Postgres> {
        let mut opened = self.owner.begin_with("begin isolation level repeatable read").await.unwrap();
        sqlx::query("select pg_current_xact_id(), count(*) from pg_class").execute(&mut *opened).await.unwrap();
        opened
    }

    /// Bytes of write-ahead log so far.
    pub async fn wal(&self) -> f64 {
        sqlx::query_scalar("select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8")
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// Waits until no job waits or runs and all that ended is on the disk. False when it takes longer.
    pub async fn all_finished(&self, longest: Duration) -> bool {
        let started = Instant::now();
        while self.left().await > 0 {
            if started.elapsed() > longest {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // A commit of our own that waits for the disk: whatever was committed before is on it too.
        sqlx::query("select pg_logical_emit_message(true, 'bench', '')").execute(&self.owner).await.unwrap();
        true
    }

    /// A figure must not lie: each job is in the history, once.
    pub async fn expect_history(&self, jobs: u64) {
        let remembered: (i64, i64) =
            sqlx::query_as("select count(*), count(distinct id) from queue.history where outcome = 'done'")
                .fetch_one(&self.owner)
                .await
                .unwrap();
        let jobs = i64::try_from(jobs).unwrap();
        assert_eq!(remembered, (jobs, jobs), "jobs in the history");
    }
}

/// So many connections as a service of ours keeps them, open before the first is asked for.
pub async fn pool(url: &str, connections: u32) -> PgPool {
    runtime::pool::pool_options()
        .max_connections(connections)
        .min_connections(connections.min(16))
        .connect(url)
        .await
        .unwrap()
}
