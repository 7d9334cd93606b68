//! Waiting until nothing is left to do: jobs first, then, where only a timer is waited for, by moving the clock.

use crate::{post_room, stage::Stage};
use std::time::{Duration, Instant};

/// Past the holds of those who forgot to pay.
const HOLDS: Duration = Duration::from_secs(35 * 60);
/// Past the pause between two polls.
const POLLS: Duration = Duration::from_secs(11 * 60);

/// What is not over yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Jobs due or running.
    pub jobs: i64,
    /// Jobs that were given up.
    pub dead: i64,
    /// Payments, operations, events and messages without an end.
    pub matters: i64,
}

impl Open {
    pub async fn look(stage: &Stage) -> Self {
        Self {
            jobs: stage.app.count(post_room::DUE).await,
            dead: stage.app.count(post_room::DEAD).await,
            matters: stage
                .number(
                    "select (select count(*) from payments where org_id = $1
                                and status in ('created', 'submitted', 'authorized', 'scheduled', 'processing'))
                          + (select count(*) from operations where org_id = $1 and status in ('queued', 'running', 'waiting'))
                          + (select count(*) from inbound_events where org_id = $1 and status in ('received', 'parked', 'linked'))
                          + (select count(*) from deliveries where org_id = $1 and status in ('queued', 'sending'))
                          + (select count(*) from bookings where org_id = $1 and status in ('pending', 'approved'))",
                )
                .await,
        }
    }

    pub fn stuck(&self) -> i64 {
        self.jobs + self.dead + self.matters
    }
}

/// Waits until nothing is open, at most so long; answers what is.
pub async fn settle(stage: &Stage, patience: Duration) -> Open {
    let deadline = Instant::now() + patience;
    let mut ahead = [HOLDS].into_iter().chain(std::iter::repeat_n(POLLS, 8));
    loop {
        at_rest(stage, deadline).await;
        let open = Open::look(stage).await;
        let over = Instant::now() >= deadline;
        if over || (open == Open { dead: open.dead, ..Open::default() }) {
            return open;
        }
        match ahead.next() {
            Some(by) if open.jobs == 0 => stage.advance(by).await,
            Some(_) => {}
            None => return open,
        }
    }
}

/// Waits until no job is due or running, twice in a row: one may post another.
pub async fn at_rest(stage: &Stage, deadline: Instant) {
    let mut quiet = 0;
    while quiet < 3 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(250)).await;
        quiet = if Open::look(stage).await.jobs == 0 { quiet + 1 } else { 0 };
    }
}
