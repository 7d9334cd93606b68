//! Where the time goes: processor seconds per program, from `/proc`. Zero where there is no such thing.

use std::fs;

/// Ticks per second, as Linux shows them everywhere.
const TICKS: f64 = 100.0;

/// Processor seconds of a process and its ended children.
pub fn of(pid: u32) -> f64 {
    fields(pid).map_or(0.0, |fields| fields[11..15].iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum()) / TICKS
}

/// Processor seconds of the Postgres that serves the backend `pid`: its postmaster with everything under it.
pub fn of_postgres(backend: u32) -> f64 {
    let is_postgres = fs::read_to_string(format!("/proc/{backend}/comm")).is_ok_and(|name| name.trim() == "postgres");
    let Some(postmaster) = parent(backend).filter(|_| is_postgres) else { return 0.0 };
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    of(postmaster) + pids.filter(|pid| parent(*pid) == Some(postmaster)).map(of).sum::<f64>()
}

fn parent(pid: u32) -> Option<u32> {
    fields(pid)?.get(1)?.parse().ok()
}

/// The fields after the program's name, which may hold blanks: state is the first.
fn fields(pid: u32) -> Option<Vec<String>> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = line.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}
