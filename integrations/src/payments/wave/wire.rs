//! Wave's JSON, field by field (PROVIDERS §1). Both directions are derived: the sandbox speaks with these types too.

pub use crate::payments::Amount;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/checkout/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutRequest {
    /// What the payer owes, in major units.
    pub amount: Amount,
    /// ISO code; must be the wallet's.
    pub currency: String,
    /// Our id of the payment, at most 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_reference: Option<String>,
    /// Browser return after paying; never proof.
    pub success_url: String,
    /// Browser return after giving up.
    pub error_url: String,
    /// E.164: only this wallet may pay.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "enforce_payer_mobile")]
    pub restrict_payer_mobile: Option<String>,
}

/// A checkout session, as answered and as carried by checkout events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// `cos-…`.
    pub id: String,
    /// What it is about, in major units.
    pub amount: Amount,
    /// ISO code.
    pub currency: String,
    /// Our id, echoed.
    pub client_reference: Option<String>,
    /// The merchant's name as the payer sees it.
    pub business_name: Option<String>,
    /// Whether it may still be paid.
    #[serde(default)]
    pub checkout_status: CheckoutStatus,
    /// Whether money moved.
    #[serde(default)]
    pub payment_status: PaymentStatus,
    /// The money movement; null until paid.
    pub transaction_id: Option<String>,
    /// Why the latest attempt failed; the session may still succeed.
    pub last_payment_error: Option<PaymentError>,
    /// For aggregators only.
    pub aggregated_merchant_id: Option<String>,
    /// Browser return after paying.
    pub success_url: Option<String>,
    /// Browser return after giving up.
    pub error_url: Option<String>,
    /// Where to send the payer. An answer without it is not an answer.
    pub wave_launch_url: Option<String>,
    /// When it was made.
    pub when_created: Option<DateTime<Utc>>,
    /// When it closes unpaid: 30 minutes today, 24 hours once; read it.
    pub when_expires: Option<DateTime<Utc>>,
    /// When it was paid.
    pub when_completed: Option<DateTime<Utc>>,
}

/// Whether a session may still be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutStatus {
    /// May be paid.
    Open,
    /// Paid.
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
    /// Not yet.
    Processing,
    /// It will not.
    Cancelled,
    /// It did.
    Succeeded,
    /// A word not in the documentation: not decided.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Why an attempt to pay failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentError {
    /// E.g. `insufficient-funds`.
    pub code: String,
    /// Wave's words.
    #[serde(default)]
    pub message: String,
}

/// Answer of the search routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchResult<T> {
    /// Everything that carries the asked reference.
    pub result: Vec<T>,
}

/// Body of `POST /v1/payout`; the `Idempotency-Key` travels as a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutRequest {
    /// ISO code; must be the wallet's.
    pub currency: String,
    /// What the receiver gets; the fee comes on top.
    pub receive_amount: Amount,
    /// E.164.
    pub mobile: String,
    /// Receiver's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Our id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_reference: Option<String>,
    /// At most 40 characters shown to the receiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_reason: Option<String>,
}

/// A payout, as answered by create, get and search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// `pt-…`.
    pub id: String,
    /// ISO code.
    pub currency: String,
    /// What the receiver gets.
    pub receive_amount: Amount,
    /// What Wave charged on top.
    pub fee: Option<Amount>,
    /// E.164.
    pub mobile: Option<String>,
    /// Receiver's name.
    pub name: Option<String>,
    /// Our id, echoed.
    pub client_reference: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub status: PayoutStatus,
    /// When it was made.
    pub timestamp: Option<DateTime<Utc>>,
    /// Why it failed.
    pub payout_error: Option<PayoutError>,
}

/// Where a payout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    /// Accepted, not finished.
    Processing,
    /// Paid.
    Succeeded,
    /// Not paid, for good.
    Failed,
    /// Paid and taken back.
    Reversed,
    /// A word not in the documentation: not decided.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Why a payout failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutError {
    /// E.g. `recipient-account-blocked`.
    pub error_code: String,
    /// Wave's words.
    #[serde(default)]
    pub error_message: String,
}

/// Answer of `GET /v1/balance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// What the wallet holds.
    pub amount: Amount,
    /// ISO code.
    pub currency: String,
}

/// The envelope of every webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event<T = serde_json::Value> {
    /// `EV_…`: the same on every delivery.
    pub id: String,
    /// E.g. `checkout.session.completed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A [`Session`] in checkout events; other shapes elsewhere.
    pub data: T,
}

/// `data` of `merchant.payment_received`: money nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantPayment {
    /// The transaction.
    pub id: String,
    /// What came in.
    pub amount: Amount,
    /// What Wave kept.
    pub fee: Option<Amount>,
    /// ISO code.
    pub currency: String,
    /// E.164 of the payer.
    pub sender_mobile: Option<String>,
    /// Our merchant id.
    pub merchant_id: Option<String>,
    /// Our name.
    pub merchant_name: Option<String>,
    /// When.
    pub when_created: Option<DateTime<Utc>>,
}

/// One day's movements: answer of `GET /v1/transactions`, the base of reconciliation (PROVIDERS §1.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionPage {
    /// Where the page ends and whether more follow.
    pub page_info: PageInfo,
    /// The day, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The movements.
    pub items: Vec<Transaction>,
}

/// Cursors of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageInfo {
    /// First item.
    pub start_cursor: Option<String>,
    /// Last item: pass it as `after`.
    pub end_cursor: Option<String>,
    /// Whether another page follows.
    pub has_next_page: bool,
}

/// One movement of the wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// When.
    pub timestamp: DateTime<Utc>,
    /// The provider's id of the movement.
    pub transaction_id: String,
    /// E.g. `api_checkout`, `api_payout`.
    pub transaction_type: String,
    /// How much, signed by Wave's convention.
    pub amount: Amount,
    /// What Wave charged.
    pub fee: Option<Amount>,
    /// ISO code.
    pub currency: String,
    /// Whether it undoes another.
    #[serde(default)]
    pub is_reversal: bool,
    /// Our id, where we gave one.
    pub client_reference: Option<String>,
    /// The session it belongs to.
    pub checkout_api_session_id: Option<String>,
}

/// A refusal in any of the three forms Wave uses (PROVIDERS §1.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ErrorBody {
    /// `{"code","message","details"}`: the usual one.
    Usual {
        /// E.g. `request-validation-error`.
        code: String,
        /// Wave's words.
        #[serde(default)]
        message: String,
        /// Which fields, when fields are at fault.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        details: Vec<serde_json::Value>,
    },
    /// `{"error":{…}}`: the address allow-list.
    Nested {
        /// The refusal itself.
        error: NestedError,
    },
    /// `{"error_code","error_message"}`: inside payouts.
    Payout(PayoutError),
}

/// The inside of the nested error form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NestedError {
    /// E.g. `ip-not-allowed`.
    pub code: String,
    /// Wave's words.
    #[serde(default)]
    pub message: String,
    /// The HTTP status, repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub httpcode: Option<u16>,
}

impl ErrorBody {
    /// The usual form, without details.
    #[must_use]
    pub fn new(code: &str, message: &str) -> Self {
        Self::Usual { code: code.into(), message: message.into(), details: Vec::new() }
    }

    /// Wave's code and words, whatever the form.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        match self {
            Self::Usual { code, message, .. } => (code, message),
            Self::Nested { error } => (&error.code, &error.message),
            Self::Payout(error) => (&error.error_code, &error.error_message),
        }
    }
}
