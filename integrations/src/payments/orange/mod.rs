//! Orange Money Web Payment (PROVIDERS §2A): a hosted page, an unsigned notification, a status to ask for. It cannot
//! close a payment, send one back or pay anybody.

mod client;
mod order_id;
pub mod wire;

pub use client::{Orange, OrangeKeys};

use super::{
    by_hand::by_hand,
    callback::{Callback, digest},
    declined, own_currency,
    provider::PaymentProvider,
};
use chrono::{NaiveDate, TimeDelta};
use client::{SERVICE, Verdict};
use domain::{
    error::Fault,
    ids::PaymentId,
    money::Money,
    payments::provider::{
        AccountMovement, Checkout, CheckoutOrder, CheckoutRef, CheckoutState, Dispute, ExpireAnswer, PayoutAnswer,
        PayoutOrder, RefundAnswer, RefundOrder, StartAnswer,
    },
};
use wire::{Opened, Status, StatusRequest, TransactionStatus, WebPayment};

/// The page lives about ten minutes; what was confirmed on it takes a little longer.
const PAGE_LIFE: TimeDelta = TimeDelta::minutes(15);
/// Orange refuses longer addresses.
const LONGEST_URL: usize = 120;

impl PaymentProvider for Orange {
    async fn start(&self, order: &CheckoutOrder) -> Result<StartAnswer, Fault> {
        if let Err(no) = own_currency(order.price, self.currency) {
            return Ok(StartAnswer::Declined(no));
        }
        let CheckoutOrder { payment, price, opened_at, .. } = *order;
        let callback = Callback { provider: SERVICE, payment, price, opened_at };
        let notif_url = self.keys.callbacks.address(&callback);
        let notif_url = notif_url.ok_or_else(|| Fault::corrupt("provider account", "no callback key"))?;
        if [&notif_url, &order.success_url, &order.error_url].iter().any(|url| url.len() > LONGEST_URL) {
            return Ok(StartAnswer::Declined(declined("url-too-long", "Orange takes 120 characters")));
        }
        let order_id = order_id::write(payment, order.attempt);
        let body = WebPayment {
            merchant_key: self.keys.merchant_key.expose().to_owned(),
            currency: self.wire_currency(),
            order_id: order_id.clone(),
            amount: price.amount,
            return_url: order.success_url.clone(),
            cancel_url: order.error_url.clone(),
            notif_url,
            lang: "fr".into(),
            reference: self.keys.merchant_name.chars().take(30).collect(),
        };
        match self.call::<Opened>("webpayment", &body).await? {
            Verdict::Said(opened) => Ok(StartAnswer::Started(Checkout {
                provider_ref: format!("{order_id}/{}", opened.pay_token),
                client_reference: Some(payment.to_string()),
                price,
                state: CheckoutState::Open,
                launch_url: Some(opened.payment_url),
                expires_at: Some(opened_at + PAGE_LIFE),
                callback_digest: Some(digest(&opened.notif_token)),
            })),
            Verdict::Declined(no) => Ok(StartAnswer::Declined(no)),
        }
    }

    /// Never: whoever did not see the answer does not know the page, and nobody can pay there. The next attempt has a
    /// name of its own.
    async fn find(&self, _: &PaymentId) -> Result<Option<Checkout>, Fault> {
        Ok(None)
    }

    async fn status(&self, asked: &CheckoutRef) -> Result<Checkout, Fault> {
        let (order_id, pay_token) = parts(asked)?;
        let body = StatusRequest {
            order_id: order_id.to_owned(),
            amount: asked.price.amount,
            pay_token: pay_token.to_owned(),
        };
        match self.call::<TransactionStatus>("transactionstatus", &body).await? {
            Verdict::Said(status) => Ok(checkout(asked, order_id, status)),
            Verdict::Declined(no) => Err(Fault::remote(SERVICE, format!("status: {}", no.code))),
        }
    }

    // Orange closes nothing on request, the page times out by itself; Web Payment has no list of transactions
    by_hand!("Web Payment cannot pay anybody", "Web Payment tells no balance");
}

/// `<order_id>/<pay_token>`: both are needed to ask.
fn parts(asked: &CheckoutRef) -> Result<(&str, &str), Fault> {
    asked.provider_ref.split_once('/').ok_or_else(|| Fault::corrupt("provider reference", "not order and token"))
}

/// The answer repeats no amount: it answers only to who knows it. A success without our order is not decided.
fn checkout(asked: &CheckoutRef, order_id: &str, answer: TransactionStatus) -> Checkout {
    let ours = answer.order_id.as_deref() == Some(order_id);
    let state = match answer.status {
        Status::Success if ours => CheckoutState::Paid { transaction_ref: answer.txnid },
        Status::Success => {
            tracing::error!(order_id, "Orange calls another order paid than the one asked about");
            CheckoutState::Undecided
        }
        Status::Initiated | Status::Pending => CheckoutState::Open,
        Status::Expired => CheckoutState::Expired,
        Status::Failed => CheckoutState::Failed { code: "FAILED".into() },
        Status::Unknown => CheckoutState::Undecided,
    };
    Checkout {
        provider_ref: asked.provider_ref.clone(),
        client_reference: order_id::read(order_id).map(|payment| payment.to_string()),
        price: asked.price,
        state,
        launch_url: None,
        expires_at: None,
        callback_digest: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Currency;

    fn read(status: &str, order_id: &str) -> CheckoutState {
        let price = Money { amount: 2_500, currency: Currency::Xof };
        let asked = CheckoutRef { provider_ref: "ORDER/token".into(), price };
        let answer = format!(r#"{{"status":"{status}","order_id":"{order_id}","txnid":"MP1"}}"#);
        let (order, _) = parts(&asked).unwrap();
        checkout(&asked, order, serde_json::from_str(&answer).unwrap()).state
    }

    #[test]
    fn only_a_success_of_our_own_order_is_paid() {
        assert_eq!(read("SUCCESS", "ORDER"), CheckoutState::Paid { transaction_ref: Some("MP1".into()) });
        assert_eq!(read("SUCCESS", "OTHER"), CheckoutState::Undecided);
        assert_eq!(read("SUCCESSFUL", "ORDER"), CheckoutState::Undecided);
        assert_eq!(read("INITIATED", "ORDER"), CheckoutState::Open);
        assert_eq!(read("PENDING", "ORDER"), CheckoutState::Open);
        assert_eq!(read("EXPIRED", "ORDER"), CheckoutState::Expired);
        assert_eq!(read("FAILED", "ORDER"), CheckoutState::Failed { code: "FAILED".into() });
    }
}
