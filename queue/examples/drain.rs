//! How fast one runner drains no-op jobs: `cargo run -p queue --release --example drain [jobs] [concurrency]`.
//!
//! Takes the admin URL from TEST_DATABASE_URL and works in a database of its own.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods)]

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use queue::{JobFamily, NewJob, Policy, RunnerSettings, Verdict};
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};

#[derive(Serialize, Deserialize)]
struct Nothing {
    n: usize,
}

impl JobFamily for Nothing {
    const QUEUE: &'static str = "nothing";

    fn kind(&self) -> &'static str {
        "nothing"
    }

    fn unique_key(&self) -> Option<String> {
        None
    }

    fn policy(_: &str) -> Policy {
        Policy::BRISK
    }
}

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse().unwrap());
    let (jobs, concurrency) = (args.next().unwrap_or(20_000), args.next().unwrap_or(500));
    let admin =
        std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5499/postgres".into());
    let mut owner = PgConnection::connect(&admin).await.unwrap();
    let name = format!("queue_drain_{}", std::process::id());
    owner.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    let options: sqlx::postgres::PgConnectOptions = admin.parse().unwrap();
    let pool = PgPool::connect_with(options.database(&name)).await.unwrap();
    sqlx::raw_sql(
        "do $$ begin create role teranga_app nologin; exception when duplicate_object then null; end $$;
         create function public.app_now() returns timestamptz language sql stable as 'select now()';",
    )
    .execute(&pool)
    .await
    .unwrap();
    for tables in [
        include_str!("../../migrations/20261121000300_queue.sql"),
        include_str!("../../migrations/20261127000100_queue_lines.sql"),
    ] {
        sqlx::raw_sql(tables).execute(&pool).await.unwrap();
    }

    measure(&pool, jobs, concurrency).await;

    pool.close().await;
    owner.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
}

async fn measure(pool: &PgPool, jobs: usize, concurrency: usize) {
    let mut conn = pool.acquire().await.unwrap();
    let all: Vec<NewJob> = (0..jobs).map(|n| NewJob::of(&Nothing { n }, None)).collect();
    let posting = Instant::now();
    for batch in all.chunks(5_000) {
        queue::enqueue(&mut conn, batch).await.unwrap();
    }
    println!("posted {jobs} jobs at {:.0} jobs/s", jobs as f64 / posting.elapsed().as_secs_f64());

    let before: String = sqlx::query_scalar("select pg_current_wal_lsn()::text").fetch_one(&mut *conn).await.unwrap();
    let draining = Instant::now();
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let empty = async {
        while STARTED.load(Ordering::Relaxed) < jobs {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // The look itself walks over every row that just died, so it begins when all have started.
        let left = "select exists (select from queue.jobs)";
        while sqlx::query_scalar::<_, bool>(left).fetch_one(&mut *conn).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        draining.elapsed()
    };
    let (done, took) = tokio::sync::oneshot::channel();
    let settings = RunnerSettings { concurrency, ..RunnerSettings::default() };
    let runner = tokio::spawn(queue::run(
        pool.clone(),
        settings,
        async {
            let _: Result<Duration, _> = took.await;
        },
        |_: queue::Job<Nothing>| {
            STARTED.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Verdict::Done)
        },
    ));
    let took = empty.await;
    done.send(took).unwrap();
    runner.await.unwrap();
    let wal: f64 = sqlx::query_scalar("select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::pg_lsn)::float8")
        .bind(before)
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    println!(
        "drained at {:.0} jobs/s, durable, with history; {:.0} bytes of WAL a job",
        jobs as f64 / took.as_secs_f64(),
        wal / jobs as f64
    );
}
