//! The list of movements made wrong on purpose: what a merchant's books are held against (PROVIDERS §1.6).

use super::fees::{Move, amount};
use crate::sandbox::Sandbox;
use crate::store::{Movement, Record};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// How a line of the list is made wrong. What is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Doctored {
    /// The line disappears.
    pub hide: bool,
    /// Signed francs.
    pub amount: Option<i64>,
    /// Francs.
    pub fee: Option<i64>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// A movement the merchant never heard of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stray {
    /// Signed francs: negative for money out.
    pub amount: i64,
    /// When; now unless told.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
}

impl Sandbox {
    /// Changes the lines that carry this transaction id, session id or client reference. Answers how many there were. The
    /// balance stays as it is.
    pub fn doctor(&self, about: &str, how: &Doctored) -> usize {
        self.state().write(|books| {
            let concerned = |line: &&Movement| {
                let line = &line.line;
                let other = [line.client_reference.as_deref(), line.checkout_api_session_id.as_deref()];
                line.transaction_id == about || other.contains(&Some(about))
            };
            let ids: Vec<String> = books.movements.iter().filter(concerned).map(|line| line.id().to_owned()).collect();
            for id in &ids {
                let Some(mut line) = books.movements.take(id) else { continue };
                line.line.amount = how.amount.map_or(line.line.amount, amount);
                line.line.fee = how.fee.map(amount).or(line.line.fee);
                line.line.timestamp = how.at.unwrap_or(line.line.timestamp);
                if !how.hide {
                    books.movements.put(line);
                }
            }
            ids.len()
        })
    }

    /// Moves money nobody asked for. Answers the transaction id.
    pub fn stray(&self, stray: &Stray) -> String {
        let (now, id) = (self.wire_now(), self.next_id("T"));
        let line = Move {
            transaction_id: id.clone(),
            kind: "merchant_payment",
            francs: stray.amount,
            fee: 0,
            at: stray.at.unwrap_or(now),
            undoes: false,
            client_reference: None,
            checkout: None,
            name: Some("Somebody".into()),
            mobile: None,
            reason: None,
        };
        let kind = if stray.amount < 0 { "b2b_payment" } else { line.kind };
        self.state().write(|books| Move { kind, ..line }.book(books));
        id
    }
}
