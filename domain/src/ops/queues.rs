//! How the queues stand; pausing and resuming one.

use super::By;
use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    jobs::{Maintenance, Notifications, Payments, Reservations},
    refusals::Refusal,
};
use queue::{
    JobFamily,
    admin::{self, QueueState},
};
use serde_json::json;
use uuid::Uuid;

/// Every queue, whether or not it holds anything.
pub const QUEUES: [&str; 4] = [Payments::QUEUE, Reservations::QUEUE, Notifications::QUEUE, Maintenance::QUEUE];

/// How every queue stands, over all organizations: ours, and any other that still holds something.
///
/// # Errors
/// A fault when the database fails.
pub async fn queues(tx: &mut Tx) -> Result<Vec<QueueState>> {
    let mut names = QUEUES.map(str::to_owned).to_vec();
    let others = admin::queue_names(tx.conn()).await?.into_iter().filter(|name| !QUEUES.contains(&name.as_str()));
    names.extend(others);
    Ok(admin::queues(tx.conn(), &names).await?)
}

/// Lets no job of a queue start, for any organization, until [`resume`].
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such queue.
pub async fn pause(tx: &mut Tx, name: &str, by: &By) -> Result<QueueState> {
    let before = one(tx, name).await?;
    admin::pause(tx.conn(), name).await?;
    Ok(steer(tx, before, true, by))
}

/// Ends a pause; runners see it at once.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such queue.
pub async fn resume(tx: &mut Tx, name: &str, by: &By) -> Result<QueueState> {
    let before = one(tx, name).await?;
    admin::resume(tx.conn(), name).await?;
    tx.ring(name);
    Ok(steer(tx, before, false, by))
}

async fn one(tx: &mut Tx, name: &str) -> Result<QueueState> {
    let state = queues(tx).await?.into_iter().find(|state| state.queue == name);
    state.ok_or_else(|| Refusal::NotFound.into())
}

/// A queue has a name and no id, so audit finds it by its name.
fn steer(tx: &mut Tx, before: QueueState, paused: bool, by: &By) -> QueueState {
    let told = |paused: bool| json!({ "queue": before.queue, "paused": paused });
    let change = Change::updated("queue", Uuid::nil(), told(before.paused), told(paused));
    tx.record(change.because(by.sign(json!({}))));
    QueueState { paused, ..before }
}
