//! The program around the clock: database, probes, and a good end.

use crate::{config::SchedulerConfig, tick::Clock};
use domain::db::Db;
use runtime::health::Health;
use std::error::Error;

/// Ticks until the process is asked to stop.
///
/// # Errors
/// When it cannot start: database or its address.
pub async fn serve(config: SchedulerConfig) -> Result<(), Box<dyn Error>> {
    let stopping = config.process.start("teranga-scheduler")?;
    let pool = runtime::pool::connect(&config.pool, "teranga-scheduler").await?;
    let clock = Clock::new(Db::start(pool.clone(), None));
    let listener = runtime::listen(config.listen).await?;
    let health = Health::new(stopping.clone()).database(pool).router();
    let probes = tokio::spawn(runtime::serve(listener, health, stopping.clone()));
    clock.run(stopping).await;
    // a probe that hangs is cut off; a clock holds nothing that needs handing back
    probes.abort();
    tracing::info!("stopped");
    Ok(())
}
