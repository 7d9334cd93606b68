//! What every payment provider must be able to do. No default methods: a provider that cannot do something says so
//! in its own room, where a reader will look.

use super::{mtn::Mtn, orange::Orange, sonatel::Sonatel, stripe::Stripe, wave::Wave};
use chrono::NaiveDate;
use domain::{
    error::Fault,
    ids::PaymentId,
    money::Money,
    payments::provider::{
        AccountMovement, Checkout, CheckoutOrder, CheckoutRef, Dispute, ExpireAnswer, PayoutAnswer, PayoutOrder,
        RefundAnswer, RefundOrder, StartAnswer,
    },
};

/// A payment provider. In every call a fault means that the outcome is unknown or the trouble is not the payment's:
/// ask again later, and never conclude from it.
pub trait PaymentProvider {
    /// Opens a checkout.
    fn start(&self, order: &CheckoutOrder) -> impl Future<Output = Result<StartAnswer, Fault>> + Send;

    /// Finds the checkout that carries our reference: the paid one, else the open one, else any. `None` also when the
    /// same order may safely be given again.
    fn find(&self, payment: &PaymentId) -> impl Future<Output = Result<Option<Checkout>, Fault>> + Send;

    /// Reads a checkout.
    fn status(&self, asked: &CheckoutRef) -> impl Future<Output = Result<Checkout, Fault>> + Send;

    /// Closes a checkout, so that nobody can pay it any more.
    fn expire(&self, asked: &CheckoutRef) -> impl Future<Output = Result<ExpireAnswer, Fault>> + Send;

    /// Sends the whole price of a paid checkout back. Repeating it moves no second amount.
    fn refund(&self, order: &RefundOrder) -> impl Future<Output = Result<RefundAnswer, Fault>> + Send;

    /// How a refund that was ordered stands; `None` when there is none, or the provider cannot be asked without ordering it
    /// again. Moves nothing.
    fn find_refund(&self, order: &RefundOrder) -> impl Future<Output = Result<Option<RefundAnswer>, Fault>> + Send;

    /// Every dispute of a payment, named by the provider's id of its money movement; none where there is no such thing.
    fn disputes(&self, transaction_ref: &str) -> impl Future<Output = Result<Vec<Dispute>, Fault>> + Send;

    /// Pays somebody. Repeat only with the same order: the key in it keeps the money from moving twice.
    fn pay_out(&self, order: &PayoutOrder) -> impl Future<Output = Result<PayoutAnswer, Fault>> + Send;

    /// Finds the payout that carries our reference: the one that moved money, else any.
    fn find_payout(&self, payment: &PaymentId) -> impl Future<Output = Result<Option<PayoutAnswer>, Fault>> + Send;

    /// The provider's own list of what moved on this account on a day, in UTC; `None` when it keeps no such list (J15).
    fn movements(&self, day: NaiveDate) -> impl Future<Output = Result<Option<Vec<AccountMovement>>, Fault>> + Send;

    /// What the account holds.
    fn balance(&self) -> impl Future<Output = Result<Money, Fault>> + Send;
}

/// Every provider this build speaks with. A new one is a new variant; the compiler leads to the rest.
#[derive(Debug)]
pub enum Provider {
    /// Wave (PROVIDERS §1).
    Wave(Wave),
    /// Orange Money Web Payment (PROVIDERS §2A).
    Orange(Orange),
    /// MTN MoMo (PROVIDERS §3).
    Mtn(Mtn),
    /// Cards through Stripe (PROVIDERS §4).
    Card(Stripe),
    /// Orange Money in Senegal (PROVIDERS §2B).
    Sonatel(Sonatel),
}

/// Hands a call to whoever it is.
macro_rules! to_each {
    ($self:ident, $provider:ident => $call:expr) => {
        match $self {
            Self::Wave($provider) => $call.await,
            Self::Orange($provider) => $call.await,
            Self::Mtn($provider) => $call.await,
            Self::Card($provider) => $call.await,
            Self::Sonatel($provider) => $call.await,
        }
    };
}

impl PaymentProvider for Provider {
    async fn start(&self, order: &CheckoutOrder) -> Result<StartAnswer, Fault> {
        to_each!(self, provider => provider.start(order))
    }

    async fn find(&self, payment: &PaymentId) -> Result<Option<Checkout>, Fault> {
        to_each!(self, provider => provider.find(payment))
    }

    async fn status(&self, asked: &CheckoutRef) -> Result<Checkout, Fault> {
        to_each!(self, provider => provider.status(asked))
    }

    async fn expire(&self, asked: &CheckoutRef) -> Result<ExpireAnswer, Fault> {
        to_each!(self, provider => provider.expire(asked))
    }

    async fn refund(&self, order: &RefundOrder) -> Result<RefundAnswer, Fault> {
        to_each!(self, provider => provider.refund(order))
    }

    async fn find_refund(&self, order: &RefundOrder) -> Result<Option<RefundAnswer>, Fault> {
        to_each!(self, provider => provider.find_refund(order))
    }

    async fn disputes(&self, transaction_ref: &str) -> Result<Vec<Dispute>, Fault> {
        to_each!(self, provider => provider.disputes(transaction_ref))
    }

    async fn pay_out(&self, order: &PayoutOrder) -> Result<PayoutAnswer, Fault> {
        to_each!(self, provider => provider.pay_out(order))
    }

    async fn find_payout(&self, payment: &PaymentId) -> Result<Option<PayoutAnswer>, Fault> {
        to_each!(self, provider => provider.find_payout(payment))
    }

    async fn movements(&self, day: NaiveDate) -> Result<Option<Vec<AccountMovement>>, Fault> {
        to_each!(self, provider => provider.movements(day))
    }

    async fn balance(&self) -> Result<Money, Fault> {
        to_each!(self, provider => provider.balance())
    }
}
