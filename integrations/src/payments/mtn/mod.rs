//! MTN MoMo: collections, and disbursements for what goes out (PROVIDERS §3). The payer is asked on the phone: there is
//! no page, no deadline told and no way to take the question back. Callbacks are unsigned and only make us ask.

mod client;
pub mod wire;

pub use client::{Mtn, MtnKeys};

use super::{callback::Callback, declined, own_currency, provider::PaymentProvider};
use crate::http::Answer;
use chrono::NaiveDate;
use client::{Product, SERVICE, Verdict};
use domain::{
    error::Fault,
    ids::PaymentId,
    money::Money,
    payments::provider::{
        AccountMovement, Checkout, CheckoutOrder, CheckoutRef, CheckoutState, Dispute, ExpireAnswer, PayoutAnswer,
        PayoutOrder, RefundAnswer, RefundOrder, StartAnswer,
    },
};
use serde::de::DeserializeOwned;
use wire::{Balance, Order, Party, Reason, Status, TextOrNumber, Transaction};

impl PaymentProvider for Mtn {
    async fn start(&self, order: &CheckoutOrder) -> Result<StartAnswer, Fault> {
        if let Err(no) = own_currency(order.price, self.currency) {
            return Ok(StartAnswer::Declined(no));
        }
        let Some(payer) = &order.payer else {
            return Ok(StartAnswer::Declined(declined("payer-missing", "nobody to ask")));
        };
        let CheckoutOrder { payment, price, opened_at, .. } = *order;
        let body = Order { payer: Some(Party::msisdn(payer)), ..body(payment, price) };
        let callback = Callback { provider: SERVICE, payment, price, opened_at };
        let callback = self.keys.callbacks.address(&callback);
        match self.order(Product::Collection, "requesttopay", payment, &body, callback).await? {
            Verdict::Done(_) => Ok(StartAnswer::Started(open(payment, price))),
            Verdict::Missing => Err(Fault::remote(SERVICE, "an order is not found")),
            Verdict::Declined(no) => Ok(StartAnswer::Declined(no)),
        }
    }

    /// Never: the same order under the same id is taken once, and answered as before (PROVIDERS §3.3).
    async fn find(&self, _: &PaymentId) -> Result<Option<Checkout>, Fault> {
        Ok(None)
    }

    async fn status(&self, asked: &CheckoutRef) -> Result<Checkout, Fault> {
        let path = format!("v1_0/requesttopay/{}", asked.provider_ref);
        match self.read(Product::Collection, "requesttopay_status", &path).await? {
            Verdict::Done(answer) => Ok(checkout(asked, said(&answer)?)),
            // not there yet, or lost on their side: nothing to conclude from (PROVIDERS §10, 30)
            Verdict::Missing => Ok(Checkout { state: CheckoutState::Undecided, ..unread(asked) }),
            Verdict::Declined(no) => Err(Fault::remote(SERVICE, no.code)),
        }
    }

    /// MTN takes no question back: the payer may still approve until it runs out by itself.
    async fn expire(&self, _: &CheckoutRef) -> Result<ExpireAnswer, Fault> {
        Ok(ExpireAnswer::TooLate)
    }

    async fn refund(&self, order: &RefundOrder) -> Result<RefundAnswer, Fault> {
        if self.keys.disbursement_key.is_none() {
            return Ok(RefundAnswer::ByHand);
        }
        if let Some(made) = self.find_refund(order).await? {
            return Ok(made);
        }
        let reference_id_to_refund = Some(order.checkout_ref.clone());
        let body = Order { reference_id_to_refund, ..body(order.refund, order.amount) };
        match self.order(Product::Disbursement, "refund", order.refund, &body, None).await? {
            Verdict::Done(_) => Ok(RefundAnswer::Processing),
            Verdict::Missing => Ok(RefundAnswer::Declined(declined("RESOURCE_NOT_FOUND", "the payment is unknown"))),
            Verdict::Declined(no) => Ok(RefundAnswer::Declined(no)),
        }
    }

    async fn find_refund(&self, order: &RefundOrder) -> Result<Option<RefundAnswer>, Fault> {
        let path = format!("v1_0/refund/{}", order.refund);
        match self.read(Product::Disbursement, "refund_status", &path).await? {
            Verdict::Missing => Ok(None),
            Verdict::Declined(no) => Err(Fault::remote(SERVICE, no.code)),
            Verdict::Done(answer) => Ok(Some(match said::<Transaction>(&answer)? {
                Transaction { status: Status::Successful, .. } => RefundAnswer::Refunded { fee: 0 },
                Transaction { status: Status::Failed, reason, .. } => {
                    RefundAnswer::Declined(declined(&code(reason), ""))
                }
                _ => RefundAnswer::Processing,
            })),
        }
    }

    async fn disputes(&self, _: &str) -> Result<Vec<Dispute>, Fault> {
        Ok(Vec::new())
    }

    async fn pay_out(&self, order: &PayoutOrder) -> Result<PayoutAnswer, Fault> {
        if let Err(no) = own_currency(order.amount, self.currency) {
            return Ok(PayoutAnswer::Declined(no));
        }
        let body = Order { payee: Some(Party::msisdn(&order.mobile)), ..body(order.payment, order.amount) };
        match self.order(Product::Disbursement, "transfer", order.payment, &body, None).await? {
            Verdict::Done(_) => Ok(PayoutAnswer::Processing { provider_ref: order.payment.to_string() }),
            Verdict::Missing => Err(Fault::remote(SERVICE, "a transfer is not found")),
            Verdict::Declined(no) => Ok(PayoutAnswer::Declined(no)),
        }
    }

    async fn find_payout(&self, payment: &PaymentId) -> Result<Option<PayoutAnswer>, Fault> {
        let path = format!("v1_0/transfer/{payment}");
        match self.read(Product::Disbursement, "transfer_status", &path).await? {
            Verdict::Missing => Ok(None),
            Verdict::Declined(no) => Err(Fault::remote(SERVICE, no.code)),
            Verdict::Done(answer) => {
                let (transfer, provider_ref) = (said::<Transaction>(&answer)?, payment.to_string());
                Ok(Some(match transfer.status {
                    // MTN does not tell here what it charges: its statement does
                    Status::Successful => {
                        PayoutAnswer::Paid { provider_ref, fee: Money { amount: 0, currency: self.currency } }
                    }
                    Status::Failed => PayoutAnswer::Declined(declined(&code(transfer.reason), "")),
                    Status::Pending | Status::Unknown => PayoutAnswer::Processing { provider_ref },
                }))
            }
        }
    }

    /// MoMo has no list of transactions: each payment is asked after.
    async fn movements(&self, _: NaiveDate) -> Result<Option<Vec<AccountMovement>>, Fault> {
        Ok(None)
    }

    async fn balance(&self) -> Result<Money, Fault> {
        match self.read(Product::Collection, "balance", "v1_0/account/balance").await? {
            Verdict::Done(answer) => {
                let Balance { available_balance, currency } = said(&answer)?;
                available_balance.money(&currency).ok_or_else(|| Fault::remote(SERVICE, "an unreadable balance"))
            }
            _ => Err(Fault::remote(SERVICE, "no balance")),
        }
    }
}

/// What every order says. The messages are plain ASCII and short: MTN refuses others.
fn body(id: PaymentId, amount: Money) -> Order {
    Order {
        amount: amount.into(),
        currency: amount.currency.to_string(),
        external_id: id.to_string(),
        payer: None,
        payee: None,
        payer_message: "Teranga".into(),
        payee_note: id.to_string(),
        reference_id_to_refund: None,
    }
}

fn open(payment: PaymentId, price: Money) -> Checkout {
    let provider_ref = payment.to_string();
    Checkout { state: CheckoutState::Open, ..unread(&CheckoutRef { provider_ref, price }) }
}

fn unread(asked: &CheckoutRef) -> Checkout {
    Checkout {
        provider_ref: asked.provider_ref.clone(),
        client_reference: Some(asked.provider_ref.clone()),
        price: asked.price,
        state: CheckoutState::Undecided,
        launch_url: None,
        expires_at: None,
        callback_digest: None,
    }
}

/// A success that lacks an amount, a currency or our id is not decided: a person looks once it stays so (PROVIDERS §9.2).
fn checkout(asked: &CheckoutRef, transaction: Transaction) -> Checkout {
    let money = transaction.amount.zip(transaction.currency).and_then(|(amount, currency)| amount.money(&currency));
    let state = match (transaction.status, money) {
        (Status::Pending, _) => CheckoutState::Open,
        (Status::Successful, Some(_)) if transaction.external_id.is_some() => {
            let transaction_ref = transaction.financial_transaction_id.map(TextOrNumber::into_text);
            CheckoutState::Paid { transaction_ref }
        }
        (Status::Failed, _) => match code(transaction.reason) {
            expired if expired == "EXPIRED" => CheckoutState::Expired,
            code => CheckoutState::Failed { code },
        },
        (Status::Successful, _) => {
            tracing::error!(reference = asked.provider_ref, "MTN calls it paid, not how much or for whom");
            CheckoutState::Undecided
        }
        (Status::Unknown, _) => CheckoutState::Undecided,
    };
    let client_reference = transaction.external_id;
    Checkout { state, price: money.unwrap_or(asked.price), client_reference, ..unread(asked) }
}

fn code(reason: Option<Reason>) -> String {
    reason.map_or_else(|| "FAILED".into(), |reason| declined(reason.code(), "").code)
}

/// The JSON of a 2xx answer. HTML or an empty body leaves the outcome unknown.
fn said<T: DeserializeOwned>(answer: &Answer) -> Result<T, Fault> {
    answer.json().ok_or_else(|| answer.fault(SERVICE, "unreadable answer", None))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
