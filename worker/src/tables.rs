//! What statements and reports look like as tables: the columns of each kind, their lines, their sums. Programs read the
//! same names and codes whatever the language; pages speak the organization's.

use domain::{
    ledger::{Extracted, Moved, Sorted, Sum},
    localtime,
    money::{Currency, Money},
    payouts::StatementLine,
    reports::{Format, Line, Report, Subject},
};
use integrations::documents::{Cell, Column, Head, Total};

mod words;

use words::{said, titled, word};

fn french(report: &Report) -> bool {
    report.organization.locale == "fr"
}

const fn column(key: &'static str, width: u8) -> Column {
    Column { key, title: "", width, money: false }
}

const fn money(key: &'static str, width: u8) -> Column {
    Column { key, title: "", width, money: true }
}

/// What stands before the lines.
pub(crate) fn head(report: &Report) -> Head {
    let french = french(report);
    let mut columns = columns(&report.asking.subject);
    for column in &mut columns {
        column.title = titled(french, column.key);
    }
    Head {
        issuer: report.organization.name.clone(),
        title: word(french, report.asking.subject.code()).to_owned(),
        facts: facts(report),
        columns,
        wide: !matches!(report.asking.subject, Subject::Wallet { .. }),
        zone: report.organization.timezone,
        language: report.organization.locale.clone(),
        page: "Page",
    }
}

fn columns(subject: &Subject) -> Vec<Column> {
    match subject {
        Subject::Wallet { .. } => vec![
            column("entry_id", 0),
            column("transaction_id", 0),
            column("occurred_at", 19),
            column("account", 18),
            column("what", 41),
            column("subject_type", 0),
            column("subject_id", 0),
            column("payment_id", 0),
            money("amount", 22),
            column("currency", 0),
        ],
        Subject::Ledger { .. } => vec![
            column("entry_id", 0),
            column("transaction_id", 0),
            column("occurred_at", 13),
            column("account", 18),
            column("owner", 20),
            column("what", 21),
            column("subject_type", 0),
            column("subject_id", 0),
            column("payment_id", 0),
            money("debit", 14),
            money("credit", 14),
            column("currency", 0),
        ],
        Subject::Payout { .. } => vec![
            column("entry_id", 0),
            column("earned_at", 13),
            column("what", 16),
            column("booking", 10),
            column("from", 14),
            column("to", 14),
            column("seats", 0),
            money("fare", 11),
            money("commission", 11),
            money("earned", 11),
            column("currency", 0),
        ],
        Subject::Finance { by: Sorted::Account, everywhere, .. } => vec![
            column("organization", if *everywhere { 12 } else { 0 }),
            column("period", 9),
            column("account", if *everywhere { 15 } else { 20 }),
            column("provider", if *everywhere { 8 } else { 11 }),
            column("entries", 8),
            money("opening", 12),
            money("debit", 12),
            money("credit", 12),
            money("closing", 12),
            column("currency", 0),
        ],
        Subject::Finance { by: Sorted::Provider, everywhere, .. } => vec![
            column("organization", if *everywhere { 14 } else { 0 }),
            column("period", 12),
            column("provider", 14),
            column("what", if *everywhere { 22 } else { 32 }),
            column("entries", 10),
            money("debit", 14),
            money("credit", 14),
            column("currency", 0),
        ],
    }
}

/// What is to be known about a page before its lines.
fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let (french, zone) = (french(report), report.organization.timezone);
    let day = |at| {
        let day = localtime::wall(at, zone).date();
        day.format(if french { "%d/%m/%Y" } else { "%Y-%m-%d" }).to_string()
    };
    let mut facts = Vec::new();
    if let Some(about) = report.about.clone().filter(|name| !name.is_empty()) {
        facts.push((word(french, "holder"), about));
    }
    if let Some(statement) = &report.payout {
        facts.push((word(french, "reference"), statement.payout.id.to_string()));
        facts.push((word(french, "asked"), day(statement.payout.created_at)));
        facts.push((word(french, "status"), said(french, &statement.payout.status)));
    } else {
        let last = report.asking.before.map_or(report.cutoff, |before| before - chrono::TimeDelta::microseconds(1));
        let first = report.asking.from.map_or_else(|| word(french, "beginning").to_owned(), day);
        facts.push((word(french, "period"), format!("{first} – {}", day(last.min(report.cutoff)))));
    }
    facts.push((word(french, "issued"), day(report.cutoff)));
    facts
}

/// A line as the cells of its columns.
pub(crate) fn cells(report: &Report, line: &Line) -> Vec<Cell> {
    let codes = report.asking.format != Format::Pdf;
    let say = |code: &str| Cell::Text(if codes { code.to_owned() } else { said(french(report), code) });
    match line {
        Line::Entry(entry) if matches!(report.asking.subject, Subject::Ledger { .. }) => posted(entry, say),
        Line::Entry(entry) => {
            let mut cells = beginning(entry, &say);
            cells.extend([say(&entry.kind)]);
            cells.extend(subject(entry));
            cells.extend([Cell::Money(entry.rose()), currency(entry.amount.currency)]);
            cells
        }
        Line::Earned(earned) => earning(earned, say),
        Line::Moved { organization, moved } => figures(organization, moved, say),
    }
}

fn beginning(entry: &Extracted, say: &impl Fn(&str) -> Cell) -> Vec<Cell> {
    let ids = [entry.id.to_string(), entry.transaction.to_string()].map(Cell::Text);
    ids.into_iter().chain([Cell::At(entry.occurred_at), say(&entry.account_kind)]).collect()
}

fn subject(entry: &Extracted) -> [Cell; 3] {
    let payment = entry.payment.map_or(Cell::Empty, |payment| Cell::Text(payment.to_string()));
    [Cell::Text(entry.subject_type.clone()), Cell::Text(entry.subject_id.to_string()), payment]
}

fn posted(entry: &Extracted, say: impl Fn(&str) -> Cell) -> Vec<Cell> {
    let mut cells = beginning(entry, &say);
    cells.extend([entry.owner.clone().map_or(Cell::Empty, Cell::Text), say(&entry.kind)]);
    cells.extend(subject(entry));
    let amount = entry.amount;
    cells.extend(match amount.amount {
        debit if debit > 0 => [Cell::Money(amount), Cell::Empty],
        credit => [Cell::Empty, Cell::Money(amount.with(credit.saturating_neg()))],
    });
    cells.push(currency(amount.currency));
    cells
}

fn earning(line: &StatementLine, say: impl Fn(&str) -> Cell) -> Vec<Cell> {
    let text = |text: Option<&String>| text.map_or(Cell::Empty, |text| Cell::Text(text.clone()));
    let ride = line.booking.as_ref();
    vec![
        Cell::Text(line.entry.to_string()),
        Cell::At(line.earned_at),
        say(&line.kind),
        text(ride.map(|ride| &ride.code)),
        text(ride.and_then(|ride| ride.from.as_ref())),
        text(ride.and_then(|ride| ride.to.as_ref())),
        ride.map_or(Cell::Empty, |ride| Cell::Whole(ride.quantity.into())),
        ride.map_or(Cell::Empty, |ride| Cell::Money(ride.fare)),
        ride.map_or(Cell::Empty, |ride| Cell::Money(ride.commission)),
        Cell::Money(line.earned),
        currency(line.earned.currency),
    ]
}

fn figures(organization: &str, moved: &Moved, say: impl Fn(&str) -> Cell) -> Vec<Cell> {
    let amount = |amount| Cell::Money(Money { amount, currency: moved.currency });
    let provider = moved.provider.clone().map_or(Cell::Empty, Cell::Text);
    let mut cells = vec![Cell::Text(organization.to_owned()), Cell::Day(moved.period)];
    match (&moved.what, moved.opening, moved.closing) {
        (Some(what), ..) => cells.extend([provider, say(what), Cell::Whole(moved.entries)]),
        (None, opening, _) => cells.extend([
            say(&moved.account),
            provider,
            Cell::Whole(moved.entries),
            opening.map_or(Cell::Empty, amount),
        ]),
    }
    cells.extend([amount(moved.debit), amount(moved.credit)]);
    cells.extend(moved.closing.map(amount));
    cells.push(currency(moved.currency));
    cells
}

fn currency(currency: Currency) -> Cell {
    Cell::Text(currency.code().to_owned())
}

/// What the lines come to: of one's own accounts as they read them, of the books by side.
pub(crate) fn totals(report: &Report, sums: &[Sum]) -> Vec<Total> {
    let french = french(report);
    let total = |name: &str, amount, currency| Total {
        name: word(french, name).to_owned(),
        amount: Money { amount, currency },
    };
    let mut totals = Vec::new();
    let mut of = |currency: Currency, sum: Option<&Sum>| {
        let (debit, credit) = sum.map_or((0, 0), |sum| (sum.debit, sum.credit));
        let opening =
            report.opening.iter().find(|sum| sum.currency == currency).map_or(0, |sum| sum.credit - sum.debit);
        totals.extend(match report.asking.subject {
            Subject::Wallet { .. } => vec![
                total("opening_balance", opening, currency),
                total("came_in", credit, currency),
                total("went_out", debit.saturating_neg(), currency),
                total("closing_balance", opening + credit - debit, currency),
            ],
            Subject::Payout { .. } => vec![total("paid_out", credit - debit, currency)],
            _ => vec![total("total_debit", debit, currency), total("total_credit", credit, currency)],
        });
    };
    for sum in sums {
        of(sum.currency, Some(sum));
    }
    for opening in report.opening.iter().filter(|opening| !sums.iter().any(|sum| sum.currency == opening.currency)) {
        of(opening.currency, None);
    }
    totals
}
