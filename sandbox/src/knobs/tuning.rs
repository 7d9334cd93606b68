//! The settings that may change while the sandbox runs.

use serde::{Deserialize, Serialize};

/// How a webhook proves who sent it; chosen once per webhook in Wave's portal (PROVIDERS §1.7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// `Wave-Signature: t=…,v1=…`.
    #[default]
    Signing,
    /// `Authorization: Bearer <webhook secret>`.
    Shared,
}

/// Settings of a running sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tuning {
    /// Where events are posted; none: they are kept, not delivered.
    pub webhook_url: Option<String>,
    /// Where Stripe's events are posted; none: they are kept, not delivered.
    pub card_webhook_url: Option<String>,
    /// How events are signed.
    pub strategy: Strategy,
    /// Life of a checkout created from now on, in seconds.
    pub session_seconds: i64,
    /// Life of access tokens (push, SMS) issued from now on, in seconds.
    pub token_seconds: i64,
    /// How often one event is tried before it is given up.
    pub delivery_attempts: u32,
    /// Wait before the second attempt, in milliseconds; doubles up to five seconds.
    pub delivery_backoff_ms: u64,
    /// Added to the clock for the lives of checkouts and tokens and for dates; never for the `t` of a signature.
    pub clock_offset_seconds: i64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            webhook_url: None,
            card_webhook_url: None,
            strategy: Strategy::default(),
            session_seconds: 30 * 60,
            token_seconds: 3_600,
            delivery_attempts: 12,
            delivery_backoff_ms: 100,
            clock_offset_seconds: 0,
        }
    }
}

/// A change of some settings; the absent ones stay.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TuningPatch {
    /// See [`Tuning::webhook_url`]; an empty text means none.
    pub webhook_url: Option<String>,
    /// See [`Tuning::strategy`].
    pub strategy: Option<Strategy>,
    /// See [`Tuning::session_seconds`].
    pub session_seconds: Option<i64>,
    /// See [`Tuning::token_seconds`].
    pub token_seconds: Option<i64>,
    /// See [`Tuning::delivery_attempts`].
    pub delivery_attempts: Option<u32>,
    /// See [`Tuning::delivery_backoff_ms`].
    pub delivery_backoff_ms: Option<u64>,
    /// See [`Tuning::clock_offset_seconds`].
    pub clock_offset_seconds: Option<i64>,
    /// The wallet's balance, in francs.
    pub balance: Option<i64>,
    /// Rules to add, after those in force.
    pub rules: Vec<super::Rule>,
}

/// Ten years: offsets and lives beyond it are cut, so that no date ever overflows.
const LONGEST: i64 = 10 * 366 * 86_400;

impl TuningPatch {
    pub(crate) fn apply(&self, tuning: &mut Tuning) {
        if let Some(url) = &self.webhook_url {
            tuning.webhook_url = Some(url.clone()).filter(|url| !url.is_empty());
        }
        tuning.strategy = self.strategy.unwrap_or(tuning.strategy);
        tuning.session_seconds = self.session_seconds.unwrap_or(tuning.session_seconds).clamp(0, LONGEST);
        tuning.token_seconds = self.token_seconds.unwrap_or(tuning.token_seconds).clamp(0, LONGEST);
        tuning.delivery_attempts = self.delivery_attempts.unwrap_or(tuning.delivery_attempts).clamp(1, 100);
        tuning.delivery_backoff_ms = self.delivery_backoff_ms.unwrap_or(tuning.delivery_backoff_ms).min(60_000);
        tuning.clock_offset_seconds =
            self.clock_offset_seconds.unwrap_or(tuning.clock_offset_seconds).clamp(-LONGEST, LONGEST);
    }
}
