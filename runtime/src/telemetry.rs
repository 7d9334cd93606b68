//! Logs: one JSON object a line for machines, or a readable form for a person at a terminal.

use std::str::FromStr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::env::Env;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For a person at a terminal.
    Pretty,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => Err("expected json or pretty"),
        }
    }
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct Logs {
    /// Filter directives, such as `info` or `info,sqlx=warn`.
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
}

impl Logs {
    /// Reads `LOG` and `LOG_FORMAT`.
    pub fn read(env: &mut Env<'_>) -> Self {
        let filter = env.text_or("LOG", "info");
        if let Err(error) = EnvFilter::try_new(&filter) {
            env.problem("LOG", format!("is not a filter: {error}"));
        }
        Self { filter, format: env.value_or("LOG_FORMAT", LogFormat::Json) }
    }

    /// Starts logging to standard output. Later calls in one process change nothing, because tests
    /// start several programs in one.
    pub fn start(&self) {
        let filter = EnvFilter::try_new(&self.filter).unwrap_or_else(|_| EnvFilter::new("info"));
        let lines = tracing_subscriber::fmt().with_env_filter(filter);
        // Every line names all spans around it, because the request id sits on the outermost.
        let started = match self.format {
            LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).finish().try_init(),
            LogFormat::Pretty => lines.with_target(false).finish().try_init(),
        };
        if started.is_err() {
            tracing::debug!("logging was already started in this process");
        }
    }
}
