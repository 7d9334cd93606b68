//! One runner of ours, whose handler notes that it began and then works for a while, or not at all.

use super::job::{Nothing, Seen};
use queue::{Job, RunnerSettings, Stopped, Verdict};
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct Runner {
    stop: CancellationToken,
    task: JoinHandle<Stopped>,
}

impl Runner {
    /// Starts it; `work` is how long a job takes.
    pub fn start(pool: PgPool, settings: RunnerSettings, seen: &Arc<Seen>, work: Duration) -> Self {
        let (seen, stop) = (seen.clone(), CancellationToken::new());
        let handler = move |job: Job<Nothing>| {
            seen.note(&job);
            async move {
                if !work.is_zero() {
                    tokio::time::sleep(work).await;
                }
                Verdict::Done
            }
        };
        let task = tokio::spawn(queue::run(pool, settings, stop.clone().cancelled_owned(), handler));
        Self { stop, task }
    }

    /// Lets what runs end.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}
