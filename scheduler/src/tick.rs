//! Looking at the clock. The time is the database's, so the machine's own may jump; a slot is claimed by the commit
//! that enqueues its job, so of any number of clocks one fires it.

use crate::{schedule::SCHEDULE, slots::Hand};
use chrono::{DateTime, Utc};
use domain::{
    db::{Db, Scope},
    error::{Fault, Result},
};
use runtime::CancellationToken;
use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// A look that takes longer went to a dead connection.
const LONGEST_LOOK: Duration = Duration::from_secs(10);

/// One slot this clock dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Which entry of the schedule.
    pub name: &'static str,
    /// Its time.
    pub slot: DateTime<Utc>,
    /// Whether this clock enqueued the job. If not, another clock did, or the job of an earlier slot still lives.
    pub fired: bool,
}

/// One of any number of clocks.
pub struct Clock {
    db: Db,
    hands: Vec<Hand>,
}

impl Clock {
    /// A clock over the whole schedule.
    ///
    /// # Panics
    /// When the schedule holds a cron that cannot be read; a test says it does not.
    #[must_use]
    pub fn new(db: Db) -> Self {
        let hands = SCHEDULE.map(|entry| Hand::new(entry).expect("every cron of the schedule is tested"));
        Self { db, hands: hands.into() }
    }

    /// Looks once: everything due is enqueued in one commit. Answers what was dealt with.
    ///
    /// # Errors
    /// A fault when the database fails; then nothing was enqueued, and the next look does it.
    pub async fn look(&mut self) -> Result<Vec<Tick>> {
        let mut tx = self.db.begin(Scope::nowhere()).await?;
        let now = tx.now();
        let mut ticks = Vec::new();
        // always in the order of the schedule, so that two clocks wait for each other and never in a circle
        for hand in &self.hands {
            if let Some(slot) = hand.due(now) {
                let fired = hand.entry.job.post(&mut tx, hand.entry.name, slot).await?;
                ticks.push(Tick { name: hand.entry.name, slot, fired });
            }
        }
        tx.commit().await?;
        for tick in &ticks {
            self.hands.iter_mut().filter(|hand| hand.entry.name == tick.name).for_each(|hand| hand.settle(tick.slot));
            measure(tick, now);
        }
        metrics::gauge!("scheduler_last_look_timestamp_seconds").set(seconds(now.timestamp_millis()));
        Ok(ticks)
    }

    /// Looks every second until `stopping` is cancelled. A database that is away is waited for.
    pub async fn run(mut self, stopping: CancellationToken) {
        let mut away = false;
        while stopping.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            let look = tokio::time::timeout(LONGEST_LOOK, self.look()).await;
            let look = look.unwrap_or_else(|_| Err(Fault::remote("database", "no answer in time").into()));
            match &look {
                Ok(_) if away => tracing::info!("the database is back"),
                Err(problem) if !away => tracing::warn!(%problem, "cannot tick; trying until it works"),
                _ => {}
            }
            away = look.is_err();
        }
    }
}

fn measure(tick: &Tick, now: DateTime<Utc>) {
    let fired = if tick.fired { "true" } else { "false" };
    metrics::counter!("scheduler_ticks_total", "name" => tick.name, "fired" => fired).increment(1);
    if tick.fired {
        let late = seconds((now - tick.slot).num_milliseconds());
        metrics::gauge!("scheduler_lateness_seconds", "name" => tick.name).set(late);
        tracing::debug!(name = tick.name, slot = %tick.slot, late, "fired");
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge holds a float; milliseconds since 1970 fit it")]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1_000.0
}
