//! What is kept of each thing received or done.

use super::shelf::Record;
use chrono::{DateTime, Utc};
use integrations::payments::wave::wire;
use serde::Serialize;
use serde_json::Value;

/// A Wave checkout session.
#[derive(Debug, Clone, Serialize)]
pub struct Checkout {
    /// The session as its merchant reads it, but for the passing of time: see [`Checkout::as_of`].
    #[serde(flatten)]
    pub session: wire::Session,
    /// The id its money movement has, or will have.
    pub reserved_transaction_id: String,
    /// Only this wallet may pay.
    pub restrict_payer_mobile: Option<String>,
    /// The wallet that paid.
    pub paid_by: Option<String>,
    /// Whether the money went back.
    pub refunded: bool,
}

impl Checkout {
    /// The session at `now`: an open one past its time is expired.
    #[must_use]
    pub fn as_of(&self, now: DateTime<Utc>) -> wire::Session {
        let mut session = self.session.clone();
        let over = session.when_expires.is_some_and(|end| end <= now);
        if session.checkout_status == wire::CheckoutStatus::Open && over {
            session.checkout_status = wire::CheckoutStatus::Expired;
            session.payment_status = wire::PaymentStatus::Cancelled;
        }
        session
    }

    /// The price in francs.
    #[must_use]
    pub fn francs(&self) -> i64 {
        self.session.amount.money(&self.session.currency).map_or(0, |money| money.amount)
    }
}

/// A Wave payout.
#[derive(Debug, Clone, Serialize)]
pub struct Payout {
    /// The payout as its merchant reads it.
    #[serde(flatten)]
    pub payout: wire::Payout,
    /// The idempotency key it was made with.
    pub key: String,
    /// What the receiver sees.
    pub payment_reason: Option<String>,
    /// Reads that still say `processing`.
    pub processing_reads: u32,
    /// How it ends once decided: an error, or paid.
    pub fails_with: Option<String>,
}

impl Payout {
    /// What the receiver gets, in francs.
    #[must_use]
    pub fn francs(&self) -> i64 {
        self.payout.receive_amount.money(&self.payout.currency).map_or(0, |money| money.amount)
    }
}

/// A refund that moved money.
#[derive(Debug, Clone, Serialize)]
pub struct Refund {
    /// The transaction that was undone.
    pub transaction_id: String,
    /// The checkout that was undone.
    pub checkout: String,
    /// The merchant's id of the payment.
    pub client_reference: Option<String>,
    /// Francs.
    pub amount: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// One movement of the wallet, with what the statement says beyond the shared wire type.
#[derive(Debug, Clone, Serialize)]
pub struct Movement {
    /// The line of the statement; the amount is negative for money out.
    #[serde(flatten)]
    pub line: wire::Transaction,
    /// The wallet afterwards.
    pub balance: wire::Amount,
    /// The other side's name.
    pub counterparty_name: Option<String>,
    /// The other side's number.
    pub counterparty_mobile: Option<String>,
    /// What the receiver was told.
    pub payment_reason: Option<String>,
}

/// The first answer to a payout request, kept under its idempotency key.
#[derive(Debug, Clone)]
pub struct KeptAnswer {
    /// The key.
    pub key: String,
    /// The request it was first used with.
    pub request: Value,
    /// HTTP status of the answer.
    pub status: u16,
    /// The answer.
    pub body: Value,
}

/// A push message.
#[derive(Debug, Clone, Serialize)]
pub struct Push {
    /// `projects/…/messages/…`.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The device.
    pub token: String,
    /// The message as it came.
    pub message: Value,
    /// `sent`, or the error code it was refused with.
    pub outcome: String,
}

/// A text message.
#[derive(Debug, Clone, Serialize)]
pub struct Sms {
    /// The last segment of its resource URL.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// E.164.
    pub to: String,
    /// The country sender, `tel:+225…`.
    pub sender: String,
    /// The name shown instead of it.
    pub sender_name: Option<String>,
    /// What is said.
    pub text: String,
}

/// A mail.
#[derive(Debug, Clone, Serialize)]
pub struct Mail {
    /// Ours.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// `MAIL FROM`.
    pub envelope_from: String,
    /// `RCPT TO`, each.
    pub recipients: Vec<String>,
    /// The header, decoded.
    pub from: String,
    /// The header, decoded.
    pub to: String,
    /// The header, decoded.
    pub subject: String,
    /// The header.
    pub message_id: Option<String>,
    /// The plain text, decoded.
    pub text: String,
    /// The HTML text, decoded.
    pub html: Option<String>,
    /// The message as it came, dots unstuffed.
    pub raw: String,
}

/// A webhook event.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// `EV_…`.
    pub id: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Whose it is: `wave`, `mtn` …
    pub provider: &'static str,
    /// E.g. `checkout.session.completed`.
    pub kind: String,
    /// The checkout it is about.
    pub checkout: Option<String>,
    /// How it was forged, if it was.
    pub forged: Option<String>,
    /// The exact body.
    pub body: String,
    /// Where it goes; absent: to the address Wave was told.
    pub url: Option<String>,
    /// By PUT instead of POST, as MTN may.
    pub put: bool,
}

/// One attempt to deliver an event.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Ours.
    pub id: String,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// The event.
    pub event_id: String,
    /// Its type.
    pub kind: String,
    /// The checkout it is about.
    pub checkout: Option<String>,
    /// Counts from 1.
    pub attempt: u32,
    /// The timestamp that was signed.
    pub t: i64,
    /// The `Wave-Signature` sent, if any.
    pub signature: Option<String>,
    /// How this delivery was forged, if it was.
    pub forged: Option<String>,
    /// The receiver's HTTP status; none: no answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// Until the answer, in milliseconds.
    pub ms: u64,
}

/// An access token.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token itself.
    pub token: String,
    /// `push`, `sms`, `orange` …
    pub scope: &'static str,
    /// Refused from then on.
    pub expires: DateTime<Utc>,
}

macro_rules! record {
    ($kind:ty, $row:ident, $id:expr, [$($tag:expr),*]) => {
        impl Record for $kind {
            fn id(&self) -> &str {
                let $row = self;
                &$id
            }
            fn tags(&self) -> Vec<String> {
                let $row = self;
                let _ = $row;
                let tags: Vec<Option<String>> = vec![$($tag),*];
                tags.into_iter().flatten().collect()
            }
        }
    };
}

record!(
    Checkout,
    row,
    row.session.id,
    [row.session.client_reference.clone(), Some(row.reserved_transaction_id.clone())]
);
record!(
    Payout,
    row,
    row.payout.id,
    [row.payout.client_reference.clone(), row.payout.mobile.clone(), Some(row.key.clone())]
);
record!(Refund, row, row.transaction_id, [Some(row.checkout.clone()), row.client_reference.clone()]);
record!(Movement, row, row.line.transaction_id, [Some(row.line.timestamp.date_naive().to_string())]);
record!(KeptAnswer, row, row.key, []);
record!(Push, row, row.id, [Some(row.token.clone())]);
record!(Sms, row, row.id, [Some(row.to.clone())]);
record!(Event, row, row.id, [row.checkout.clone()]);
record!(Delivery, row, row.id, [Some(row.event_id.clone()), row.checkout.clone()]);
record!(Token, row, row.token, []);

impl Record for Mail {
    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> Vec<String> {
        self.recipients.iter().cloned().chain(self.message_id.clone()).collect()
    }
}
