//! What a command says to the person who typed it.

use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Writes to standard output, which is what a command is asked for.
///
/// # Errors
/// When nobody reads it any more.
pub fn say(text: &str) -> io::Result<()> {
    io::stdout().write_all(text.as_bytes())
}

/// Success, unless what was to be said could not be.
#[must_use]
pub fn said(written: &io::Result<()>) -> ExitCode {
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Says what is wrong with what was typed, and what can be; ends with `status`.
#[must_use]
pub fn wrong(problem: &str, usage: &str, status: u8) -> ExitCode {
    // Nobody is left to tell when standard error is closed.
    let _ = write!(io::stderr(), "{problem}\n\n{usage}");
    ExitCode::from(status)
}

/// Columns under their headings, as wide as what they hold; the last one runs on. Control characters are left out, so
/// that no stored text can steer the terminal.
#[must_use]
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let clean = |cell: &str| cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let mut lines: Vec<Vec<String>> = vec![headings.iter().map(|heading| (*heading).to_owned()).collect()];
    lines.extend(rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()));
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..headings.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up_and_cannot_steer_the_terminal() {
        let rows = [vec!["payments".to_owned(), "7".to_owned()], vec!["x".to_owned(), "\u{1b}[2J\n".to_owned()]];
        assert_eq!(table(&["queue", "due"], &rows), "queue     due\npayments  7\nx          [2J\n");
    }
}
