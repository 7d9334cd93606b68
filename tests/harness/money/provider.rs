//! A provider with books of its own, which loses answers, changes its mind, and is asked for the same thing twice. What it
//! holds at the end is what ours must say.

use crate::luck::Luck;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ids::PaymentId,
    money::Money,
    payments::provider::{
        Checkout, CheckoutOrder, CheckoutState, Declined, Dispute, DisputeState, ExpireAnswer, PayoutAnswer,
        PayoutOrder, RefundAnswer, RefundOrder, StartAnswer,
    },
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};
use uuid::Uuid;

/// The provider.
#[derive(Default)]
pub struct Provider(Mutex<Books>);

#[derive(Default)]
struct Books {
    calm: bool,
    holds: i64,
    checkouts: Vec<Checkout>,
    /// Where a checkout stands in the list, by its reference.
    known: HashMap<String, usize>,
    refunds: HashMap<PaymentId, Sent>,
    payouts: HashMap<PaymentId, Sent>,
    /// By the movement that is disputed.
    disputes: HashMap<String, Dispute>,
}

/// Money that was to go out.
#[derive(Debug, Clone, Copy)]
struct Sent {
    amount: Money,
    fee: i64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Working,
    Moved,
    Refused,
    ByHand,
    Back,
}

impl Provider {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap()
    }

    /// From now on every answer arrives, and nobody changes their mind.
    pub fn calm_down(&self) {
        self.books().calm = true;
    }

    /// What is in the account.
    pub fn holds(&self) -> i64 {
        self.books().holds
    }

    /// The payouts that are with their receivers.
    pub fn paid_out(&self) -> Vec<Uuid> {
        let books = self.books();
        books.payouts.iter().filter(|(_, sent)| sent.state == State::Moved).map(|(id, _)| id.0).collect()
    }

    /// Money that a person sent from the account.
    pub fn sent_by_hand(&self, amount: i64) {
        self.books().holds -= amount;
    }

    /// What was sent and has come back: refunds and payouts.
    pub fn came_back(&self) -> Vec<PaymentId> {
        let books = self.books();
        let back = |(id, sent): (&PaymentId, &Sent)| (sent.state == State::Back).then_some(*id);
        books.refunds.iter().filter_map(back).chain(books.payouts.iter().filter_map(back)).collect()
    }

    /// The payments somebody took back.
    pub fn disputed(&self) -> Vec<PaymentId> {
        let books = self.books();
        let of =
            |movement: &String| books.checkouts[books.known[movement.strip_prefix("T-")?]].client_reference.clone();
        books.disputes.keys().filter_map(of).filter_map(|reference| reference.parse().ok()).collect()
    }

    /// Opens a checkout, finds the one that is there, or, rarely, forgets that it is; `None` when the answer is lost.
    pub fn start(&self, order: &CheckoutOrder, now: DateTime<Utc>, luck: &mut Luck) -> Option<StartAnswer> {
        let mut books = self.books();
        let ours = order.payment.to_string();
        let there = books.checkouts.iter().rev().take(2_000).find(|c| c.client_reference.as_ref() == Some(&ours));
        if let Some(there) = there.filter(|_| books.calm || !luck.percent(20)) {
            return Some(StartAnswer::Started(there.clone()));
        }
        if !books.calm && luck.percent(2) {
            return Some(StartAnswer::Declined(no("payer-blocked")));
        }
        let checkout = Checkout {
            provider_ref: format!("cos-{}", Uuid::new_v4().simple()),
            client_reference: Some(ours),
            price: order.price,
            state: CheckoutState::Open,
            launch_url: Some("https://pay.example/c".into()),
            expires_at: Some(now + TimeDelta::minutes(30)),
            callback_digest: None,
        };
        let at = books.checkouts.len();
        books.known.insert(checkout.provider_ref.clone(), at);
        books.checkouts.push(checkout.clone());
        let lost = !books.calm && luck.percent(5);
        (!lost).then_some(StartAnswer::Started(checkout))
    }

    /// A payer pays one of the newest open checkouts, now and then another amount; answers how it stands then.
    pub fn pay(&self, luck: &mut Luck) -> Option<Checkout> {
        let mut books = self.books();
        let newest = books.checkouts.len().checked_sub(1)?;
        let at = newest.saturating_sub(usize::try_from(luck.below(60)).unwrap_or_default());
        let checkout = &mut books.checkouts[at];
        if checkout.state != CheckoutState::Open {
            return None;
        }
        if luck.percent(1) {
            checkout.price.amount += 5;
        }
        let transaction_ref = Some(format!("T-{}", checkout.provider_ref));
        checkout.state = CheckoutState::Paid { transaction_ref };
        let paid = checkout.clone();
        books.holds += paid.price.amount;
        Some(paid)
    }

    /// Every checkout that was paid.
    pub fn paid(&self) -> Vec<Checkout> {
        let paid = |checkout: &&Checkout| matches!(checkout.state, CheckoutState::Paid { .. });
        self.books().checkouts.iter().filter(paid).cloned().collect()
    }

    /// How a checkout stands; one that nobody paid in time is closed.
    pub fn read(&self, reference: &str, now: DateTime<Utc>) -> Checkout {
        let mut books = self.books();
        let at = books.known[reference];
        let checkout = &mut books.checkouts[at];
        if checkout.state == CheckoutState::Open && checkout.expires_at.is_some_and(|deadline| deadline <= now) {
            checkout.state = CheckoutState::Expired;
        }
        checkout.clone()
    }

    /// Closes a checkout.
    pub fn expire(&self, reference: &str) -> ExpireAnswer {
        let mut books = self.books();
        let at = books.known[reference];
        let checkout = &mut books.checkouts[at];
        if checkout.state != CheckoutState::Open {
            return ExpireAnswer::TooLate;
        }
        checkout.state = CheckoutState::Expired;
        ExpireAnswer::Expired
    }

    /// Sends money back, once for each refund; `None` when the answer is lost.
    pub fn refund(&self, order: &RefundOrder, luck: &mut Luck) -> Option<RefundAnswer> {
        let mut books = self.books();
        let fee = if order.whole { 0 } else { order.amount.amount / 100 };
        let by_hand = !books.calm && luck.percent(3);
        let sent = books.refunds.get(&order.refund).copied();
        let sent = books.go_on(sent, Sent { amount: order.amount, fee, state: State::Working }, by_hand, luck);
        books.refunds.insert(order.refund, sent);
        let lost = !books.calm && luck.percent(8);
        (!lost).then(|| told_refund(sent))
    }

    /// Pays somebody, once for each payout; `None` when the answer is lost.
    pub fn pay_out(&self, order: &PayoutOrder, luck: &mut Luck) -> Option<PayoutAnswer> {
        let mut books = self.books();
        let sent = books.payouts.get(&order.payment).copied();
        let new = Sent { amount: order.amount, fee: order.amount.amount / 100, state: State::Working };
        let sent = books.go_on(sent, new, false, luck);
        books.payouts.insert(order.payment, sent);
        let lost = !books.calm && luck.percent(8);
        (!lost).then(|| told_payout(order.payment, sent))
    }

    /// How a refund stands that was sent: rarely it has come back.
    pub fn look_at_refund(&self, id: PaymentId, luck: &mut Luck) -> Option<RefundAnswer> {
        let mut books = self.books();
        let sent = books.refunds.get(&id).copied()?;
        let sent = books.come_back(sent, luck);
        books.refunds.insert(id, sent);
        Some(told_refund(sent))
    }

    /// The same of a payout.
    pub fn look_at_payout(&self, id: PaymentId, luck: &mut Luck) -> Option<PayoutAnswer> {
        let mut books = self.books();
        let sent = books.payouts.get(&id).copied()?;
        let sent = books.come_back(sent, luck);
        books.payouts.insert(id, sent);
        Some(told_payout(id, sent))
    }

    /// The dispute of a movement, if there is one: one may begin, and end, whenever somebody asks.
    pub fn disputes(&self, movement: &str, luck: &mut Luck) -> Vec<Dispute> {
        let mut books = self.books();
        let restless = !books.calm;
        match books.disputes.get(movement).cloned() {
            None if restless && luck.percent(30) => {
                let Some(at) = movement.strip_prefix("T-").and_then(|of| books.known.get(of)).copied() else {
                    return Vec::new();
                };
                let amount = books.checkouts[at].price;
                let reason = "fraudulent".into();
                let dispute = Dispute {
                    provider_ref: format!("D-{movement}"),
                    amount,
                    fee: 0,
                    state: DisputeState::Open,
                    reason,
                };
                books.holds -= amount.amount;
                books.disputes.insert(movement.to_owned(), dispute);
            }
            Some(open) if restless && open.state == DisputeState::Open && luck.percent(50) => {
                let won = luck.percent(50);
                let state = if won { DisputeState::Won } else { DisputeState::Lost };
                books.holds += if won { open.amount.amount } else { 0 };
                books.disputes.insert(movement.to_owned(), Dispute { state, ..open });
            }
            _ => {}
        }
        books.disputes.get(movement).cloned().into_iter().collect()
    }
}

impl Books {
    /// Asked again, what was decided stays decided.
    fn go_on(&mut self, before: Option<Sent>, new: Sent, by_hand: bool, luck: &mut Luck) -> Sent {
        let sent = before.unwrap_or(new);
        if sent.state != State::Working {
            return sent;
        }
        let state = match luck.below(100) {
            _ if by_hand => State::ByHand,
            0..12 if !self.calm => State::Refused,
            12..25 if !self.calm => State::Working,
            _ => State::Moved,
        };
        if state == State::Moved {
            self.holds -= sent.amount.amount + sent.fee;
        }
        Sent { state, ..sent }
    }

    fn come_back(&mut self, sent: Sent, luck: &mut Luck) -> Sent {
        if self.calm || sent.state != State::Moved || !luck.percent(10) {
            return sent;
        }
        self.holds += sent.amount.amount + sent.fee;
        Sent { state: State::Back, ..sent }
    }
}

fn told_refund(sent: Sent) -> RefundAnswer {
    match sent.state {
        State::Working => RefundAnswer::Processing,
        State::Moved => RefundAnswer::Refunded { fee: sent.fee },
        State::ByHand => RefundAnswer::ByHand,
        State::Refused | State::Back => RefundAnswer::Declined(no("refused")),
    }
}

fn told_payout(id: PaymentId, sent: Sent) -> PayoutAnswer {
    let provider_ref = format!("pt-{id}");
    match sent.state {
        State::Working => PayoutAnswer::Processing { provider_ref },
        State::Moved => PayoutAnswer::Paid { provider_ref, fee: sent.amount.with(sent.fee) },
        State::Refused | State::ByHand => PayoutAnswer::Declined(no("recipient-account-blocked")),
        State::Back => PayoutAnswer::Reversed { provider_ref },
    }
}

fn no(code: &str) -> Declined {
    Declined { code: code.into(), message: String::new() }
}
