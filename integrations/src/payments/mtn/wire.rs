//! MTN MoMo's JSON, field by field (PROVIDERS §3). Both directions are derived: the sandbox speaks with these types too.

pub use crate::payments::Amount;
use serde::{Deserialize, Serialize};

/// Body of the token call. A form makes the gateway answer with an HTML page (PROVIDERS §3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRequest {
    /// `client_credentials`.
    pub grant_type: String,
}

/// Body of `requesttopay`, `transfer` and `refund`; the transaction's own id travels as `X-Reference-Id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// In major units, as text.
    pub amount: Amount,
    /// ISO code; `EUR` in MTN's own sandbox.
    pub currency: String,
    /// Our id.
    pub external_id: String,
    /// Whose wallet is asked: `requesttopay`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<Party>,
    /// Whose wallet receives: `transfer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Party>,
    /// Plain ASCII shown to the payer.
    pub payer_message: String,
    /// Plain ASCII shown to the payee.
    pub payee_note: String,
    /// The `requesttopay` that goes back: `refund`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_id_to_refund: Option<String>,
}

/// A wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    /// `MSISDN`.
    pub party_id_type: String,
    /// Digits with the country code, no `+`.
    pub party_id: String,
}

impl Party {
    /// The wallet of an E.164 number.
    #[must_use]
    pub fn msisdn(phone: &str) -> Self {
        Self { party_id_type: "MSISDN".into(), party_id: phone.trim_start_matches('+').into() }
    }
}

/// A transaction as read back, and as callbacks tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// In major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// ISO code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Our id, echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The money movement, once it moved: text or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub financial_transaction_id: Option<TextOrNumber>,
    /// Whose wallet was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<Party>,
    /// Whose wallet received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Party>,
    /// Where it stands.
    #[serde(default)]
    pub status: Status,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// The wallet's owner has not decided.
    Pending,
    /// Money moved.
    Successful,
    /// It will not move.
    Failed,
    /// A word not in the documentation: not decided.
    #[default]
    #[serde(other)]
    Unknown,
}

/// An id that some write as number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TextOrNumber {
    /// As documented.
    Text(String),
    /// As also seen.
    Number(u64),
}

impl TextOrNumber {
    /// The id as text.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Why a transaction failed: a word, or an error of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reason {
    /// E.g. `APPROVAL_REJECTED`.
    Word(String),
    /// The same with words for people.
    Coded(ErrorBody),
}

impl Reason {
    /// MTN's code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Word(code) => code,
            Self::Coded(error) => &error.code,
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// E.g. `RESOURCE_NOT_FOUND`.
    pub code: String,
    /// MTN's words.
    #[serde(default)]
    pub message: String,
}

/// Answer of the balance call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    /// In major units.
    pub available_balance: Amount,
    /// ISO code.
    pub currency: String,
}
