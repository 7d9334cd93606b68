//! The program around the carriers: database, probes, and a good end.

use crate::{accounts, carry::carry, config::WorkerConfig, env::Env};
use domain::{db::Db, keys::Keys};
use queue::RunnerSettings;
use runtime::{CancellationToken, health::Health};
use std::{error::Error, sync::Arc, time::Duration};

/// Kept of the grace period for the last acknowledgements and for handing back what did not end.
const LAST_WRITES: Duration = Duration::from_secs(5);
/// How long a probe that is being answered may hold up the end.
const LAST_PROBE: Duration = Duration::from_secs(1);

/// Carries jobs until the process is asked to stop.
///
/// # Errors
/// When it cannot start: database, provider settings, or its address.
pub async fn serve(config: WorkerConfig) -> Result<(), Box<dyn Error>> {
    let stopping = config.process.start("teranga-worker")?;
    let name = process_name();
    let pool = runtime::pool::connect(&config.pool, &format!("teranga-worker {name}")).await?;
    let keys = Keys::new(&config.data_keys, config.access_code_secret.bytes());
    let db = Db::start(pool.clone(), Some(Arc::new(keys)));
    let providers = accounts::of_database(&db, &config).await?;
    let env = Arc::new(Env::new(db, config.env_settings(providers))?);

    let listener = runtime::listen(config.listen).await?;
    let health = Health::new(stopping.clone()).database(pool).router();
    // probes are answered until the last job has ended
    let drained = CancellationToken::new();
    let probes = tokio::spawn(runtime::serve(listener, health, drained.clone()));

    carry(&env, &config.queues, &runner_settings(&config, name), &stopping).await;
    drained.cancel();
    if tokio::time::timeout(LAST_PROBE, probes).await.is_err() {
        tracing::debug!("a probe was still being answered");
    }
    tracing::info!("stopped");
    Ok(())
}

fn runner_settings(config: &WorkerConfig, name: String) -> RunnerSettings {
    let grace = config.process.grace;
    RunnerSettings {
        name,
        concurrency: config.concurrency,
        limits: config.limits.clone(),
        grace: grace.saturating_sub(LAST_WRITES).max(grace / 2),
        ..RunnerSettings::default()
    }
}

/// This process, for history and logs, and for whoever ends its sessions when it is dead: the machine or container, as
/// much of it as the database remembers of a session's name, and the process id.
fn process_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String = host.trim().chars().take(20).collect();
    format!("{}-{}", if host.is_empty() { "worker" } else { &host }, std::process::id())
}
