//! The JSON of the Orange Sonatel eWallet, field by field (PROVIDERS §2B). The sandbox speaks with these types too.

pub use crate::payments::Amount;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Body of the token call, as a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRequest {
    /// Our application.
    pub client_id: String,
    /// What proves it.
    pub client_secret: String,
    /// `client_credentials`.
    pub grant_type: String,
}

/// So much of something; comes back as a float.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// A number, written `2500.0` on the way back.
    pub value: serde_json::Value,
    /// `XOF`.
    pub unit: String,
}

/// Body of `POST /api/eWallet/v4/qrcode`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QrRequest {
    /// The merchant's six digits.
    pub code: String,
    /// How payers know the merchant.
    pub name: String,
    /// What the payer owes.
    pub amount: Sum,
    /// Seconds until it closes, at most a day.
    pub validity: u32,
    /// Our id.
    pub reference: String,
    /// Browser return after paying; never proof.
    pub callback_success_url: String,
    /// Browser return after giving up.
    pub callback_cancel_url: String,
    /// Anything of ours.
    pub metadata: BTreeMap<String, String>,
}

/// Answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Qr {
    /// The provider's id of the code; payments name our reference instead.
    pub qr_id: String,
    /// Opens the payer's app, by app.
    #[serde(default)]
    pub deep_links: BTreeMap<String, String>,
    /// The same, as one link.
    #[serde(default)]
    pub deep_link: Option<String>,
    /// A short one for any of them.
    #[serde(default)]
    pub short_link: Option<String>,
    /// Between when and when it may be paid.
    #[serde(default)]
    pub valid_for: Option<ValidFor>,
}

/// A span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidFor {
    /// Its beginning.
    pub start_date_time: DateTime<Utc>,
    /// Its end; payable until then whatever we do (PROVIDERS §2B).
    pub end_date_time: DateTime<Utc>,
}

/// A transaction, as searched and as callbacks tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// The money movement.
    #[serde(default)]
    pub transaction_id: Option<String>,
    /// Our id.
    #[serde(default)]
    pub reference: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub status: Status,
    /// How much.
    #[serde(default)]
    pub amount: Option<Sum>,
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// On its way.
    PreInitiated,
    /// On its way.
    Initiated,
    /// On its way.
    Pending,
    /// On its way.
    Accepted,
    /// Money moved.
    Success,
    /// It did not.
    Failed,
    /// It did not.
    Rejected,
    /// It did not.
    Cancelled,
    /// A word not in the documentation: not decided.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A refusal, as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// E.g. 4004; as number or text.
    pub code: serde_json::Value,
    /// In short.
    #[serde(default)]
    pub title: String,
    /// At length.
    #[serde(default)]
    pub detail: String,
}
