//! The same for people and for programs.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::ops::JobRow;
use runtime::terminal::table;
use serde_json::{Value, json};

/// How much of an error a table shows.
const WIDEST_ERROR: usize = 70;

/// An answer in both forms.
pub struct Shown {
    pub text: String,
    pub json: Value,
}

/// A time, to the second.
pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What there may be, or a dash.
pub fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Jobs as a table.
pub fn jobs_table(jobs: &[JobRow]) -> String {
    let rows: Vec<_> = jobs.iter().map(row).collect();
    table(&["id", "state", "kind", "organization", "at", "attempt", "ms", "error"], &rows)
}

fn row(job: &JobRow) -> Vec<String> {
    let error: String = job.error.as_deref().unwrap_or("-").chars().take(WIDEST_ERROR).collect();
    vec![
        job.id.to_string(),
        job.state.clone(),
        job.kind.clone(),
        or_dash(job.org_id),
        time(job.at),
        job.attempt.to_string(),
        or_dash(job.duration_ms),
        error,
    ]
}

/// A job as JSON, in the words of the API.
pub fn job_json(job: &JobRow) -> Value {
    json!({
        "id": job.id, "queue": job.queue, "kind": job.kind, "organization_id": job.org_id, "state": job.state,
        "at": job.at, "created_at": job.created_at, "started_at": job.started_at, "duration_ms": job.duration_ms,
        "attempt": job.attempt, "worker": job.worker, "error": job.error, "trace": job.trace,
    })
}
