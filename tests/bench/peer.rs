//! The peer: `pgbench` puts one small row per transaction into a plain table with a key, one commit each: the limit of
//! durable commits on this machine.

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

/// Runs so many clients for so long.
///
/// # Errors
/// When pgbench is missing or fails; the message says what it said.
pub async fn insert(database: &str, clients: usize, time: Duration) -> Result<Seen, String> {
    let place = std::env::temp_dir().join(format!("teranga-pgbench-{}", std::process::id()));
    fs::create_dir_all(&place).map_err(|error| error.to_string())?;
    let script = place.join("insert.sql");
    fs::write(&script, "insert into one_row (payload) values ('{\"id\": 1, \"t\": 0}');\n")
        .map_err(|error| error.to_string())?;
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
