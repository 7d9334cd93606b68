//! Cards through Stripe: a Checkout Session, whose page is Stripe's, so that no card number ever comes near us (J22;
//! PROVIDERS §4).

mod client;
pub mod webhook;
pub mod wire;

pub use client::{Stripe, StripeKeys};

use super::{declined, own_currency, provider::PaymentProvider};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};
use client::{Form, SERVICE, Verdict};
use domain::{
    error::Fault,
    ids::PaymentId,
    money::{Currency, Money},
    payments::provider::{
        AccountMovement, Checkout, CheckoutOrder, CheckoutRef, CheckoutState, Dispute, DisputeState, ExpireAnswer,
        PayoutAnswer, PayoutOrder, RefundAnswer, RefundOrder, StartAnswer,
    },
};
use wire::{
    Balance, BalanceTransaction, DisputeStatus, List, Page, PaymentStatus, Refund, RefundStatus, Session, SessionStatus,
};

impl PaymentProvider for Stripe {
    async fn start(&self, order: &CheckoutOrder) -> Result<StartAnswer, Fault> {
        if let Err(no) = own_currency(order.price, self.currency) {
            return Ok(StartAnswer::Declined(no));
        }
        let payment = order.payment.to_string();
        match self.post("start", "/v1/checkout/sessions", &payment, &self.form(order)).await? {
            Verdict::Said(session) => match checkout(session)? {
                found if found.launch_url.is_none() => Err(Fault::remote(SERVICE, "a session without url")),
                found => Ok(StartAnswer::Started(found)),
            },
            Verdict::Declined(no) => Ok(StartAnswer::Declined(no)),
        }
    }

    /// Never: the same order under the same key is answered as the first time.
    async fn find(&self, _: &PaymentId) -> Result<Option<Checkout>, Fault> {
        Ok(None)
    }

    async fn status(&self, asked: &CheckoutRef) -> Result<Checkout, Fault> {
        checkout(self.session(&asked.provider_ref).await?)
    }

    async fn expire(&self, asked: &CheckoutRef) -> Result<ExpireAnswer, Fault> {
        let id = segment(&asked.provider_ref)?;
        let (path, key) = (format!("/v1/checkout/sessions/{id}/expire"), format!("{id}/expire"));
        match self.post::<Session>("expire", &path, &key, &Vec::new()).await? {
            Verdict::Said(_) => Ok(ExpireAnswer::Expired),
            Verdict::Declined(_) => Ok(ExpireAnswer::TooLate),
        }
    }

    /// A key answers as the first time, even when the refund has moved on: so it is looked for first.
    async fn refund(&self, order: &RefundOrder) -> Result<RefundAnswer, Fault> {
        let (intent, ours) = (self.intent(order).await?, order.refund.to_string());
        if let Some(made) = self.refund_of(&intent, &ours).await? {
            return Ok(refund_answer(&made));
        }
        let form: Form<'_> = vec![
            ("payment_intent", intent),
            ("amount", order.amount.amount.to_string()),
            ("metadata[refund]", ours.clone()),
        ];
        match self.post::<Refund>("refund", "/v1/refunds", &ours, &form).await? {
            Verdict::Said(refund) => Ok(refund_answer(&refund)),
            Verdict::Declined(no) => Ok(RefundAnswer::Declined(no)),
        }
    }

    async fn find_refund(&self, order: &RefundOrder) -> Result<Option<RefundAnswer>, Fault> {
        let intent = self.intent(order).await?;
        Ok(self.refund_of(&intent, &order.refund.to_string()).await?.as_ref().map(refund_answer))
    }

    async fn disputes(&self, transaction_ref: &str) -> Result<Vec<Dispute>, Fault> {
        let query = [("payment_intent", transaction_ref), ("limit", "100")];
        match self.get::<List<wire::Dispute>>("disputes", "/v1/disputes", &query).await? {
            Verdict::Said(list) => list.data.into_iter().map(dispute).collect(),
            Verdict::Declined(no) => Err(Fault::remote(SERVICE, no.code)),
        }
    }

    async fn pay_out(&self, _: &PayoutOrder) -> Result<PayoutAnswer, Fault> {
        Ok(PayoutAnswer::Declined(declined("no-payouts", "cards are not paid out to")))
    }

    async fn find_payout(&self, _: &PaymentId) -> Result<Option<PayoutAnswer>, Fault> {
        Ok(None)
    }

    async fn movements(&self, day: NaiveDate) -> Result<Option<Vec<AccountMovement>>, Fault> {
        let from = day.and_time(NaiveTime::MIN).and_utc();
        let (from, before) = (from.timestamp().to_string(), (from + TimeDelta::days(1)).timestamp().to_string());
        let (mut movements, mut last) = (Vec::new(), None::<String>);
        loop {
            let mut query = vec![
                ("created[gte]", from.as_str()),
                ("created[lt]", before.as_str()),
                ("limit", "100"),
                ("expand[]", "data.source"),
            ];
            query.extend(last.as_deref().map(|last| ("starting_after", last)));
            let page: Page<BalanceTransaction> = match self.get("list", "/v1/balance_transactions", &query).await? {
                Verdict::Said(page) => page,
                Verdict::Declined(no) => return Err(Fault::remote(SERVICE, no.code)),
            };
            last = page.data.last().map(|line| line.id.clone());
            // what Stripe pays to our bank stays ours
            let lines = page.data.into_iter().filter(|line| !line.kind.starts_with("payout"));
            movements.extend(lines.filter_map(movement).filter(|line| line.amount.currency == self.currency));
            if !page.has_more || last.is_none() {
                return Ok(Some(movements));
            }
        }
    }

    async fn balance(&self) -> Result<Money, Fault> {
        match self.get::<Balance>("balance", "/v1/balance", &[]).await? {
            Verdict::Said(balance) => {
                let own = balance.available.iter().find(|held| currency(&held.currency) == Some(self.currency));
                Ok(Money { amount: own.map_or(0, |held| held.amount), currency: self.currency })
            }
            Verdict::Declined(no) => Err(Fault::remote(SERVICE, no.code)),
        }
    }
}

impl Stripe {
    /// Our id stands in the session and in the intent: events about the one do not carry what the other holds.
    fn form(&self, order: &CheckoutOrder) -> Form<'static> {
        let payment = order.payment.to_string();
        vec![
            ("mode", "payment".into()),
            ("client_reference_id", payment.clone()),
            ("success_url", order.success_url.clone()),
            ("cancel_url", order.error_url.clone()),
            ("line_items[0][quantity]", "1".into()),
            ("line_items[0][price_data][currency]", order.price.currency.to_string().to_lowercase()),
            ("line_items[0][price_data][unit_amount]", order.price.amount.to_string()),
            ("line_items[0][price_data][product_data][name]", self.keys.merchant_name.clone()),
            ("metadata[payment]", payment.clone()),
            ("payment_intent_data[metadata][payment]", payment),
        ]
    }

    /// What a refund gives back.
    async fn intent(&self, order: &RefundOrder) -> Result<String, Fault> {
        if let Some(intent) = &order.transaction_ref {
            return Ok(intent.clone());
        }
        let intent = self.session(&order.checkout_ref).await?.payment_intent;
        intent.ok_or_else(|| Fault::remote(SERVICE, "a paid session without intent"))
    }

    /// The refund of ours among those of a payment.
    async fn refund_of(&self, intent: &str, ours: &str) -> Result<Option<Refund>, Fault> {
        let query = [("payment_intent", intent), ("limit", "100")];
        match self.get::<List<Refund>>("find_refund", "/v1/refunds", &query).await? {
            Verdict::Said(list) => {
                let named = |refund: &Refund| refund.metadata.get("refund").is_some_and(|named| named == ours);
                Ok(list.data.into_iter().find(named))
            }
            Verdict::Declined(no) => Err(Fault::remote(SERVICE, no.code)),
        }
    }

    async fn session(&self, id: &str) -> Result<Session, Fault> {
        let path = format!("/v1/checkout/sessions/{}", segment(id)?);
        match self.get("status", &path, &[]).await? {
            Verdict::Said(session) => Ok(session),
            Verdict::Declined(no) => Err(Fault::remote(SERVICE, no.code)),
        }
    }
}

/// `None` for a currency nobody here keeps books in.
fn movement(line: BalanceTransaction) -> Option<AccountMovement> {
    let source = line.source.as_ref();
    let ours = |name| source.and_then(|source| source.metadata.get(name).cloned());
    Some(AccountMovement {
        at: DateTime::from_timestamp(line.created, 0),
        collected: matches!(line.kind.as_str(), "charge" | "payment"),
        // what a bank takes or gives back belongs to a dispute, which our books know by its id
        checkout_ref: source.map(|source| source.id.clone()).filter(|id| id.starts_with("dp_")),
        payment_ref: source.and_then(|source| source.payment_intent.clone()),
        client_reference: ours("refund").or_else(|| ours("payment")),
        amount: Money { amount: line.amount, currency: currency(&line.currency)? },
        fee: Some(line.fee),
        reference: line.id,
    })
}

fn refund_answer(refund: &Refund) -> RefundAnswer {
    match refund.status {
        RefundStatus::Succeeded => RefundAnswer::Refunded { fee: 0 },
        RefundStatus::Failed | RefundStatus::Canceled => {
            RefundAnswer::Declined(declined(refund.failure_reason.as_deref().unwrap_or("refund-failed"), ""))
        }
        RefundStatus::Pending | RefundStatus::RequiresAction | RefundStatus::Unknown => RefundAnswer::Processing,
    }
}

fn dispute(told: wire::Dispute) -> Result<Dispute, Fault> {
    let currency =
        currency(&told.currency).ok_or_else(|| Fault::remote(SERVICE, "a dispute in an unknown currency"))?;
    let state = match told.status {
        DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => DisputeState::Open,
        DisputeStatus::Won => DisputeState::Won,
        DisputeStatus::Lost => DisputeState::Lost,
        DisputeStatus::Unknown => DisputeState::Undecided,
    };
    let amount = Money { amount: told.amount, currency };
    let fee = told.balance_transactions.iter().map(|moved| moved.fee).sum();
    Ok(Dispute { provider_ref: told.id, amount, fee, state, reason: told.reason })
}

fn checkout(session: Session) -> Result<Checkout, Fault> {
    read(session).ok_or_else(|| Fault::remote(SERVICE, "a session with an unreadable amount"))
}

/// A session in our words; `None` when its amount or currency cannot be read. Stripe counts in the smallest unit, as
/// our books do.
fn read(session: Session) -> Option<Checkout> {
    let price = Money { amount: session.amount_total?, currency: currency(session.currency.as_deref()?)? };
    let state = match (session.status, session.payment_status) {
        (SessionStatus::Complete, PaymentStatus::Paid) => {
            CheckoutState::Paid { transaction_ref: session.payment_intent }
        }
        (SessionStatus::Open, PaymentStatus::Unpaid) => CheckoutState::Open,
        (SessionStatus::Expired, PaymentStatus::Unpaid) => CheckoutState::Expired,
        // complete and unpaid: a slow way to pay, which an event or the next look decides
        _ => CheckoutState::Undecided,
    };
    Some(Checkout {
        provider_ref: session.id,
        client_reference: session.client_reference_id,
        price,
        state,
        launch_url: session.url,
        expires_at: session.expires_at.and_then(|unix| DateTime::from_timestamp(unix, 0)),
        callback_digest: None,
    })
}

fn currency(small: &str) -> Option<Currency> {
    small.to_uppercase().parse().ok()
}

/// A provider's id as one path segment: anything else must not bend the path of a money call.
fn segment(id: &str) -> Result<&str, Fault> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if id.is_empty() || !id.bytes().all(plain) {
        return Err(Fault::corrupt("provider reference", "not a plain word"));
    }
    Ok(id)
}
