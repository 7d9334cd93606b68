//! What a payout is made of (★12, K13): trip by trip the fare, the platform's share and what was earned. Its lines add up to
//! its amount, because each is an entry of the books, and each entry is in one payout at most.

use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    money::{Currency, Money},
    payments::{self, Payment},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};

/// A payout with its lines.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The payout.
    pub payout: Payment,
    /// What it is made of, in the order it was earned.
    pub lines: Vec<StatementLine>,
}

/// One earning, or what was withheld.
#[derive(Debug, Clone)]
pub struct StatementLine {
    /// The entry of the books.
    pub entry: EntryId,
    /// What happened: `booking_completed`, `fine_withheld`.
    pub kind: String,
    /// When it was earned.
    pub earned_at: DateTime<Utc>,
    /// What it adds to the payout; negative when withheld.
    pub earned: Money,
    /// The booking it is about, if it is one.
    pub booking: Option<StatementBooking>,
}

/// The ride behind an earning.
#[derive(Debug, Clone)]
pub struct StatementBooking {
    /// Its id.
    pub id: BookingId,
    /// Eight characters people can say.
    pub code: String,
    /// Where from.
    pub from: Option<String>,
    /// Where to.
    pub to: Option<String>,
    /// When it started.
    pub start_at: DateTime<Utc>,
    /// Seats.
    pub quantity: i32,
    /// What the rider paid.
    pub fare: Money,
    /// What the platform kept of it.
    pub commission: Money,
}

/// The statement of a payout: for whoever is paid, and for who may see payments (`everybody`).
///
/// # Errors
/// [`Refusal::NotFound`] for strangers and for a payment that is no payout.
pub async fn statement(tx: &mut Tx, id: PaymentId, reader: UserId, everybody: bool) -> Result<Statement> {
    let payout = payments::find(tx, id).await?;
    if payout.purpose != "payout" || !(everybody || payout.user == Some(reader)) {
        return Err(Refusal::NotFound.into());
    }
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select e.id as "entry: EntryId", t.kind, t.occurred_at, -e.amount as "earned!", e.currency,
                  b.id as "booking?: BookingId", b.code as "code?", b.start_at as "start_at?", b.quantity as "quantity?",
                  b.price as "fare?", b.commission as "commission?", trips.origin_text as "origin?",
                  trips.destination_text as "destination?"
           from payout_lines l
           join entries e on e.org_id = l.org_id and e.id = l.entry_id
           join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id
           left join bookings b on b.org_id = t.org_id and t.subject_type = 'booking' and b.id = t.subject_id
           left join trips on trips.org_id = b.org_id and trips.id = b.resource_id
           where l.org_id = $1 and l.payout_id = $2 order by e.id"#,
        org.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let currency: Currency = row.currency.parse().map_err(|e| Fault::corrupt("entries.currency", e))?;
        let money = |amount: i64| Money { amount, currency };
        let booking = match (row.booking, row.code, row.start_at) {
            (Some(id), Some(code), Some(start_at)) => Some(StatementBooking {
                id,
                code,
                from: row.origin,
                to: row.destination,
                start_at,
                quantity: row.quantity.unwrap_or_default(),
                fare: money(row.fare.unwrap_or_default()),
                commission: money(row.commission.unwrap_or_default()),
            }),
            _ => None,
        };
        let earned = money(row.earned);
        lines.push(StatementLine { entry: row.entry, kind: row.kind, earned_at: row.occurred_at, earned, booking });
    }
    Ok(Statement { payout, lines })
}

impl Statement {
    /// What its lines come to.
    #[must_use]
    pub fn total(&self) -> Money {
        self.payout.amount.with(self.lines.iter().map(|line| line.earned.amount).sum())
    }

    /// Whether the transfer failed, so that its lines are owed again.
    #[must_use]
    pub fn returned(&self) -> bool {
        self.payout.status == "failed"
    }
}
