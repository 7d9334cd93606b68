//! `chaos crew NAME SECONDS`: a member at work until it is asked to leave, or dies.

use super::Chore;
use queue::{Job, RunnerSettings, Verdict};
use runtime::{Process, env::Env, pool::PoolSettings};
use sqlx::PgPool;
use std::{
    error::Error,
    process::ExitCode,
    time::{Duration, Instant},
};
use uuid::Uuid;

const ROOM: usize = 8;
/// What a plain chore takes.
const LITTLE: Duration = Duration::from_millis(10);

struct Config {
    process: Process,
    pool: PoolSettings,
    member: Member,
}

#[derive(Clone)]
struct Member {
    name: String,
    /// How long it stays at a long chore that nobody ends.
    patience: Duration,
}

/// The child process.
pub fn main(arguments: &[String]) -> ExitCode {
    runtime::main(|env| read(env, arguments), serve)
}

fn read(env: &mut Env<'_>, arguments: &[String]) -> Config {
    let (name, seconds) = (arguments.first(), arguments.get(1).and_then(|text| text.parse().ok()));
    if name.is_none() || seconds.is_none() {
        env.problem("crew", "needs a name and the seconds of its patience");
    }
    let member =
        Member { name: name.cloned().unwrap_or_default(), patience: Duration::from_secs(seconds.unwrap_or(0)) };
    Config { process: Process::read(env), pool: PoolSettings::read(env), member }
}

async fn serve(config: Config) -> Result<(), Box<dyn Error>> {
    let stopping = config.process.start("chaos-crew")?;
    let pool = runtime::pool::connect(&config.pool, "chaos crew").await?;
    let settings = RunnerSettings {
        name: format!("{}-{}", config.member.name, std::process::id()),
        concurrency: ROOM,
        ..RunnerSettings::default()
    };
    let (member, room) = (config.member, pool.clone());
    let handle = move |job| carry(room.clone(), member.clone(), job);
    queue::run::<Chore, _, _>(pool, settings, stopping.cancelled_owned(), handle).await;
    Ok(())
}

async fn carry(pool: PgPool, member: Member, job: Job<Chore>) -> Verdict {
    match job.job {
        Chore::Plain { .. } => {
            tokio::time::sleep(LITTLE).await;
            Verdict::Done
        }
        Chore::Poison { .. } => std::process::abort(),
        Chore::Long { number } => {
            let carried = long(&pool, &member, &job, number % 2 == 1).await;
            carried.unwrap_or_else(|error| Verdict::Retry { error: error.to_string(), after: None })
        }
    }
}

async fn long(pool: &PgPool, member: &Member, job: &Job<Chore>, in_transaction: bool) -> sqlx::Result<Verdict> {
    trace(pool, job.id, member, "begun").await?;
    let since = Instant::now();
    while since.elapsed() < member.patience && !let_go(pool).await? {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    trace(pool, job.id, member, "done").await?;
    if !in_transaction {
        return Ok(Verdict::Done);
    }
    let mut tx = pool.begin().await?;
    trace(&mut *tx, job.id, member, "effect").await?;
    if queue::complete_in(&mut tx, &job.lease).await? {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(Verdict::DoneInTransaction)
}

async fn let_go(pool: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from chaos.let_go)").fetch_one(pool).await
}

async fn trace(db: impl sqlx::PgExecutor<'_>, job: Uuid, member: &Member, what: &str) -> sqlx::Result<()> {
    let sql = "insert into chaos.traces (job, member, what) values ($1, $2, $3)";
    sqlx::query(sql).bind(job).bind(&member.name).bind(what).execute(db).await.map(drop)
}
