//! Moving the wallet: every movement changes the balance and leaves a line in the statement.

use crate::store::{Books, Movement};
use chrono::{DateTime, Utc};
use integrations::payments::wave::wire::{Amount, Transaction};

/// Wave's fee: one hundredth, rounded half up to a franc.
pub(super) fn fee_of(francs: i64) -> i64 {
    (francs + 50) / 100
}

/// An amount in francs as Wave writes it.
pub(crate) fn amount(francs: i64) -> Amount {
    Amount(francs.to_string())
}

/// One movement of the wallet.
pub(super) struct Move {
    /// Its id.
    pub transaction_id: String,
    /// `api_checkout`, …
    pub kind: &'static str,
    /// Signed francs: negative for money out.
    pub francs: i64,
    /// What Wave keeps; negative when it gives the fee back.
    pub fee: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it undoes another.
    pub undoes: bool,
    /// The merchant's id.
    pub client_reference: Option<String>,
    /// The session it belongs to.
    pub checkout: Option<String>,
    /// The other side's name.
    pub name: Option<String>,
    /// The other side's number.
    pub mobile: Option<String>,
    /// What the receiver was told.
    pub reason: Option<String>,
}

impl Move {
    /// Change the balance and write the line.
    pub(super) fn book(self, books: &mut Books) {
        books.balance += self.francs - self.fee;
        let line = Transaction {
            timestamp: self.at,
            transaction_id: self.transaction_id,
            transaction_type: self.kind.into(),
            amount: amount(self.francs),
            fee: Some(amount(self.fee)),
            currency: super::CURRENCY.into(),
            is_reversal: self.undoes,
            client_reference: self.client_reference,
            checkout_api_session_id: self.checkout,
        };
        books.movements.put(Movement {
            line,
            balance: amount(books.balance),
            counterparty_name: self.name,
            counterparty_mobile: self.mobile,
            payment_reason: self.reason,
        });
    }
}
