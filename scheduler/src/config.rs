//! What the clock needs to know, read once at start. It holds no secret but its database login.

use runtime::{Process, env::Env, pool::PoolSettings};
use std::net::SocketAddr;

/// Everything `teranga-scheduler` reads from its environment.
#[derive(Clone, Debug)]
pub struct SchedulerConfig {
    /// Logs, environment and grace period.
    pub process: Process,
    /// The database login and how many connections.
    pub pool: PoolSettings,
    /// Where health and metrics listen.
    pub listen: SocketAddr,
}

impl SchedulerConfig {
    /// Reads the environment; problems are kept in `env`.
    pub fn read(env: &mut Env<'_>) -> Self {
        Self {
            process: Process::read(env),
            pool: PoolSettings::read(env),
            listen: env.value_or("SCHEDULER_LISTEN", SocketAddr::from(([0, 0, 0, 0], 8082))),
        }
    }
}
