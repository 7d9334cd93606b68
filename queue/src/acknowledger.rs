//! The task that writes acknowledgements: all that is in the channel goes in one statement, and what cannot be
//! written is kept until it can (promise 10).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    acknowledge::{Ack, Outcome, flush},
    room::Room,
};

/// The most acknowledgements in one statement.
const BATCH: usize = 2_000;
/// A statement that wrote fewer is followed by a pause, in which the next ones gather: each waits for the disk, and so
/// makes commits beside it wait.
const MANY: usize = 200;
/// The pause.
const GATHER: Duration = Duration::from_millis(3);
/// Between two tries while the database is away.
const PAUSE: Duration = Duration::from_millis(250);
/// A statement that takes longer ran on a dead connection.
const PATIENCE: Duration = Duration::from_secs(25);

/// Runs until `last` says that no further acknowledgement will come, and all have been written.
pub(crate) async fn acknowledge_all(
    room: Arc<Room>,
    mut acks: mpsc::UnboundedReceiver<Ack>,
    options: PgConnectOptions,
    last: CancellationToken,
) {
    let mut line = None;
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            biased;
            taken = acks.recv_many(&mut batch, BATCH) => if taken == 0 { return },
            () = last.cancelled() => {
                acks.close();
                continue;
            }
        }
        while let Err(error) = write(&room, &options, &mut line, &batch).await {
            tracing::warn!(%error, kept = batch.len(), "acknowledgements wait for the database");
            line = None;
            tokio::time::sleep(PAUSE).await;
        }
        settle(&room, &batch);
        if batch.len() < MANY {
            let _ = tokio::time::timeout(GATHER, last.cancelled()).await;
        }
        batch.clear();
    }
}

async fn write(
    room: &Room,
    options: &PgConnectOptions,
    line: &mut Option<PgConnection>,
    batch: &[Ack],
) -> Result<(), sqlx::Error> {
    let began = Instant::now();
    let written = tokio::time::timeout(PATIENCE, async {
        if line.is_none() {
            *line = Some(options.connect().await?);
        }
        flush(line.as_mut().expect("connected above"), &room.name, batch).await
    })
    .await
    .map_err(|_| sqlx::Error::PoolTimedOut)??;
    metrics::histogram!("queue_flush_duration_seconds", "queue" => room.queue).record(began.elapsed().as_secs_f64());
    let expected = batch.iter().filter(|ack| ack.outcome != Outcome::InTransaction).count() as u64;
    if written < expected {
        let lost = expected - written;
        metrics::counter!("jobs_lease_lost_total", "queue" => room.queue).increment(lost);
        tracing::warn!(lost, "runs ended after their lease was lost; they changed nothing");
    }
    Ok(())
}

/// Forgets what is written, and has the surveyor look when a job will come back or a limit gives way.
fn settle(room: &Room, batch: &[Ack]) {
    let mut held = room.held();
    for ack in batch {
        held.remove(&ack.lease);
    }
    drop(held);
    let back = batch.iter().any(|ack| matches!(ack.outcome, Outcome::Again(_) | Outcome::Retry { .. }));
    if back || !room.limits.is_empty() {
        room.ask_survey();
    }
}
