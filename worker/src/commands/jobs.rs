//! `teranga-worker jobs`.

use super::{
    parse::List,
    show::{Shown, job_json, jobs_table, or_dash, time},
};
use domain::{
    db::Tx,
    error::Result,
    ops::{self, By, Filter, Life, Origin, Run},
};
use runtime::terminal::table;
use serde_json::{Value, json};
use uuid::Uuid;

/// A search looks at a bounded number of jobs a page; so many pages are turned for one answer.
const PAGES: usize = 50;

/// A list.
pub async fn list(tx: &mut Tx, asked: &List) -> Result<Shown> {
    let mut page = ops::list(tx, asked.state, &asked.filter, asked.cursor, asked.limit).await?;
    for _ in 1..PAGES {
        let left = asked.limit - page.jobs.len();
        let Some(next) = page.next.filter(|_| left > 0) else { break };
        let more = ops::list(tx, asked.state, &asked.filter, Some(next), left).await?;
        page.jobs.extend(more.jobs);
        page.next = more.next;
    }
    let count = if asked.count { Some(ops::count(tx, asked.state, &asked.filter).await?) } else { None };
    let next = page.next.map(|cursor| cursor.to_string());
    let mut text = jobs_table(&page.jobs);
    if let Some(count) = count {
        text += &format!("{}{} in all\n", if count.exact { "" } else { "at least " }, count.count);
    }
    if let Some(next) = &next {
        text += &format!("more: --cursor {next}\n");
    }
    let counted = count.map(|count| json!({ "count": count.count, "exact": count.exact }));
    let jobs: Vec<_> = page.jobs.iter().map(job_json).collect();
    Ok(Shown { text, json: json!({ "jobs": jobs, "next_cursor": next, "count": counted }) })
}

/// One job's whole life.
pub async fn show(tx: &mut Tx, id: Uuid) -> Result<Shown> {
    let (life, origin) = ops::life(tx, id).await?;
    let mut text = String::new();
    for (name, value) in facts(&life, &origin) {
        text += &format!("{name:<13} {value}\n");
    }
    let rows: Vec<_> = life.runs.iter().map(run_row).collect();
    text += "\n";
    text += &table(&["attempt", "outcome", "ended", "ms", "worker", "reason"], &rows);
    Ok(Shown { text, json: life_json(&life, &origin) })
}

/// Has a job run now.
pub async fn retry(tx: &mut Tx, id: Uuid, by: &By) -> Result<Shown> {
    ops::retry(tx, id, by).await?;
    Ok(Shown { text: format!("{id} is due\n"), json: json!({ "id": id, "state": "due" }) })
}

/// Takes a job away.
pub async fn cancel(tx: &mut Tx, id: Uuid, reason: &str, by: &By) -> Result<Shown> {
    ops::cancel(tx, id, reason, by).await?;
    Ok(Shown { text: format!("{id} is cancelled\n"), json: json!({ "id": id, "state": "cancelled" }) })
}

/// Which dead jobs a filter means.
pub async fn dry_run(tx: &mut Tx, filter: &Filter) -> Result<Shown> {
    let ops::Matching { count, groups, sample } = ops::dry_run(tx, filter).await?;
    let rows = groups
        .iter()
        .map(|group| vec![group.count.to_string(), group.queue.clone(), group.kind.clone(), group.reason.clone()]);
    let mut text = table(&["count", "queue", "kind", "reason"], &rows.collect::<Vec<_>>());
    let more = if count.exact { "" } else { " or more" };
    text += &format!("\n{}{more} match; the newest:\n{}", count.count, jobs_table(&sample));
    let groups: Vec<_> = groups
        .iter()
        .map(|group| json!({ "queue": group.queue, "kind": group.kind, "reason": group.reason, "count": group.count }))
        .collect();
    let sample: Vec<_> = sample.iter().map(job_json).collect();
    let matching = json!({ "count": count.count, "exact": count.exact });
    Ok(Shown { text, json: json!({ "dry_run": true, "matching": matching, "groups": groups, "sample": sample }) })
}

/// Posts the matching dead jobs again.
pub async fn redrive(tx: &mut Tx, filter: &Filter, max: i64, by: &By) -> Result<Shown> {
    let posted = ops::redrive(tx, filter, max, by).await?;
    Ok(Shown { text: format!("{posted} posted again\n"), json: json!({ "dry_run": false, "posted": posted }) })
}

fn facts(life: &Life, origin: &Origin) -> Vec<(&'static str, String)> {
    vec![
        ("id", life.id.to_string()),
        ("queue", life.queue.clone()),
        ("kind", life.kind.clone()),
        ("organization", or_dash(life.org_id)),
        ("state", life.state.clone()),
        ("posted", or_dash(life.created_at.map(time))),
        ("due", or_dash(life.run_at.map(time))),
        ("attempt", life.attempt.to_string()),
        ("worker", or_dash(life.worker.clone())),
        ("error", or_dash(life.error.clone()).replace(char::is_control, " ")),
        ("trace", or_dash(origin.trace_id.clone())),
        ("request", or_dash(origin.request_id.clone())),
        ("payload", or_dash(life.payload.clone())),
    ]
}

fn run_row(run: &Run) -> Vec<String> {
    vec![
        run.attempt.to_string(),
        run.outcome.clone(),
        time(run.ended_at),
        run.duration_ms.to_string(),
        or_dash(run.worker.clone()),
        or_dash(run.reason.clone()),
    ]
}

fn life_json(life: &Life, origin: &Origin) -> Value {
    let runs = life.runs.iter().map(|run| {
        json!({
            "attempt": run.attempt, "worker": run.worker, "started_at": run.started_at, "ended_at": run.ended_at,
            "duration_ms": run.duration_ms, "outcome": run.outcome, "reason": run.reason,
        })
    });
    json!({
        "id": life.id, "queue": life.queue, "kind": life.kind, "organization_id": life.org_id, "state": life.state,
        "created_at": life.created_at, "run_at": life.run_at, "attempt": life.attempt, "deaths": life.deaths,
        "worker": life.worker, "error": life.error, "trace_id": origin.trace_id, "request_id": origin.request_id,
        "payload": life.payload, "runs": runs.collect::<Vec<_>>(),
    })
}
