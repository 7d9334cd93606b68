//! Comma-separated values (RFC 4180): quotes around what holds a comma, a line end or, doubled, a quote.

/// The records of a text, each with the number of the line it begins on. Empty lines are none.
///
/// # Errors
/// The line on which a quote is never closed.
pub fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { line: 1, begun: 1, quoted: false, field: String::new(), record: Vec::new() };
    let (mut records, mut letters) = (Vec::new(), text.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '"' if reader.quoted && letters.peek() == Some(&'"') => {
                letters.next();
                reader.field.push('"');
            }
            '"' if reader.quoted || reader.field.is_empty() => reader.quoted = !reader.quoted,
            ',' if !reader.quoted => reader.end_field(),
            '\r' if !reader.quoted && letters.peek() == Some(&'\n') => {}
            '\n' if !reader.quoted => records.extend(reader.end_record()),
            other => {
                reader.line += usize::from(other == '\n');
                reader.field.push(other);
            }
        }
    }
    if reader.quoted {
        return Err(format!("line {}: a quote is never closed", reader.begun));
    }
    records.extend(reader.end_record());
    Ok(records)
}

struct Reader {
    line: usize,
    begun: usize,
    quoted: bool,
    field: String,
    record: Vec<String>,
}

impl Reader {
    fn end_field(&mut self) {
        self.record.push(std::mem::take(&mut self.field).trim().to_owned());
    }

    fn end_record(&mut self) -> Option<(usize, Vec<String>)> {
        let begun = self.begun;
        self.line += 1;
        self.begun = self.line;
        self.end_field();
        let record = std::mem::take(&mut self.record);
        record.iter().any(|field| !field.is_empty()).then_some((begun, record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_keep_together_what_belongs_together() {
        let text = "\u{feff}a,b\r\n\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n1,\n";
        let expected = [(1, vec!["a", "b"]), (3, vec!["x, \"y\"", "two\nlines"]), (5, vec!["1", ""])];
        let expected: Vec<_> =
            expected.map(|(n, fields)| (n, fields.into_iter().map(str::to_owned).collect::<Vec<_>>())).into();
        assert_eq!(records(text).unwrap(), expected);
        assert_eq!(records("").unwrap(), []);
        assert_eq!(records("a\n\"b").unwrap_err(), "line 2: a quote is never closed");
    }
}
