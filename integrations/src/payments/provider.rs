//! What every payment provider must be able to do. No default methods: a provider that cannot do something says so
//! in its own room, where a reader will look.

use super::wave::Wave;
use domain::{
    error::Fault,
    ids::PaymentId,
    money::Money,
    payments::provider::{
        Checkout, CheckoutOrder, ExpireAnswer, PayoutAnswer, PayoutOrder, ProviderEvent, RefundAnswer, StartAnswer,
    },
};
use http::HeaderMap;

pub use super::wave::webhook::{Freshness, Malformed, WebhookRefused};

/// A payment provider. In every call a fault means that the outcome is unknown or the trouble is not the payment's:
/// ask again later, and never conclude from it.
pub trait PaymentProvider {
    /// Opens a checkout.
    fn start(&self, order: &CheckoutOrder) -> impl Future<Output = Result<StartAnswer, Fault>> + Send;

    /// Finds the checkout that carries our reference: the paid one, else the open one, else any.
    fn find(&self, payment: &PaymentId) -> impl Future<Output = Result<Option<Checkout>, Fault>> + Send;

    /// Reads a checkout by the provider's id.
    fn status(&self, provider_ref: &str) -> impl Future<Output = Result<Checkout, Fault>> + Send;

    /// Closes a checkout, so that nobody can pay it any more.
    fn expire(&self, provider_ref: &str) -> impl Future<Output = Result<ExpireAnswer, Fault>> + Send;

    /// Sends the whole price of a paid checkout back. Repeating it moves no second amount.
    fn refund(&self, provider_ref: &str) -> impl Future<Output = Result<RefundAnswer, Fault>> + Send;

    /// Pays somebody. Repeat only with the same order: the key in it keeps the money from moving twice.
    fn pay_out(&self, order: &PayoutOrder) -> impl Future<Output = Result<PayoutAnswer, Fault>> + Send;

    /// Finds the payout that carries our reference: the one that moved money, else any.
    fn find_payout(&self, payment: &PaymentId) -> impl Future<Output = Result<Option<PayoutAnswer>, Fault>> + Send;

    /// What the account holds.
    fn balance(&self) -> impl Future<Output = Result<Money, Fault>> + Send;

    /// Is this webhook from the provider, and may its body be believed? Over the raw bytes, before any parsing.
    ///
    /// # Errors
    /// [`WebhookRefused`] when it is not authentic.
    fn verify_webhook(&self, headers: &HeaderMap, body: &[u8], now_unix: i64) -> Result<Freshness, WebhookRefused>;

    /// Reads a verified webhook.
    ///
    /// # Errors
    /// [`Malformed`] when it is not an event.
    fn read_webhook(&self, body: &[u8]) -> Result<ProviderEvent, Malformed>;
}

/// Every provider this build speaks with. A new one is a new variant; the compiler leads to the rest.
#[derive(Debug)]
pub enum Provider {
    /// Wave (PROVIDERS §1).
    Wave(Wave),
}

impl PaymentProvider for Provider {
    async fn start(&self, order: &CheckoutOrder) -> Result<StartAnswer, Fault> {
        match self {
            Self::Wave(wave) => wave.start(order).await,
        }
    }

    async fn find(&self, payment: &PaymentId) -> Result<Option<Checkout>, Fault> {
        match self {
            Self::Wave(wave) => wave.find(payment).await,
        }
    }

    async fn status(&self, provider_ref: &str) -> Result<Checkout, Fault> {
        match self {
            Self::Wave(wave) => wave.status(provider_ref).await,
        }
    }

    async fn expire(&self, provider_ref: &str) -> Result<ExpireAnswer, Fault> {
        match self {
            Self::Wave(wave) => wave.expire(provider_ref).await,
        }
    }

    async fn refund(&self, provider_ref: &str) -> Result<RefundAnswer, Fault> {
        match self {
            Self::Wave(wave) => wave.refund(provider_ref).await,
        }
    }

    async fn pay_out(&self, order: &PayoutOrder) -> Result<PayoutAnswer, Fault> {
        match self {
            Self::Wave(wave) => wave.pay_out(order).await,
        }
    }

    async fn find_payout(&self, payment: &PaymentId) -> Result<Option<PayoutAnswer>, Fault> {
        match self {
            Self::Wave(wave) => wave.find_payout(payment).await,
        }
    }

    async fn balance(&self) -> Result<Money, Fault> {
        match self {
            Self::Wave(wave) => wave.balance().await,
        }
    }

    fn verify_webhook(&self, headers: &HeaderMap, body: &[u8], now_unix: i64) -> Result<Freshness, WebhookRefused> {
        match self {
            Self::Wave(wave) => wave.verify_webhook(headers, body, now_unix),
        }
    }

    fn read_webhook(&self, body: &[u8]) -> Result<ProviderEvent, Malformed> {
        match self {
            Self::Wave(wave) => wave.read_webhook(body),
        }
    }
}
