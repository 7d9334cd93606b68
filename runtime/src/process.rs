//! The outline of a program: read everything, start what surrounds the work, run, leave.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::env::Env;
use crate::telemetry::Logs;
use crate::{metrics, shutdown};

/// The exit status of a program whose environment is not usable (`EX_CONFIG` of sysexits).
const BAD_ENVIRONMENT: u8 = 78;

/// Where the program runs. Shortcuts for developers exist only in development.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// A developer's machine, tests, the demo.
    Development,
    /// Real people and real money.
    Production,
}

impl FromStr for Environment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "development" => Ok(Self::Development),
            "production" => Ok(Self::Production),
            _ => Err("expected development or production"),
        }
    }
}

/// The settings every program shares.
#[derive(Clone, Debug)]
pub struct Process {
    /// Where the program runs; production unless told otherwise, the stricter of the two.
    pub environment: Environment,
    /// What is logged, and how.
    pub logs: Logs,
    /// How long work in hand may take once asked to stop.
    pub grace: Duration,
}

impl Process {
    /// Reads `ENVIRONMENT`, `LOG`, `LOG_FORMAT` and `SHUTDOWN_GRACE_SECONDS`.
    pub fn read(env: &mut Env<'_>) -> Self {
        Self {
            environment: env.value_or("ENVIRONMENT", Environment::Production),
            logs: Logs::read(env),
            grace: shutdown::read_grace(env),
        }
    }

    /// Starts logs, measurements and the signal handlers; the token is cancelled when the program is
    /// asked to stop.
    ///
    /// # Errors
    /// When the operating system refuses a signal handler.
    pub fn start(&self, program: &'static str) -> std::io::Result<CancellationToken> {
        self.logs.start();
        metrics::start(program);
        tracing::info!(program, version = env!("CARGO_PKG_VERSION"), environment = ?self.environment, "starting");
        shutdown::on_signal(self.grace)
    }
}

/// Reads the configuration, then runs `work` on a runtime with all cores. Problems go to standard
/// error in words, because logs may not run yet; the exit status is 78 for a bad environment and 1
/// for a failed run.
pub fn main<C, F>(read: impl FnOnce(&mut Env<'_>) -> C, work: impl FnOnce(C) -> F) -> ExitCode
where
    F: Future<Output = Result<(), Box<dyn Error>>>,
{
    let mut env = Env::of_process();
    let config = read(&mut env);
    let config = match env.finish(config) {
        Ok(config) => config,
        Err(problems) => return fail(&problems, BAD_ENVIRONMENT),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, 1),
    };
    match runtime.block_on(work(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref(), 1),
    }
}

fn fail(error: &dyn Error, status: u8) -> ExitCode {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{error}");
    ExitCode::from(status)
}
