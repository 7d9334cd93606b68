//! `teranga-worker queues`.

use super::show::Shown;
use domain::{
    db::Tx,
    error::Result,
    ops::{self, By, COUNTED_TO, QueueState},
};
use runtime::terminal::table;
use serde_json::{Map, Value, json};

/// How the queues stand.
pub async fn list(tx: &mut Tx) -> Result<Shown> {
    let queues = ops::queues(tx).await?;
    let headings = ["queue", "due", "scheduled", "running", "oldest due", "dead", "paused", "runs/s"];
    let rows: Vec<_> = queues.iter().map(row).collect();
    Ok(Shown { text: table(&headings, &rows), json: json!({ "queues": queues.iter().map(told).collect::<Vec<_>>() }) })
}

/// Pauses a queue.
pub async fn pause(tx: &mut Tx, name: &str, by: &By) -> Result<Shown> {
    let queue = ops::pause(tx, name, by).await?;
    Ok(Shown { text: format!("{name} is paused; what runs goes on\n"), json: told(&queue) })
}

/// Lets a queue go on.
pub async fn resume(tx: &mut Tx, name: &str, by: &By) -> Result<Shown> {
    let queue = ops::resume(tx, name, by).await?;
    Ok(Shown { text: format!("{name} goes on\n"), json: told(&queue) })
}

fn row(queue: &QueueState) -> Vec<String> {
    let rates: Vec<_> = queue.rates.iter().map(|rate| format!("{} {:.1}", rate.outcome, rate.per_second)).collect();
    vec![
        queue.queue.clone(),
        counted(queue.due),
        counted(queue.scheduled),
        queue.in_flight.to_string(),
        format!("{:.1} s", queue.oldest_due_seconds),
        counted(queue.dead),
        if queue.paused { "yes" } else { "no" }.to_owned(),
        if rates.is_empty() { "-".to_owned() } else { rates.join(", ") },
    ]
}

/// A count stops somewhere, and says so.
fn counted(count: i64) -> String {
    if count >= COUNTED_TO { format!("{COUNTED_TO}+") } else { count.to_string() }
}

fn told(queue: &QueueState) -> Value {
    let rates: Map<_, _> = queue.rates.iter().map(|rate| (rate.outcome.clone(), json!(rate.per_second))).collect();
    json!({
        "name": queue.queue, "due": queue.due, "scheduled": queue.scheduled, "in_flight": queue.in_flight,
        "oldest_due_seconds": queue.oldest_due_seconds, "dead": queue.dead, "paused": queue.paused, "rates": rates,
    })
}
