//! Reading what a file is made of, some lines at a time, each time in a transaction of its own.

use super::{Report, Subject};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    ledger::{self, Extracted, Moved, Sorted, Sum},
    money::Currency,
    organizations,
    payouts::{self, StatementLine},
};
use chrono::DateTime;
use std::collections::BTreeMap;

/// Lines read at a time.
const PAGE: i64 = 2_000;

/// One line of a file.
#[derive(Debug, Clone)]
pub enum Line {
    /// An entry of the books.
    Entry(Extracted),
    /// An earning in a payout.
    Earned(StatementLine),
    /// What moved in a period, and in which organization.
    Moved {
        /// Its short name.
        organization: String,
        /// The figures.
        moved: Moved,
    },
}

/// How far reading is.
#[derive(Debug, Clone)]
pub struct Place {
    seen: Option<EntryId>,
    homes: Vec<OrgId>,
    over: bool,
    sums: BTreeMap<&'static str, Sum>,
}

impl Place {
    /// Before the first line.
    #[must_use]
    pub fn start(report: &Report) -> Self {
        Self { seen: None, homes: report.homes.clone(), over: false, sums: BTreeMap::new() }
    }

    /// The organization to read in next; `None` when everything was read.
    #[must_use]
    pub fn next(&self) -> Option<OrgId> {
        if self.over { None } else { self.homes.last().copied() }
    }

    /// What the lines read so far come to.
    #[must_use]
    pub fn sums(&self) -> Vec<Sum> {
        self.sums.values().copied().collect()
    }

    fn add(&mut self, currency: Currency, entries: i64, debit: i64, credit: i64) {
        let none = Sum { currency, entries: 0, debit: 0, credit: 0 };
        let sum = self.sums.entry(currency.code()).or_insert(none);
        sum.entries += entries;
        sum.debit += debit;
        sum.credit += credit;
    }
}

/// The next lines, in a transaction of the organization [`Place::next`] names.
///
/// # Errors
/// A fault when the database fails, or when what was read is not what the books come to.
pub async fn read(tx: &mut Tx, report: &Report, place: &mut Place) -> Result<Vec<Line>> {
    match &report.asking.subject {
        Subject::Payout { payout } => {
            let statement = payouts::statement(tx, *payout, report.user, true).await?;
            for line in &statement.lines {
                let earned = line.earned.amount;
                place.add(line.earned.currency, 1, earned.min(0).saturating_neg(), earned.max(0));
            }
            if statement.total() != statement.payout.amount {
                return Err(Fault::corrupt("payout_lines", "their sum is not the payout's amount").into());
            }
            place.over = true;
            Ok(statement.lines.into_iter().map(Line::Earned).collect())
        }
        Subject::Finance { by, .. } => moved(tx, report, place, *by).await,
        Subject::Wallet { .. } | Subject::Ledger { .. } => entries(tx, report, place).await,
    }
}

async fn entries(tx: &mut Tx, report: &Report, place: &mut Place) -> Result<Vec<Line>> {
    let filter = report.asking.entries(report.user).unwrap_or_default();
    let lines = ledger::extract(tx, &filter, report.cutoff, place.seen, PAGE).await?;
    for line in &lines {
        let amount = line.amount.amount;
        place.add(line.amount.currency, 1, amount.max(0), amount.min(0).saturating_neg());
    }
    if let Some(last) = lines.last() {
        place.seen = Some(last.id);
        return Ok(lines.into_iter().map(Line::Entry).collect());
    }
    place.over = true;
    let mut written = place.sums();
    written.sort_by_key(|sum| sum.currency.code());
    // an entry that was committed behind our back while we read is missed by no second run
    if written == ledger::sums(tx, &filter, report.cutoff).await? {
        Ok(Vec::new())
    } else {
        Err(Fault::corrupt("report", "its lines do not come to what the books come to").into())
    }
}

async fn moved(tx: &mut Tx, report: &Report, place: &mut Place, by: Sorted) -> Result<Vec<Line>> {
    let Subject::Finance { period, .. } = &report.asking.subject else { return Ok(Vec::new()) };
    let organization = organizations::load(tx).await?;
    let from = report.asking.from.unwrap_or(DateTime::UNIX_EPOCH); // asked for with a beginning
    let before = report.asking.before.unwrap_or(report.cutoff);
    let span = (from, before, report.cutoff);
    let lines = ledger::trial_balance(tx, by, *period, organization.timezone, span).await?;
    for line in &lines {
        place.add(line.currency, line.entries, line.debit, line.credit);
    }
    place.homes.pop();
    place.over = place.homes.is_empty();
    Ok(lines.into_iter().map(|moved| Line::Moved { organization: organization.slug.clone(), moved }).collect())
}
