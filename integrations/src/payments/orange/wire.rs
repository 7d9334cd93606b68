//! The JSON of Orange Money Web Payment, field by field (PROVIDERS §2A). The sandbox speaks with these types too.

use serde::{Deserialize, Serialize};

/// Body of the token call, as a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRequest {
    /// `client_credentials`.
    pub grant_type: String,
}

/// Body of `webpayment`. Each URL has at most 120 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebPayment {
    /// Which merchant.
    pub merchant_key: String,
    /// ISO code; `OUV` in the `dev` environment.
    pub currency: String,
    /// Unique for ever, at most 30 characters.
    pub order_id: String,
    /// Whole francs.
    pub amount: i64,
    /// Browser return after paying; never proof.
    pub return_url: String,
    /// Browser return after giving up.
    pub cancel_url: String,
    /// Where the unsigned notification goes.
    pub notif_url: String,
    /// `fr`.
    pub lang: String,
    /// Shown as the merchant's name, at most 30 characters.
    pub reference: String,
}

/// Answer of `webpayment`, with HTTP status 201.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// 201 again.
    #[serde(default)]
    pub status: u16,
    /// `OK`.
    #[serde(default)]
    pub message: String,
    /// Names the payment afterwards.
    pub pay_token: String,
    /// Where the payer goes.
    pub payment_url: String,
    /// What the notification will repeat.
    pub notif_token: String,
}

/// Body of `transactionstatus`: all three must match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRequest {
    /// As ordered.
    pub order_id: String,
    /// As ordered.
    pub amount: i64,
    /// As answered.
    pub pay_token: String,
}

/// Answer of `transactionstatus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionStatus {
    /// Where it stands.
    #[serde(default)]
    pub status: Status,
    /// As ordered.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The money movement, once it moved.
    #[serde(default)]
    pub txnid: Option<String>,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// The payer did nothing yet; may stay so for ever.
    Initiated,
    /// Confirmed, being processed.
    Pending,
    /// The page timed out, or was left.
    Expired,
    /// Money moved.
    Success,
    /// It will not move.
    Failed,
    /// A word not in the documentation: not decided.
    #[default]
    #[serde(other)]
    Unknown,
}

/// What is posted to `notif_url`: no signature, no order, no amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// `SUCCESS` or `FAILED`.
    #[serde(default)]
    pub status: Status,
    /// As answered when the payment was opened.
    pub notif_token: String,
    /// The money movement.
    #[serde(default)]
    pub txnid: Option<String>,
}

/// A refusal of the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// A number, e.g. 23.
    pub code: i64,
    /// In short.
    #[serde(default)]
    pub message: String,
    /// At length.
    #[serde(default)]
    pub description: String,
}
