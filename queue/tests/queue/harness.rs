//! A fresh database, a small family of jobs, and a recorder of what ran.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use queue::{Job, JobFamily, NewJob, Policy, RunnerSettings, Stopped, Verdict, run};
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const QUEUE_TABLES: [&str; 4] = [
    include_str!("../../../migrations/20261121000300_queue.sql"),
    include_str!("../../../migrations/20261127000100_queue_lines.sql"),
    include_str!("../../../migrations/20261127000200_operators.sql"),
    include_str!("../../../migrations/20261128050000_dead_workers_sessions.sql"),
];

/// What an earlier migration gives us: the role, and a clock that a test may move.
const GROUND: &str = "
    do $$ begin
        create role teranga_app nologin;
    exception when duplicate_object or unique_violation then null;
    end $$;
    create table clock (ahead interval not null);
    grant select on clock to teranga_app;
    create function public.app_now() returns timestamptz language sql stable as
        $$ select now() + coalesce((select ahead from public.clock), interval '0') $$;";

/// A database that exists as long as this value.
pub struct House {
    pub pool: PgPool,
    admin: String,
    name: String,
}

impl House {
    pub async fn build() -> Self {
        let admin =
            std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5499/postgres".into());
        let name = format!("queue_test_{}", Uuid::new_v4().simple());
        let mut conn = PgConnection::connect(&admin).await.unwrap();
        conn.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
        let options = conn_options(&admin).database(&name);
        let pool = PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap();
        sqlx::raw_sql(GROUND).execute(&pool).await.unwrap();
        for tables in QUEUE_TABLES {
            sqlx::raw_sql(tables).execute(&pool).await.unwrap();
        }
        Self { pool, admin, name }
    }

    /// The same database as a service sees it: with the rights of the application role only.
    pub async fn as_service(&self) -> PgPool {
        let options = self.pool.connect_options().as_ref().clone().options([("role", "teranga_app")]);
        PgPool::connect_with(options).await.unwrap()
    }

    /// A session of a process that calls itself so.
    pub async fn session(&self, name: &str) -> PgConnection {
        let options = self.pool.connect_options().as_ref().clone().application_name(name);
        PgConnection::connect_with(&options).await.unwrap()
    }

    pub async fn post(&self, jobs: &[NewJob]) -> u64 {
        let mut conn = self.pool.acquire().await.unwrap();
        queue::enqueue(&mut conn, jobs).await.unwrap()
    }

    /// Moves `app_now()` ahead of the real clock.
    pub async fn skip(&self, seconds: f64) {
        sqlx::query(
            "with old as (delete from clock returning ahead) insert into clock
                     select $1 * interval '1 second' + coalesce((select ahead from old), interval '0')",
        )
        .bind(seconds)
        .execute(&self.pool)
        .await
        .unwrap();
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    pub async fn left(&self) -> i64 {
        self.count("select count(*) from queue.jobs").await
    }

    /// Waits until the query answers true; fails after `seconds`.
    pub async fn until(&self, seconds: u64, sql: &'static str) {
        let look = async {
            loop {
                match sqlx::query_scalar::<_, bool>(sql).fetch_one(&self.pool).await {
                    Ok(true) => return,
                    _ => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        if tokio::time::timeout(Duration::from_secs(seconds), look).await.is_err() {
            panic!("not within {seconds} s: {sql}");
        }
    }

    /// Starts a runner whose handler is `handler`.
    pub fn runner<H, F>(&self, name: &str, concurrency: usize, handler: H) -> Running
    where
        H: Fn(Job<Chore>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Verdict> + Send + 'static,
    {
        self.runner_with(RunnerSettings { name: name.into(), concurrency, ..RunnerSettings::default() }, handler)
    }

    /// The same, otherwise set; it has half a second to end in.
    pub fn runner_with<H, F>(&self, settings: RunnerSettings, handler: H) -> Running
    where
        H: Fn(Job<Chore>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Verdict> + Send + 'static,
    {
        let settings = RunnerSettings { grace: Duration::from_millis(500), ..settings };
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(self.pool.clone(), settings, stop.clone().cancelled_owned(), handler));
        Running { stop, task }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        let demolish = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut conn = PgConnection::connect(&admin).await.unwrap();
                let _ = conn.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await;
            });
        };
        let _ = std::thread::spawn(demolish).join();
    }
}

fn conn_options(url: &str) -> sqlx::postgres::PgConnectOptions {
    url.parse().unwrap()
}

/// A runner under test.
pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<Stopped>,
}

impl Running {
    pub async fn stop(self) -> Stopped {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(10), self.task).await.expect("the runner ends in time").unwrap()
    }

    /// As `kill -9` would: no word to anybody.
    pub fn kill(self) {
        self.task.abort();
    }

    pub fn is_running(&self) -> bool {
        !self.task.is_finished()
    }
}

/// The jobs of the tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Chore {
    Note { n: u32 },
    Keyed { key: String },
    Hasty,
}

impl JobFamily for Chore {
    const QUEUE: &'static str = "chores";

    fn kind(&self) -> &'static str {
        match self {
            Self::Note { .. } => "note",
            Self::Keyed { .. } => "keyed",
            Self::Hasty => "hasty",
        }
    }

    fn unique_key(&self) -> Option<String> {
        match self {
            Self::Keyed { key } => Some(key.clone()),
            _ => None,
        }
    }

    fn policy(kind: &str) -> Policy {
        Policy {
            max_attempts: 3,
            first_delay: Duration::from_secs(10),
            longest_delay: Duration::from_secs(100),
            timeout: Duration::from_millis(if kind == "hasty" { 50 } else { 30_000 }),
        }
    }
}

pub fn note(n: u32) -> NewJob {
    NewJob::of(&Chore::Note { n }, None)
}

/// A note of an organization.
pub fn note_of(org: u128, n: u32) -> NewJob {
    NewJob::of(&Chore::Note { n }, Some(Uuid::from_u128(org)))
}

/// What ran, as (n, attempt), in order.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<(u32, u32)>>>);

impl Log {
    pub fn write(&self, job: &Job<Chore>) {
        if let Chore::Note { n } = job.job {
            self.0.lock().unwrap().push((n, job.attempt));
        }
    }

    pub fn read(&self) -> Vec<(u32, u32)> {
        self.0.lock().unwrap().clone()
    }

    /// A handler that writes each job down and is done.
    pub fn done(&self) -> impl Fn(Job<Chore>) -> std::future::Ready<Verdict> + Clone + Send + Sync + 'static {
        let log = self.clone();
        move |job| {
            log.write(&job);
            std::future::ready(Verdict::Done)
        }
    }
}
