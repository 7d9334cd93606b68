//! Stripe's JSON and forms, the few fields we use (PROVIDERS §4). The sandbox speaks with these types too. Events of an
//! API version or type we do not know stay readable: only what is named here is looked at.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A Checkout Session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// `cs_…`.
    pub id: String,
    /// In the smallest unit: francs for XOF.
    pub amount_total: Option<i64>,
    /// ISO code in small letters.
    pub currency: Option<String>,
    /// Our id, echoed.
    pub client_reference_id: Option<String>,
    /// `pi_…`, once there is one.
    pub payment_intent: Option<String>,
    /// Whether it may still be paid.
    #[serde(default)]
    pub status: SessionStatus,
    /// Whether money moved.
    #[serde(default)]
    pub payment_status: PaymentStatus,
    /// Where the payer goes, while open.
    pub url: Option<String>,
    /// When it closes unpaid, in unix seconds.
    pub expires_at: Option<i64>,
}

/// What a session collects with, of which a failed try tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// `pi_…`.
    pub id: String,
    /// In the smallest unit.
    pub amount: i64,
    /// ISO code in small letters.
    pub currency: String,
    /// `payment`: our id.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// Whether a session may still be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// May be paid.
    Open,
    /// The payer is through.
    Complete,
    /// Closed unpaid.
    Expired,
    /// A word not in the documentation: not decided.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Whether the money of a session moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// It did.
    Paid,
    /// Not yet.
    Unpaid,
    /// A word not in the documentation, or nothing to pay: not decided.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// `re_…`.
    pub id: String,
    /// In the smallest unit.
    pub amount: i64,
    /// What it sends back.
    pub payment_intent: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub status: RefundStatus,
    /// Why it failed.
    #[serde(default)]
    pub failure_reason: Option<String>,
    /// `refund`: our id.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Accepted, not finished.
    Pending,
    /// The payer has to do something.
    RequiresAction,
    /// Sent.
    Succeeded,
    /// Not sent, for good.
    Failed,
    /// Taken back.
    Canceled,
    /// A word not in the documentation: not decided.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A payment its payer takes back through their bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// `dp_…`.
    pub id: String,
    /// In the smallest unit.
    pub amount: i64,
    /// ISO code in small letters.
    pub currency: String,
    /// What it takes back.
    pub payment_intent: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub status: DisputeStatus,
    /// What it moved on our account so far, with what Stripe keeps for it.
    #[serde(default)]
    pub balance_transactions: Vec<Charged>,
    /// E.g. `fraudulent`.
    #[serde(default)]
    pub reason: String,
}

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// The merchant may answer; the money is withheld.
    NeedsResponse,
    /// The bank decides.
    UnderReview,
    /// For the merchant.
    Won,
    /// For the payer.
    Lost,
    /// A mere question (`warning_…`), or a word not in the documentation: no money moved.
    #[default]
    #[serde(other)]
    Unknown,
}

/// What Stripe keeps of one movement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charged {
    /// In the smallest unit; negative when it is given back.
    pub fee: i64,
}

/// A list of things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List<T> {
    /// The things.
    pub data: Vec<T>,
}

/// A page of a list that goes on (PROVIDERS §4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The things, the newest first.
    pub data: Vec<T>,
    /// Whether older ones follow: after the last of these.
    #[serde(default)]
    pub has_more: bool,
}

/// One line of the account's balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceTransaction {
    /// `txn_…`.
    pub id: String,
    /// In the smallest unit, negative for money out, before the fee.
    pub amount: i64,
    /// What Stripe keeps.
    pub fee: i64,
    /// ISO code in small letters.
    pub currency: String,
    /// In unix seconds.
    pub created: i64,
    /// `charge`, `payment`, `refund`, `payout` …
    #[serde(rename = "type")]
    pub kind: String,
    /// What it came from, expanded.
    pub source: Option<Source>,
}

/// A charge or a refund, as far as a line of the balance needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// `ch_…`, `re_…`.
    pub id: String,
    /// What it belongs to.
    pub payment_intent: Option<String>,
    /// `payment` or `refund`: our id.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// The envelope of every webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event<T = serde_json::Value> {
    /// `evt_…`: the same on every delivery.
    pub id: String,
    /// E.g. `checkout.session.completed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether real money moved.
    pub livemode: Option<bool>,
    /// What it is about.
    pub data: Data<T>,
}

/// The inside of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data<T> {
    /// A [`Session`], a [`Refund`] …
    pub object: T,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The refusal itself.
    pub error: Refused,
}

/// The inside of a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// `card_error`, `invalid_request_error`, `idempotency_error`, `api_error`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// E.g. `resource_missing`.
    #[serde(default)]
    pub code: Option<String>,
    /// Stripe's words.
    #[serde(default)]
    pub message: String,
}

/// The balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// What may be paid out, per currency.
    pub available: Vec<Held>,
}

/// One currency of the balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// In the smallest unit.
    pub amount: i64,
    /// ISO code in small letters.
    pub currency: String,
}
