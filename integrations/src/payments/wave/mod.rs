//! Wave: checkout, refund, payout, balance and webhooks (PROVIDERS §1).

mod client;
#[cfg(test)]
mod client_tests;
pub mod webhook;
pub mod wire;
#[cfg(test)]
mod wire_tests;
mod words;

pub use client::{Wave, WaveKeys};

use super::{declined, own_currency, provider::PaymentProvider};
use chrono::NaiveDate;
use client::{Call, SERVICE, Verdict};
use domain::{
    error::Fault,
    ids::PaymentId,
    money::Money,
    payments::provider::{
        AccountMovement, Checkout, CheckoutOrder, CheckoutRef, CheckoutState, Declined, Dispute, ExpireAnswer,
        PayoutAnswer, PayoutOrder, RefundAnswer, RefundOrder, StartAnswer,
    },
};
use reqwest::StatusCode;
use wire::{Balance, CheckoutRequest, Payout, PayoutRequest, SearchResult, Session, TransactionPage};

/// Lines of a page: a thousand stay well below the largest answer that is read.
const LIST_PAGE: &str = "1000";

impl Wave {
    /// Wave sends back the whole only; a part is paid to the payer's wallet (PROVIDERS §1.4). The payout carries the
    /// refund's id as its key and its reference, so that asking again moves nothing twice.
    async fn refund_part(&self, order: &RefundOrder) -> Result<RefundAnswer, Fault> {
        let Some(mobile) = order.payer.clone() else { return Ok(RefundAnswer::ByHand) };
        if let Some(paid) = self.find_refund(order).await? {
            return Ok(paid);
        }
        let (key, reason) = (order.refund.to_string(), "Remboursement".to_owned());
        let payout = PayoutOrder { payment: order.refund, key, amount: order.amount, mobile, name: None, reason };
        Ok(part_answer(self.pay_out(&payout).await?))
    }
}

/// A payout that sends a part back, in the words of refunds.
fn part_answer(payout: PayoutAnswer) -> RefundAnswer {
    match payout {
        PayoutAnswer::Paid { fee, .. } => RefundAnswer::Refunded { fee: fee.amount },
        PayoutAnswer::Processing { .. } => RefundAnswer::Processing,
        PayoutAnswer::Declined(why) => RefundAnswer::Declined(why),
        PayoutAnswer::Reversed { .. } => RefundAnswer::Declined(declined("reversed", "the payout was taken back")),
    }
}

impl PaymentProvider for Wave {
    async fn start(&self, order: &CheckoutOrder) -> Result<StartAnswer, Fault> {
        if let Err(no) = own_currency(order.price, self.currency) {
            return Ok(StartAnswer::Declined(no));
        }
        let body = CheckoutRequest {
            amount: order.price.into(),
            currency: order.price.currency.to_string(),
            client_reference: Some(order.payment.to_string()),
            success_url: order.success_url.clone(),
            error_url: order.error_url.clone(),
            restrict_payer_mobile: None,
        };
        match self.ask::<Session>(Call::post("start", "/v1/checkout/sessions").json(&body)).await? {
            Ok(session) => match checkout(session)? {
                // Without a launch url nobody can pay: whatever this is, `find` will tell (PROVIDERS §1.3).
                found if found.launch_url.is_none() => Err(Fault::remote(SERVICE, "a session without launch url")),
                found => Ok(StartAnswer::Started(found)),
            },
            Err((_, no)) => Ok(StartAnswer::Declined(no)),
        }
    }

    async fn find(&self, payment: &PaymentId) -> Result<Option<Checkout>, Fault> {
        let reference = payment.to_string();
        let query = [("client_reference", reference.as_str())];
        let call = Call { query: &query, ..Call::get("find", "/v1/checkout/sessions/search") };
        let sessions: Vec<Session> = self.search(call).await?;
        let ours = sessions.into_iter().filter(|session| session.client_reference.as_ref() == Some(&reference));
        let mut found = ours.map(checkout).collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|checkout| match checkout.state {
            CheckoutState::Paid { .. } => 0,
            CheckoutState::Open => 1,
            CheckoutState::Undecided => 2,
            CheckoutState::Expired | CheckoutState::Failed { .. } => 3,
        });
        Ok(found.into_iter().next())
    }

    async fn status(&self, asked: &CheckoutRef) -> Result<Checkout, Fault> {
        let path = format!("/v1/checkout/sessions/{}", segment(&asked.provider_ref)?);
        checkout(certain(self.ask(Call::get("status", &path)).await?)?)
    }

    async fn expire(&self, asked: &CheckoutRef) -> Result<ExpireAnswer, Fault> {
        let path = format!("/v1/checkout/sessions/{}/expire", segment(&asked.provider_ref)?);
        match self.call(Call::post("expire", &path)).await? {
            Verdict::Done(_) => Ok(ExpireAnswer::Expired),
            Verdict::Declined { status: StatusCode::CONFLICT, .. } => Ok(ExpireAnswer::TooLate),
            Verdict::Declined { status, why } => certain(Err((status, why))),
        }
    }

    async fn refund(&self, order: &RefundOrder) -> Result<RefundAnswer, Fault> {
        if !order.whole {
            return self.refund_part(order).await;
        }
        let path = format!("/v1/checkout/sessions/{}/refund", segment(&order.checkout_ref)?);
        match self.call(Call::post("refund", &path)).await? {
            Verdict::Done(_) => Ok(RefundAnswer::Refunded { fee: 0 }),
            Verdict::Declined { why, .. } => Ok(RefundAnswer::Declined(why)),
        }
    }

    /// A whole refund is asked after by ordering it again only (PROVIDERS §1.4), so looking learns of parts.
    async fn find_refund(&self, order: &RefundOrder) -> Result<Option<RefundAnswer>, Fault> {
        if order.whole {
            return Ok(None);
        }
        Ok(self.find_payout(&order.refund).await?.map(part_answer))
    }

    async fn disputes(&self, _: &str) -> Result<Vec<Dispute>, Fault> {
        Ok(Vec::new())
    }

    async fn pay_out(&self, order: &PayoutOrder) -> Result<PayoutAnswer, Fault> {
        if let Err(no) = own_currency(order.amount, self.currency) {
            return Ok(PayoutAnswer::Declined(no));
        }
        let body = PayoutRequest {
            currency: order.amount.currency.to_string(),
            receive_amount: order.amount.into(),
            mobile: order.mobile.clone(),
            name: order.name.clone(),
            client_reference: Some(order.payment.to_string()),
            payment_reason: Some(order.reason.chars().take(40).collect()),
        };
        let call = Call { key: Some(&order.key), ..Call::post("pay_out", "/v1/payout").json(&body) };
        match self.ask::<Payout>(call).await? {
            Ok(payout) if !payout.is_about(order.amount) => Err(Fault::remote(SERVICE, "a payout of another amount")),
            Ok(payout) => payout_answer(payout),
            Err((_, no)) => Ok(PayoutAnswer::Declined(no)),
        }
    }

    async fn find_payout(&self, payment: &PaymentId) -> Result<Option<PayoutAnswer>, Fault> {
        let reference = payment.to_string();
        let query = [("client_reference", reference.as_str())];
        let call = Call { query: &query, ..Call::get("find_payout", "/v1/payouts/search") };
        let payouts: Vec<Payout> = self.search(call).await?;
        let ours = payouts.into_iter().filter(|payout| payout.client_reference.as_ref() == Some(&reference));
        let mut found = ours.map(payout_answer).collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|answer| match answer {
            PayoutAnswer::Paid { .. } => 0,
            PayoutAnswer::Processing { .. } => 1,
            PayoutAnswer::Reversed { .. } => 2,
            PayoutAnswer::Declined(_) => 3,
        });
        Ok(found.into_iter().next())
    }

    async fn movements(&self, day: NaiveDate) -> Result<Option<Vec<AccountMovement>>, Fault> {
        let date = day.to_string();
        let (mut movements, mut after) = (Vec::new(), String::new());
        loop {
            let query = [("date", date.as_str()), ("first", LIST_PAGE), ("after", after.as_str())];
            let query = if after.is_empty() { &query[..2] } else { &query[..] };
            let page: TransactionPage =
                certain(self.ask(Call { query, ..Call::get("list", "/v1/transactions") }).await?)?;
            for transaction in page.items {
                let movement = transaction.into_movement();
                movements
                    .push(movement.ok_or_else(|| Fault::remote(SERVICE, "a transaction with an unreadable amount"))?);
            }
            match page.page_info.end_cursor.filter(|_| page.page_info.has_next_page) {
                Some(cursor) if cursor != after => after = cursor,
                Some(_) => return Err(Fault::remote(SERVICE, "a list that does not go on")),
                None => return Ok(Some(movements)),
            }
        }
    }

    async fn balance(&self) -> Result<Money, Fault> {
        let balance: Balance = certain(self.ask(Call::get("balance", "/v1/balance")).await?)?;
        balance.amount.money(&balance.currency).ok_or_else(|| Fault::remote(SERVICE, "an unreadable balance"))
    }
}

impl Wave {
    /// Reads one payout by Wave's id, e.g. while it is processing.
    ///
    /// # Errors
    /// A fault when Wave does not tell.
    pub async fn payout_status(&self, provider_ref: &str) -> Result<PayoutAnswer, Fault> {
        let path = format!("/v1/payout/{}", segment(provider_ref)?);
        payout_answer(certain(self.ask(Call::get("payout_status", &path)).await?)?)
    }

    /// Everything a search finds; a 404 in Wave's words means nothing.
    async fn search<T: serde::de::DeserializeOwned>(&self, call: Call<'_>) -> Result<Vec<T>, Fault> {
        match self.ask::<SearchResult<T>>(call).await? {
            Err((StatusCode::NOT_FOUND, _)) => Ok(Vec::new()),
            answer => Ok(certain(answer)?.result),
        }
    }
}

/// For questions that have no no: a refusal to answer leaves the matter open.
fn certain<T>(answer: Result<T, (StatusCode, Declined)>) -> Result<T, Fault> {
    answer.map_err(|(status, no)| Fault::remote(SERVICE, format!("{} {}", status.as_u16(), no.code)))
}

fn checkout(session: Session) -> Result<Checkout, Fault> {
    session.into_checkout().ok_or_else(|| Fault::remote(SERVICE, "a session with an unreadable amount"))
}

fn payout_answer(payout: Payout) -> Result<PayoutAnswer, Fault> {
    payout.into_answer().ok_or_else(|| Fault::remote(SERVICE, "a payout with an unreadable fee"))
}

/// A provider's id as one path segment. Ids are plain words; anything else must not bend the path of a money call.
fn segment(provider_ref: &str) -> Result<&str, Fault> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if provider_ref.is_empty() || !provider_ref.bytes().all(plain) {
        return Err(Fault::corrupt("provider reference", "not a plain word"));
    }
    Ok(provider_ref)
}
