//! Leaving well: finish what is in hand, take nothing new, and do not stay too long.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::env::Env;

/// The exit status when the grace period ran out with work still in hand.
const OUT_OF_GRACE: i32 = 1;
/// The exit status when a second signal asked us to leave at once (128 + SIGINT, as shells count).
const LEFT_AT_ONCE: i32 = 130;

/// Reads `SHUTDOWN_GRACE_SECONDS`: how long work in hand may take after the signal.
pub fn read_grace(env: &mut Env<'_>) -> Duration {
    Duration::from_secs(env.value_or("SHUTDOWN_GRACE_SECONDS", 25))
}

/// Listens for SIGTERM and SIGINT. The token is cancelled on the first; the process ends by force on
/// the second, or when `grace` has passed. Work cut off that way is safe: leases run out and jobs are
/// handed out again.
///
/// # Errors
/// When the operating system refuses a signal handler.
pub fn on_signal(grace: Duration) -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let stopping = token.clone();
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!(grace_seconds = grace.as_secs(), "stopping");
        stopping.cancel();
        let status = tokio::select! {
            () = either(&mut terminate, &mut interrupt) => LEFT_AT_ONCE,
            () = tokio::time::sleep(grace) => OUT_OF_GRACE,
        };
        tracing::warn!(status, "leaving with work in hand");
        std::process::exit(status);
    });
    Ok(token)
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
