//! The words we speak with payment providers: what we ask, and what they may answer. A provider's *no* is an
//! answer; only silence is a fault (docs/STYLE.md). `integrations` translates these to each provider's JSON.

use crate::{ids::PaymentId, money::Money};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Ask a provider to collect money from a payer.
#[derive(Debug, Clone)]
pub struct CheckoutOrder {
    /// Our id; travels as the provider's client reference and is how lost answers are found again.
    pub payment: PaymentId,
    /// What the payer owes.
    pub price: Money,
    /// Where the payer's browser lands after paying; never proof of payment (J11).
    pub success_url: String,
    /// Where the payer's browser lands after giving up.
    pub error_url: String,
    /// E.164 number of the wallet that is asked, for a provider that asks on the payer's phone.
    pub payer: Option<String>,
    /// Calls begun before this one: who cannot be searched for a lost answer is given another name each time.
    pub attempt: i32,
    /// When the payment was opened: the address of unsigned callbacks is made of it (PROVIDERS §9.1).
    pub opened_at: DateTime<Utc>,
}

/// Which checkout a provider is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutRef {
    /// The provider's id of it.
    pub provider_ref: String,
    /// What it should be about: some providers answer only to who knows the amount (PROVIDERS §2A).
    pub price: Money,
}

/// A checkout as the provider sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    /// The provider's id of the checkout.
    pub provider_ref: String,
    /// Our reference as the provider echoes it, if it does.
    pub client_reference: Option<String>,
    /// The amount the provider says it is about.
    pub price: Money,
    /// Where it stands.
    pub state: CheckoutState,
    /// Where to send the payer, while open.
    pub launch_url: Option<String>,
    /// When the provider closes it unpaid.
    pub expires_at: Option<DateTime<Utc>>,
    /// SHA-256 of the word its unsigned notification must repeat, told when it is opened (PROVIDERS §2A).
    #[serde(skip)]
    pub callback_digest: Option<[u8; 32]>,
}

/// Where a checkout stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckoutState {
    /// The payer may still pay; a failed attempt inside it is not final (PROVIDERS §1.7).
    Open,
    /// Paid. Carries the provider's id of the money movement.
    Paid {
        /// The provider's transaction id, where it tells.
        transaction_ref: Option<String>,
    },
    /// Closed without payment.
    Expired,
    /// Refused for good, by the payer or the provider.
    Failed {
        /// The provider's own code, e.g. `APPROVAL_REJECTED`.
        code: String,
    },
    /// A word we do not know: not decided.
    Undecided,
}

/// Answer to a checkout order.
#[derive(Debug, Clone)]
pub enum StartAnswer {
    /// The checkout exists.
    Started(Checkout),
    /// The provider refuses this order for good.
    Declined(Declined),
}

/// Answer to closing a checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpireAnswer {
    /// Closed now; nobody can pay it any more.
    Expired,
    /// It was paid or closed before, or the provider closes nothing on request: read its status.
    TooLate,
}

/// Ask a provider to send the price of a paid checkout back, or a part of it.
#[derive(Debug, Clone)]
pub struct RefundOrder {
    /// Our id of the refund; also the provider's idempotency key.
    pub refund: PaymentId,
    /// The provider's id of the checkout that was paid.
    pub checkout_ref: String,
    /// The provider's id of the money movement that paid it, where it told.
    pub transaction_ref: Option<String>,
    /// What goes back.
    pub amount: Money,
    /// Whether that is all that was paid.
    pub whole: bool,
    /// E.164 number of the wallet that paid, where we know it.
    pub payer: Option<String>,
}

/// Answer to a refund order.
#[derive(Debug, Clone)]
pub enum RefundAnswer {
    /// The money is on its way back; asking again changes nothing.
    Refunded {
        /// What the provider charged us for it, in minor units: on top, where a part is paid to the payer's wallet.
        fee: i64,
    },
    /// Accepted, not finished: ask again later.
    Processing,
    /// The provider has no refunds: a person sends the money (J14; PROVIDERS §2A).
    ByHand,
    /// The provider refuses for good: a person must act.
    Declined(Declined),
}

/// Ask a provider to pay somebody.
#[derive(Debug, Clone)]
pub struct PayoutOrder {
    /// Our id; also the client reference.
    pub payment: PaymentId,
    /// The provider's idempotency key, written before the first attempt and never changed (PROVIDERS §1.5).
    pub key: String,
    /// What the receiver gets.
    pub amount: Money,
    /// E.164 number of the receiving wallet.
    pub mobile: String,
    /// The receiver's name as the provider should check it.
    pub name: Option<String>,
    /// At most 40 characters shown to the receiver.
    pub reason: String,
}

/// A payout as the provider sees it.
#[derive(Debug, Clone)]
pub enum PayoutAnswer {
    /// Paid. The fee came on top.
    Paid {
        /// The provider's id.
        provider_ref: String,
        /// What the provider charged us.
        fee: Money,
    },
    /// Accepted, not finished: read again later.
    Processing {
        /// The provider's id.
        provider_ref: String,
    },
    /// Not paid, for good.
    Declined(Declined),
    /// Paid and then taken back by the provider.
    Reversed {
        /// The provider's id.
        provider_ref: String,
    },
}

/// A payment that its payer takes back through their bank (SN5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The provider's id of the dispute.
    pub provider_ref: String,
    /// What was taken from our account while it lasts.
    pub amount: Money,
    /// What the provider has charged for it so far, in minor units.
    pub fee: i64,
    /// Where it stands.
    pub state: DisputeState,
    /// Why, in the provider's word, e.g. `fraudulent`.
    pub reason: String,
}

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeState {
    /// The money is withheld until the bank decides.
    Open,
    /// We won: the money is ours again.
    Won,
    /// The payer won: the money is gone.
    Lost,
    /// A question only, or a word we do not know: no money moved.
    Undecided,
}

/// Why a provider said no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declined {
    /// The provider's own code, e.g. `insufficient-funds`.
    pub code: String,
    /// The provider's words; for operators, never shown to payers.
    pub message: String,
}

/// A signed event, verified over its raw bytes and read into our words.
#[derive(Debug, Clone)]
pub struct ProviderEvent {
    /// The provider's event id: unique per account, the key of deduplication (CX45).
    pub key: String,
    /// The provider's event type, kept even when unknown.
    pub kind: String,
    /// Whether it is about real money, where the provider says so (SN50).
    pub live: Option<bool>,
    /// What it tells us.
    pub news: News,
}

/// What a provider event means to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum News {
    /// A checkout was paid, or so the event says: settle after comparing everything.
    CheckoutPaid(Checkout),
    /// One attempt failed; the checkout may still succeed. A note, never a state.
    AttemptFailed(Checkout),
    /// Somebody who knows our callback address says that something happened. Nobody signed it: its only effect is that
    /// the provider is asked (PROVIDERS §9.2).
    Hint {
        /// The payment whose address was called.
        payment: PaymentId,
    },
    /// A refund that was sent may have failed after all (PROVIDERS §10, 23): its only effect is that the provider is asked.
    RefundMoved {
        /// Which refund of ours.
        refund: PaymentId,
    },
    /// Somebody takes a payment back through their bank, or that was decided: the provider is asked too.
    Disputed {
        /// The provider's id of the money movement.
        transaction_ref: String,
    },
    /// Money nobody asked for, or a type we do not know: stored, no effect of its own.
    Other,
}

/// One line of a provider's own list of an account, or what stands for it where a provider keeps none (J15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountMovement {
    /// The provider's id of the movement.
    pub reference: String,
    /// When; `None` where the provider does not say.
    pub at: Option<DateTime<Utc>>,
    /// Whether a payer's payment brought it; else we sent it, or it came back.
    pub collected: bool,
    /// The provider's id of the checkout it belongs to.
    pub checkout_ref: Option<String>,
    /// The provider's id of the collected payment, as settling keeps it (`transaction_ref`).
    pub payment_ref: Option<String>,
    /// Our id, as the provider echoes it.
    pub client_reference: Option<String>,
    /// What moved, positive into the account, before fees.
    pub amount: Money,
    /// What the provider charged for it, negative when it gave a fee back; `None` where it does not say.
    pub fee: Option<i64>,
}
