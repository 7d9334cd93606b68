//! Tables as files that people open elsewhere (K7, V5): comma-separated values, a workbook, pages to print. A table is
//! written line by line; what each format makes of a cell is its own affair.

mod csv;
mod pdf;
mod winansi;
mod xlsx;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{money::Money, reports::Format};

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in files that programs read.
    pub key: &'static str,
    /// What stands above it on a page.
    pub title: &'static str,
    /// Its share of a page's width in percent; 0 leaves it out there.
    pub width: u8,
    /// Whether it holds money: two columns then where programs read, `key_minor` and `key`.
    pub money: bool,
}

/// What stands before the lines.
#[derive(Debug, Clone)]
pub struct Head {
    /// Whose document it is.
    pub issuer: String,
    /// What it is.
    pub title: String,
    /// What else is to be known: `(name, value)`.
    pub facts: Vec<(&'static str, String)>,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// Whether its pages lie on their side.
    pub wide: bool,
    /// Whose clocks it shows.
    pub zone: Tz,
    /// Its language: `fr` or `en`.
    pub language: String,
    /// The word before a page's number.
    pub page: &'static str,
}

/// One value of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text, whatever it looks like: never a formula.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// An amount: in minor units, and as people write it.
    Money(Money),
    /// An instant.
    At(DateTime<Utc>),
    /// A day.
    Day(NaiveDate),
}

/// A sum at the foot of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// Of what.
    pub name: String,
    /// How much.
    pub amount: Money,
}

/// A file that cannot be written: no disk left, or more than its format holds.
#[derive(Debug, thiserror::Error)]
#[error("the document cannot be written: {0}")]
pub struct Unwritable(String);

impl Unwritable {
    #[allow(clippy::needless_pass_by_value, reason = "call sites hand over errors they no longer need")]
    fn because(problem: impl ToString) -> Self {
        Self(problem.to_string())
    }
}

/// A document being written.
pub struct Document(Writing);

enum Writing {
    Csv(csv::Csv),
    Xlsx(Box<xlsx::Xlsx>),
    Pdf(Box<pdf::Pages>),
}

impl Document {
    /// Begins one.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn new(format: Format, head: Head) -> Result<Self, Unwritable> {
        Ok(Self(match format {
            Format::Csv => Writing::Csv(csv::Csv::new(head)?),
            Format::Xlsx => Writing::Xlsx(Box::new(xlsx::Xlsx::new(head)?)),
            Format::Pdf => Writing::Pdf(Box::new(pdf::Pages::new(head))),
        }))
    }

    /// Adds a line: a cell for each column.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn line(&mut self, cells: &[Cell]) -> Result<(), Unwritable> {
        match &mut self.0 {
            Writing::Csv(csv) => csv.line(cells),
            Writing::Xlsx(workbook) => workbook.line(cells),
            Writing::Pdf(pages) => {
                pages.line(cells);
                Ok(())
            }
        }
    }

    /// The bytes that are final already, once: the others keep theirs until the end.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn ready(&mut self) -> Result<Vec<u8>, Unwritable> {
        match &mut self.0 {
            Writing::Csv(csv) => csv.ready(),
            Writing::Xlsx(_) | Writing::Pdf(_) => Ok(Vec::new()),
        }
    }

    /// Ends it with these sums, and answers the rest of its bytes. A table for programs has no sums in it.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn finish(self, totals: &[Total]) -> Result<Vec<u8>, Unwritable> {
        match self.0 {
            Writing::Csv(mut csv) => csv.ready(),
            Writing::Xlsx(workbook) => workbook.finish(totals),
            Writing::Pdf(pages) => Ok(pages.finish(totals)),
        }
    }
}

/// An amount as a plain decimal number: `-12.50`, `6000`.
fn decimal(money: Money) -> String {
    let shown = money.to_string();
    shown.strip_suffix(money.currency.code()).unwrap_or(&shown).trim_end().to_owned()
}

/// What the clocks show at an instant, to the second.
fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}
