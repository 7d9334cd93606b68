//! The peer: `pgbench` puts one small row per transaction into a plain table with a key, one commit each: the limit of
//! durable commits on this machine; or moves money between two rows, the least a transfer can be.

use crate::figure::percentile;
use harness::database::admin_url;
use sqlx::PgPool;
use std::{fs, path::PathBuf, time::Duration};
use tokio::process::Command;

/// What pgbench saw.
pub struct Seen {
    pub rows: f64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Makes the table.
pub async fn prepare(owner: &PgPool) {
    let sql = "create table one_row (id bigint generated always as identity primary key, payload jsonb not null,
                                     at timestamptz default now())";
    sqlx::query(sql).execute(owner).await.unwrap();
}

/// Makes rows between which money is moved, each the account of somebody.
pub async fn prepare_transfers(owner: &PgPool) {
    let sql = "create table two_rows (id int primary key, balance bigint not null);
               insert into two_rows select n, 0 from generate_series(1, 100000) n;
               analyze two_rows";
    sqlx::raw_sql(sql).execute(owner).await.unwrap();
}

/// So many clients that put one row in for so long.
///
/// # Errors
/// When pgbench is missing or fails; the message says what it said.
pub async fn insert(database: &str, clients: usize, time: Duration) -> Result<Seen, String> {
    run(database, clients, time, "insert into one_row (payload) values ('{\"id\": 1, \"t\": 0}');\n").await
}

/// So many clients that move money between two rows, both locked first, for so long.
///
/// # Errors
/// As [`insert`].
pub async fn transfer(database: &str, clients: usize, time: Duration) -> Result<Seen, String> {
    let script = "\\set a random(1, 100000)
\\set b random(1, 100000)
begin;
select balance from two_rows where id in (:a, :b) order by id for update;
update two_rows set balance = balance - 1 where id = :a;
update two_rows set balance = balance + 1 where id = :b;
commit;
";
    run(database, clients, time, script).await
}

async fn run(database: &str, clients: usize, time: Duration, sql: &str) -> Result<Seen, String> {
    let place = std::env::temp_dir().join(format!("teranga-pgbench-{}", std::process::id()));
    fs::create_dir_all(&place).map_err(|error| error.to_string())?;
    let script = place.join("peer.sql");
    fs::write(&script, sql).map_err(|error| error.to_string())?;
    let (admin, _) = admin_url().rsplit_once('/').map(|(host, name)| (host.to_owned(), name.to_owned())).unwrap();
    let ran = Command::new("pgbench")
        .args(["-n", "-l", "-j", "2"])
        .args(["-c", &clients.to_string(), "-T", &time.as_secs().to_string()])
        .args([&format!("--log-prefix={}", place.join("log").display()), "-f"])
        .arg(&script)
        .arg(format!("{admin}/{database}"))
        .output()
        .await
        .map_err(|error| format!("pgbench cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse::<f64>().ok());
    let waits = waits(&place);
    let _ = fs::remove_dir_all(&place);
    let per_second = tps.ok_or_else(|| format!("pgbench: {said}{}", String::from_utf8_lossy(&ran.stderr)))?;
    Ok(Seen { rows: waits.len() as f64, per_second, p50_ms: percentile(&waits, 50), p99_ms: percentile(&waits, 99) })
}

/// Milliseconds of every transaction, sorted: the third column of the logs, in microseconds.
fn waits(place: &PathBuf) -> Vec<f64> {
    let logs = fs::read_dir(place).into_iter().flatten().flatten();
    let logs = logs.filter(|file| file.file_name().to_string_lossy().starts_with("log"));
    let mut waits: Vec<f64> = Vec::new();
    for log in logs {
        let text = fs::read_to_string(log.path()).unwrap_or_default();
        waits
            .extend(text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok()).map(|us| us / 1_000.0));
    }
    waits.sort_by(f64::total_cmp);
    waits
}
