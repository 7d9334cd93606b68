//! A workbook of two sheets: the lines, and what they come to. Lines wait in a temporary file, not in memory.

use super::{Cell, Head, Total, Unwritable};
use chrono::Timelike;
use chrono_tz::Tz;
use domain::money::{Currency, Money};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// The widest a column is made, in characters.
const WIDEST: f64 = 38.0;

/// A workbook being written.
pub(super) struct Xlsx {
    workbook: Workbook,
    money: Vec<bool>,
    looks: Looks,
    next: u32,
    zone: Tz,
}

struct Looks {
    title: Format,
    instant: Format,
    day: Format,
    whole: Format,
    cents: Format,
}

impl From<XlsxError> for Unwritable {
    fn from(error: XlsxError) -> Self {
        Self::because(error)
    }
}

impl Xlsx {
    pub(super) fn new(head: Head) -> Result<Self, Unwritable> {
        let looks = Looks {
            title: Format::new().set_bold(),
            instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            whole: Format::new().set_num_format("#,##0"),
            cents: Format::new().set_num_format("#,##0.00"),
        };
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name("lines")?.set_freeze_panes(1, 0)?;
        let mut at = 0;
        for column in &head.columns {
            let names = if column.money { vec![format!("{}_minor", column.key)] } else { Vec::new() };
            for name in names.into_iter().chain([column.key.to_owned()]) {
                let width = (f64::from(column.width.max(8)) * 1.2).clamp(12.0, WIDEST);
                sheet.set_column_width(at, width)?.write_string_with_format(0, at, name, &looks.title)?;
                at += 1;
            }
        }
        let money = head.columns.iter().map(|column| column.money).collect();
        Ok(Self { workbook, money, looks, next: 1, zone: head.zone })
    }

    pub(super) fn line(&mut self, cells: &[Cell]) -> Result<(), Unwritable> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        let (row, mut at) = (self.next, 0);
        for (cell, money) in cells.iter().zip(&self.money) {
            if *money {
                if let Cell::Money(amount) = cell {
                    sheet.write_number(row, at, amount.amount as f64)?;
                }
                at += 1;
            }
            self.looks.write(sheet, row, at, cell, self.zone)?;
            at += 1;
        }
        self.next += 1;
        Ok(())
    }

    pub(super) fn finish(mut self, totals: &[Total]) -> Result<Vec<u8>, Unwritable> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name("totals")?.set_column_width(0, WIDEST)?;
        for (at, name) in (0..).zip(["total", "amount_minor", "amount", "currency"]) {
            sheet.write_string_with_format(0, at, name, &self.looks.title)?;
        }
        for (row, total) in (1..).zip(totals) {
            sheet.write_string(row, 0, &total.name)?.write_number(row, 1, total.amount.amount as f64)?;
            self.looks.write(sheet, row, 2, &Cell::Money(total.amount), self.zone)?;
            sheet.write_string(row, 3, total.amount.currency.code())?;
        }
        Ok(self.workbook.save_to_buffer()?)
    }
}

impl Looks {
    /// Texts are written as texts: a workbook, unlike a table of values, never takes one for a formula.
    fn write(&self, sheet: &mut Worksheet, row: u32, at: u16, cell: &Cell, zone: Tz) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => {
                sheet.write_string(row, at, text)?;
            }
            Cell::Whole(number) => {
                sheet.write_number(row, at, *number as f64)?;
            }
            Cell::Money(amount) => {
                let look = if amount.currency.exponent() == 0 { &self.whole } else { &self.cents };
                sheet.write_number_with_format(row, at, in_major(*amount), look)?;
            }
            Cell::At(when) => {
                let local = when.with_timezone(&zone).naive_local();
                let shown = day(local.date())?.and_hms(
                    small(local.hour()),
                    small(local.minute()).try_into().unwrap_or_default(),
                    f64::from(local.second()),
                )?;
                sheet.write_datetime_with_format(row, at, shown, &self.instant)?;
            }
            Cell::Day(date) => {
                sheet.write_datetime_with_format(row, at, day(*date)?, &self.day)?;
            }
        }
        Ok(())
    }
}

/// Exact for every amount the books may hold: below 2^53 minor units.
fn in_major(money: Money) -> f64 {
    let Money { amount, currency } = money;
    amount as f64 / 10_f64.powi(Currency::exponent(currency).try_into().unwrap_or_default())
}

fn small(number: u32) -> u16 {
    number.try_into().unwrap_or_default()
}

fn day(date: chrono::NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    use chrono::Datelike;
    ExcelDateTime::from_ymd(
        date.year().try_into().unwrap_or_default(),
        date.month().try_into().unwrap_or_default(),
        date.day().try_into().unwrap_or_default(),
    )
}
