//! Comma-separated values (RFC 4180) in UTF-8, as they come.

use super::{Cell, Head, Unwritable, clock, decimal};
use ::csv::{Terminator, Writer, WriterBuilder};
use chrono_tz::Tz;

/// A table of which only the newest lines are in memory.
pub(super) struct Csv {
    writer: Writer<Vec<u8>>,
    money: Vec<bool>,
    zone: Tz,
}

fn fresh() -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new())
}

impl Csv {
    pub(super) fn new(head: Head) -> Result<Self, Unwritable> {
        let mut names = Vec::new();
        for column in &head.columns {
            if column.money {
                names.push(format!("{}_minor", column.key));
            }
            names.push(column.key.to_owned());
        }
        let mut writer = fresh();
        writer.write_record(&names).map_err(Unwritable::because)?;
        Ok(Self { writer, money: head.columns.iter().map(|column| column.money).collect(), zone: head.zone })
    }

    pub(super) fn line(&mut self, cells: &[Cell]) -> Result<(), Unwritable> {
        let mut fields = Vec::with_capacity(cells.len() + 2);
        for (cell, money) in cells.iter().zip(&self.money) {
            if *money {
                fields.push(match cell {
                    Cell::Money(amount) => amount.amount.to_string(),
                    _ => String::new(),
                });
            }
            fields.push(match cell {
                Cell::Empty => String::new(),
                Cell::Text(text) => inert(text),
                Cell::Whole(number) => number.to_string(),
                Cell::Money(amount) => decimal(*amount),
                Cell::At(at) => clock(*at, self.zone),
                Cell::Day(day) => day.to_string(),
            });
        }
        self.writer.write_record(&fields).map_err(Unwritable::because)
    }

    pub(super) fn ready(&mut self) -> Result<Vec<u8>, Unwritable> {
        std::mem::replace(&mut self.writer, fresh()).into_inner().map_err(Unwritable::because)
    }
}

/// What a spreadsheet would take for a formula is marked as text.
fn inert(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    format!("{guard}{text}")
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn no_text_is_a_formula() {
        for text in ["=1+1", "+225", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(inert(text), format!("'{text}"));
        }
        assert_eq!(inert("Awa = Koné"), "Awa = Koné");
    }
}
