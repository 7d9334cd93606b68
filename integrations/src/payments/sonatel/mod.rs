//! Orange Money in Senegal, through Sonatel's eWallet (PROVIDERS §2B): a code the payer's app opens, a callback whose
//! signature is checked and whose body only makes us ask. Cash-ins, which would pay people out and refund them, need
//! the merchant's PIN under a contract of their own and are not used: refunds are a person's.

mod client;
pub mod webhook;
pub mod wire;

pub use client::{Sonatel, SonatelKeys};

use super::{by_hand::by_hand, declined, own_currency, provider::PaymentProvider};
use chrono::NaiveDate;
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
use std::collections::BTreeMap;
use wire::{Amount, Qr, QrRequest, Status, Sum, Transaction};

/// Seconds a code may be paid.
const VALIDITY: u32 = 900;

impl PaymentProvider for Sonatel {
    async fn start(&self, order: &CheckoutOrder) -> Result<StartAnswer, Fault> {
        if let Err(no) = own_currency(order.price, self.currency) {
            return Ok(StartAnswer::Declined(no));
        }
        let reference = order.payment.to_string();
        let body = QrRequest {
            code: self.keys.merchant_code.clone(),
            name: self.keys.merchant_name.clone(),
            amount: Sum { value: order.price.amount.into(), unit: order.price.currency.to_string() },
            validity: VALIDITY,
            reference: reference.clone(),
            callback_success_url: order.success_url.clone(),
            callback_cancel_url: order.error_url.clone(),
            metadata: BTreeMap::from([("payment".to_owned(), reference.clone())]),
        };
        let qr = match self.post::<Qr>("qrcode", "/api/eWallet/v4/qrcode", &body).await? {
            Verdict::Said(qr) => qr,
            Verdict::Declined(no) => return Ok(StartAnswer::Declined(no)),
        };
        let launch_url = qr.short_link.or(qr.deep_link).or_else(|| qr.deep_links.into_values().next());
        if launch_url.is_none() {
            return Err(Fault::remote(SERVICE, "a code without a link"));
        }
        let expires_at = qr.valid_for.map(|span| span.end_date_time);
        let asked = CheckoutRef { provider_ref: reference, price: order.price };
        Ok(StartAnswer::Started(Checkout { launch_url, expires_at, ..checkout(&asked, Vec::new()) }))
    }

    /// Never: a code nobody was shown cannot be paid, and one that was paid is found by our reference all the same.
    async fn find(&self, _: &PaymentId) -> Result<Option<Checkout>, Fault> {
        Ok(None)
    }

    async fn status(&self, asked: &CheckoutRef) -> Result<Checkout, Fault> {
        // adding the type of transaction was seen to find nothing
        let query = [("reference", asked.provider_ref.as_str())];
        match self.get::<Vec<Transaction>>("transactions", "/api/eWallet/v1/transactions", &query).await? {
            Verdict::Said(found) => Ok(checkout(asked, found)),
            Verdict::Declined(no) => Err(Fault::remote(SERVICE, format!("status: {}", no.code))),
        }
    }

    // a code stays payable until its end, whatever we do; the list without a reference is not documented as complete
    // (PROVIDERS §2B)
    by_hand!("cash-ins are not contracted", "the balance is not asked for");
}

/// A success outranks every failed try under the same reference; one without an amount is not decided. A code nobody
/// paid does not appear at all.
fn checkout(asked: &CheckoutRef, found: Vec<Transaction>) -> Checkout {
    let ours = found.into_iter().filter(|one| one.reference.as_deref() == Some(&asked.provider_ref));
    let best = ours.max_by_key(|one| rank(one.status));
    let money = best.as_ref().and_then(|one| one.amount.as_ref()).and_then(money);
    let state = match (best.as_ref().map(|one| one.status), money) {
        (Some(Status::Success), Some(_)) => {
            CheckoutState::Paid { transaction_ref: best.and_then(|one| one.transaction_id) }
        }
        (Some(Status::Success), None) => {
            tracing::error!(reference = asked.provider_ref, "Sonatel calls it paid and not how much");
            CheckoutState::Undecided
        }
        (Some(Status::Unknown), _) => CheckoutState::Undecided,
        // a failed try is a note: the code may be tried again until its end
        _ => CheckoutState::Open,
    };
    Checkout {
        provider_ref: asked.provider_ref.clone(),
        client_reference: Some(asked.provider_ref.clone()),
        price: money.unwrap_or(asked.price),
        state,
        launch_url: None,
        expires_at: None,
        callback_digest: None,
    }
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Success => 3,
        Status::PreInitiated | Status::Initiated | Status::Pending | Status::Accepted => 2,
        Status::Unknown => 1,
        Status::Failed | Status::Rejected | Status::Cancelled => 0,
    }
}

fn money(sum: &Sum) -> Option<Money> {
    serde_json::from_value::<Amount>(sum.value.clone()).ok()?.money(&sum.unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Currency;

    fn read(json: &str) -> Checkout {
        let asked = CheckoutRef { provider_ref: "p".into(), price: Money { amount: 2_500, currency: Currency::Xof } };
        checkout(&asked, serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_success_outranks_a_failed_try_and_needs_its_amount() {
        let both = r#"[{"transactionId":"A","reference":"p","status":"FAILED","amount":{"value":2500.0,"unit":"XOF"}},
            {"transactionId":"B","reference":"p","status":"SUCCESS","amount":{"value":2500.0,"unit":"XOF"}}]"#;
        let paid = read(both);
        assert_eq!(paid.state, CheckoutState::Paid { transaction_ref: Some("B".into()) });
        assert_eq!(paid.price.amount, 2_500);
        let bare = r#"[{"transactionId":"B","reference":"p","status":"SUCCESS"}]"#;
        assert_eq!(read(bare).state, CheckoutState::Undecided);
        let half = r#"[{"reference":"p","status":"SUCCESS","amount":{"value":2500.5,"unit":"XOF"}}]"#;
        assert_eq!(read(half).state, CheckoutState::Undecided);
        let less = r#"[{"reference":"p","status":"SUCCESS","amount":{"value":2400.0,"unit":"XOF"}}]"#;
        assert_eq!(read(less).price.amount, 2_400);
    }

    #[test]
    fn nothing_failed_or_somebody_elses_is_open() {
        for open in [
            "[]",
            r#"[{"reference":"p","status":"FAILED"}]"#,
            r#"[{"reference":"p","status":"PENDING"}]"#,
            r#"[{"reference":"q","status":"SUCCESS","amount":{"value":2500,"unit":"XOF"}}]"#,
        ] {
            assert_eq!(read(open).state, CheckoutState::Open, "{open}");
        }
    }
}
