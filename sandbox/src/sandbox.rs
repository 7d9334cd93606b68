//! One running sandbox: its state, its knobs, its clock.

use crate::knobs::Knobs;
use crate::settings::Settings;
use crate::store::Store;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Webhooks on their way at once; further ones wait.
const MOST_DELIVERIES: usize = 64;

/// A handle to one sandbox; clones are the same sandbox.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    public_url: String,
    store: Store,
    knobs: Knobs,
    http: reqwest::Client,
    on_their_way: Semaphore,
    stopping: CancellationToken,
}

impl Sandbox {
    pub(crate) fn new(
        settings: Settings,
        public_url: String,
        http: reqwest::Client,
        stopping: CancellationToken,
    ) -> Self {
        Self(Arc::new(Inner {
            store: Store::new(settings.opening_balance),
            knobs: Knobs::new(settings.tuning.clone()),
            settings,
            public_url,
            http,
            on_their_way: Semaphore::new(MOST_DELIVERIES),
            stopping,
        }))
    }

    /// Everything received and done.
    #[must_use]
    pub fn state(&self) -> &Store {
        &self.0.store
    }

    /// What goes wrong, and the settings that may change.
    #[must_use]
    pub fn knobs(&self) -> &Knobs {
        &self.0.knobs
    }

    /// What it was started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// How a browser reaches it, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// The sandbox's clock: the machine's, moved by `clock_offset_seconds`.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        real_now() + TimeDelta::seconds(self.knobs().tuning().clock_offset_seconds)
    }

    /// The same in whole seconds, as providers write it.
    pub(crate) fn wire_now(&self) -> DateTime<Utc> {
        self.now().trunc_subsecs(0)
    }

    /// Forget everything received and every rule; settings and access tokens stay.
    pub fn reset(&self) {
        self.knobs().clear();
        self.state().reset(self.settings().opening_balance);
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    pub(crate) fn on_their_way(&self) -> &Semaphore {
        &self.0.on_their_way
    }

    pub(crate) fn stopping(&self) -> CancellationToken {
        self.0.stopping.clone()
    }

    pub(crate) fn count(&self, operation: &'static str) {
        self.state().write(|books| *books.calls.entry(operation).or_default() += 1);
    }

    /// A new id nobody has, in this run or another.
    pub(crate) fn next_id(&self, prefix: &str) -> String {
        format!("{prefix}{:016x}", rand::random::<u64>())
    }
}

/// The machine's clock, for signatures: both sides must agree on it.
#[allow(clippy::disallowed_methods, reason = "the sandbox stands outside the house and has its own clock")]
pub(crate) fn real_now() -> DateTime<Utc> {
    Utc::now()
}
