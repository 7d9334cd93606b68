//! What operators see of the post room and do to it (QUEUE promise 9).

use crate::{
    audit::Change,
    db::Tx,
    error::Result,
    jobs::{Maintenance, Notifications, Payments, Reservations},
    refusals::Refusal,
};
use queue::{JobFamily, admin};
use serde_json::json;
use uuid::Uuid;

pub use queue::admin::QueueState;

/// Every queue, whether or not it holds anything.
pub const QUEUES: [&str; 4] = [Payments::QUEUE, Reservations::QUEUE, Notifications::QUEUE, Maintenance::QUEUE];

/// How every queue stands, over all organizations.
///
/// # Errors
/// A fault when the database fails.
pub async fn queues(tx: &mut Tx) -> Result<Vec<QueueState>> {
    let mut met = admin::queues(tx.conn()).await?;
    for name in QUEUES {
        if !met.iter().any(|state| state.queue == name) {
            met.push(empty(name));
        }
    }
    Ok(met)
}

/// Lets no job of a queue start, for any organization, until [`resume`].
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such queue.
pub async fn pause(tx: &mut Tx, name: &str) -> Result<QueueState> {
    let before = one(tx, name).await?;
    admin::pause(tx.conn(), name).await?;
    steer(tx, before, true)
}

/// Ends a pause; runners see it within a poll.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such queue.
pub async fn resume(tx: &mut Tx, name: &str) -> Result<QueueState> {
    let before = one(tx, name).await?;
    admin::resume(tx.conn(), name).await?;
    steer(tx, before, false)
}

/// Makes a dead job due again, with all its attempts: any organization's, because only those who run the installation
/// may ask.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not dead, [`Refusal::Conflict`] when the same work is alive.
pub async fn retry(tx: &mut Tx, id: Uuid) -> Result<()> {
    let known = sqlx::query!("select org_id from queue.dead where id = $1", id).fetch_optional(tx.conn()).await?;
    let of_org = known.ok_or(Refusal::NotFound)?.org_id;
    if !admin::retry_dead(tx.conn(), id).await? {
        return Err(Refusal::Conflict { reason: "the same work is waiting or running" }.into());
    }
    let (before, after) = (json!({ "status": "dead" }), json!({ "status": "due" }));
    tx.record(Change::moved("job", id, before, after).because(json!({ "org_id": of_org })));
    Ok(())
}

async fn one(tx: &mut Tx, name: &str) -> Result<QueueState> {
    let state = queues(tx).await?.into_iter().find(|state| state.queue == name);
    state.ok_or_else(|| Refusal::NotFound.into())
}

/// A queue has a name and no id, so audit finds it by its name.
fn steer(tx: &mut Tx, before: QueueState, paused: bool) -> Result<QueueState> {
    let told = |paused: bool| json!({ "queue": before.queue, "paused": paused });
    tx.record(Change::updated("queue", Uuid::nil(), told(before.paused), told(paused)));
    Ok(QueueState { paused, ..before })
}

fn empty(name: &str) -> QueueState {
    QueueState {
        queue: name.to_owned(),
        due: 0,
        scheduled: 0,
        in_flight: 0,
        oldest_due_seconds: 0.0,
        dead: 0,
        paused: false,
    }
}
