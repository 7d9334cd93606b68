//! Everything the sandbox received and did, in memory. One lock: every operation is a few map accesses.

mod collections;
mod records;
mod shelf;

pub use collections::{Collection, Disputed, State, Transfer};
pub use records::{Checkout, Delivery, Event, KeptAnswer, Mail, Movement, Payout, Push, Refund, Sms, Token};
pub use shelf::{Record, Shelf};

use integrations::payments::stripe::wire::DisputeStatus;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The records, kind by kind.
#[derive(Debug, Default)]
pub struct Books {
    /// Wave checkout sessions.
    pub checkouts: Shelf<Checkout>,
    /// Wave payouts.
    pub payouts: Shelf<Payout>,
    /// Refunds that moved money; a repeated request adds none.
    pub refunds: Shelf<Refund>,
    /// Movements of the Wave wallet, as in the day's statement.
    pub movements: Shelf<Movement>,
    /// First answers of payouts, by idempotency key.
    pub keys: Shelf<KeptAnswer>,
    /// Payments asked for at the other providers.
    pub collections: Shelf<Collection>,
    /// Money sent out at the other providers.
    pub transfers: Shelf<Transfer>,
    /// Card payments their payers take back.
    pub disputes: Shelf<Disputed>,
    /// Push messages, accepted and refused.
    pub pushes: Shelf<Push>,
    /// Text messages accepted.
    pub sms: Shelf<Sms>,
    /// Mails accepted.
    pub mails: Shelf<Mail>,
    /// Webhook events made, delivered or not.
    pub events: Shelf<Event>,
    /// Attempts to deliver events, forgeries included.
    pub deliveries: Shelf<Delivery>,
    /// Access tokens issued.
    pub tokens: Shelf<Token>,
    /// Calls received, by operation.
    pub calls: BTreeMap<&'static str, u64>,
    /// The wallet's balance, in francs.
    pub balance: i64,
}

impl Books {
    /// What came in at a provider less what went out, in minor units.
    #[must_use]
    pub fn held_at(&self, provider: &str) -> i64 {
        let paid = self.collections.iter().filter(|row| row.provider == provider && row.state == State::Done);
        let sent = self.transfers.iter().filter(|row| row.provider == provider && row.state == State::Done);
        let taken = self.disputes.iter().filter(|row| provider == "card" && row.dispute.status != DisputeStatus::Won);
        paid.map(|row| row.amount).sum::<i64>()
            - sent.map(|row| row.amount).sum::<i64>()
            - taken.map(|row| row.dispute.amount).sum::<i64>()
    }
}

/// The books behind their lock, and a signal at each change.
#[derive(Debug)]
pub struct Store {
    books: Mutex<Books>,
    changed: watch::Sender<u64>,
}

impl Store {
    pub(crate) fn new(balance: i64) -> Self {
        let books = Mutex::new(Books { balance, ..Books::default() });
        Self { books, changed: watch::Sender::new(0) }
    }

    /// Look at the books. The lock is held meanwhile.
    pub fn read<T>(&self, look: impl FnOnce(&Books) -> T) -> T {
        look(&self.books.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Books) -> T) -> T {
        let done = change(&mut self.books.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.send_modify(|version| *version += 1);
        done
    }

    /// Forget everything; the balance starts again.
    pub(crate) fn reset(&self, balance: i64) {
        // Access tokens survive: a client would otherwise meet refusals that no provider gives.
        self.write(|books| {
            let tokens = std::mem::take(&mut books.tokens);
            *books = Books { balance, tokens, ..Books::default() };
        });
    }

    /// Wait until `look` finds something, looking again at every change.
    pub async fn until<T>(&self, patience: Duration, look: impl Fn(&Books) -> Option<T>) -> Option<T> {
        let mut changes = self.changed.subscribe();
        let found = async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = self.read(&look) {
                    return Some(found);
                }
                changes.changed().await.ok()?;
            }
        };
        tokio::time::timeout(patience, found).await.ok().flatten()
    }

    /// Checkout sessions, oldest first.
    #[must_use]
    pub fn checkouts(&self) -> Vec<Checkout> {
        self.read(|books| books.checkouts.all())
    }

    /// Payouts, oldest first.
    #[must_use]
    pub fn payouts(&self) -> Vec<Payout> {
        self.read(|books| books.payouts.all())
    }

    /// Refunds, oldest first.
    #[must_use]
    pub fn refunds(&self) -> Vec<Refund> {
        self.read(|books| books.refunds.all())
    }

    /// Payments asked for at the other providers, oldest first.
    #[must_use]
    pub fn collections(&self) -> Vec<Collection> {
        self.read(|books| books.collections.all())
    }

    /// Money sent out at the other providers, oldest first.
    #[must_use]
    pub fn transfers(&self) -> Vec<Transfer> {
        self.read(|books| books.transfers.all())
    }

    /// Card payments their payers take back, oldest first.
    #[must_use]
    pub fn disputes(&self) -> Vec<Disputed> {
        self.read(|books| books.disputes.all())
    }

    /// Push messages, oldest first.
    #[must_use]
    pub fn pushes(&self) -> Vec<Push> {
        self.read(|books| books.pushes.all())
    }

    /// Text messages, oldest first.
    #[must_use]
    pub fn sms(&self) -> Vec<Sms> {
        self.read(|books| books.sms.all())
    }

    /// Mails, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.read(|books| books.mails.all())
    }

    /// Webhook events, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.read(|books| books.events.all())
    }

    /// Attempts to deliver webhooks, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.read(|books| books.deliveries.all())
    }

    /// How often `operation` was called.
    #[must_use]
    pub fn calls(&self, operation: &str) -> u64 {
        self.read(|books| books.calls.get(operation).copied().unwrap_or(0))
    }

    /// The wallet's balance, in francs.
    #[must_use]
    pub fn balance(&self) -> i64 {
        self.read(|books| books.balance)
    }
}
