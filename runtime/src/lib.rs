//! What every program does around its work, and nothing else: read the environment, log, measure,
//! open the database, answer health probes, and leave well.
//!
//! A `main` is short because of this crate:
//!
//! ```no_run
//! # struct Config { process: runtime::Process, pool: runtime::pool::PoolSettings }
//! fn read(env: &mut runtime::env::Env<'_>) -> Config {
//!     Config { process: runtime::Process::read(env), pool: runtime::pool::PoolSettings::read(env) }
//! }
//!
//! async fn serve(config: Config) -> Result<(), Box<dyn std::error::Error>> {
//!     let stopping = config.process.start("teranga-example")?;
//!     let pool = runtime::pool::connect(&config.pool, "teranga-example").await?;
//!     let health = runtime::health::Health::new(stopping.clone()).database(pool).router();
//!     let listener = runtime::listen("127.0.0.1:0".parse()?).await?;
//!     Ok(runtime::serve(listener, health, stopping).await?)
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     runtime::main(read, serve)
//! }
//! ```

mod door;
pub mod env;
pub mod health;
pub mod metrics;
pub mod pool;
pub mod requests;
pub mod secret;
pub mod shutdown;
pub mod telemetry;
pub mod terminal;
pub mod trace;

mod process;
mod serve;

pub use process::{Environment, Process, main};
pub use secret::Secret;
pub use serve::{listen, serve, serve_to_the_last};
pub use tokio_util::sync::CancellationToken;
