//! What `teranga-worker` can do: carry jobs, or what an operator asks of the queues from a terminal (QUEUE promise 9).

mod arguments;
mod jobs;
mod parse;
mod queues;
mod show;

use crate::WorkerConfig;
use domain::{
    db::{Db, Scope, Tx},
    error::{Error, Fault},
    organizations,
};
use parse::{Act, Command, Look, Typed};
use runtime::{
    env::Env,
    pool::PoolSettings,
    terminal::{said, say, wrong},
};
use std::process::ExitCode;

const USAGE: &str = "\
teranga-worker [--queues payments,notifications] [--concurrency 16]     carry jobs

teranga-worker queues list                                              how the queues stand
teranga-worker queues pause|resume QUEUE --as NAME

teranga-worker jobs list [--state STATE] [filters] [--count] [--limit N] [--cursor C]
teranga-worker jobs show ID                                             one job's whole life
teranga-worker jobs retry ID --as NAME                                  run a dead or scheduled job now
teranga-worker jobs cancel ID --reason TEXT --as NAME                   take a waiting or dead job away
teranga-worker jobs redrive [filters] --dry-run                         which dead jobs would be posted again
teranga-worker jobs redrive [filters] --max N --as NAME                 post them again; nothing when more than N match

STATE    waiting, scheduled, running, dead (the default), finished, failed, retried, lost, cancelled
filters  --queue Q --kind K --organization ID --error TEXT
         --created-after T --created-before T --ended-after T --ended-before T      such as 2026-11-27T10:00:00Z
--json   prints JSON in place of tables
--as     who you are, for the audit trail

Needs DATABASE_URL. Ends with 0, with 1 when refused or not found, with 2 when typed wrongly.
";

/// Exit status for what was typed wrongly.
const MISTYPED: u8 = 2;

/// Runs what the process's arguments say.
pub fn run() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some("help" | "--help" | "-h") => said(&say(USAGE)),
        Some(room @ ("jobs" | "queues")) => match parse::parse(room, &words[1..]) {
            Ok(typed) => runtime::main(|env: &mut Env<'_>| (PoolSettings::read(env), typed), carry_out),
            Err(problem) => wrong(&problem, USAGE, MISTYPED),
        },
        Some(word) if !word.starts_with("--") => wrong(&format!("{word} is no command"), USAGE, MISTYPED),
        _ => runtime::main(|env| WorkerConfig::read(env, words), crate::serve),
    }
}

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

async fn carry_out((mut pool, Typed { command, json }): (PoolSettings, Typed)) -> Outcome {
    pool.size = 2;
    let pool = runtime::pool::connect(&pool, "teranga-worker command").await?;
    let db = Db::start(pool, None);
    let shown = match command {
        Command::Look(look) => {
            let mut tx = db.begin(Scope::nowhere()).await?;
            told(look_at(&mut tx, &look).await)?
        }
        Command::Act(act, by) => {
            let mut tx = db.begin(Scope::nowhere()).await?;
            let own = organizations::operators_own(&mut tx).await?;
            drop(tx);
            let own =
                own.ok_or("there is no operator's organization yet: teranga-api create-organization --operator")?;
            let mut tx = db.begin(Scope::system(own)).await?;
            let shown = told(act_on(&mut tx, &act, &by).await)?;
            tx.commit().await?;
            shown
        }
    };
    let text = if json { format!("{:#}\n", shown.json) } else { shown.text };
    Ok(say(&text)?)
}

async fn look_at(tx: &mut Tx, look: &Look) -> domain::error::Result<show::Shown> {
    match look {
        Look::Queues => queues::list(tx).await,
        Look::Jobs(asked) => jobs::list(tx, asked).await,
        Look::Job(id) => jobs::show(tx, *id).await,
        Look::Redrive(filter) => jobs::dry_run(tx, filter).await,
    }
}

async fn act_on(tx: &mut Tx, act: &Act, by: &domain::ops::By) -> domain::error::Result<show::Shown> {
    match act {
        Act::Pause(name) => queues::pause(tx, name, by).await,
        Act::Resume(name) => queues::resume(tx, name, by).await,
        Act::Retry(id) => jobs::retry(tx, *id, by).await,
        Act::Cancel(id, reason) => jobs::cancel(tx, *id, reason, by).await,
        Act::Redrive(filter, max) => jobs::redrive(tx, filter, *max, by).await,
    }
}

/// A refusal in words: its code, its sentence, and what helps.
fn told<T>(result: domain::error::Result<T>) -> Outcome<T> {
    result.map_err(|error| match error {
        Error::Refused(refusal) => format!("{}: {} {}", refusal.code(), refusal.message(), refusal.details()).into(),
        Error::Fault(fault) => Box::<dyn std::error::Error>::from(Fault::to_string(&fault)),
    })
}
