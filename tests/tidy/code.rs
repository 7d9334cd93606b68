//! Just enough reading of Rust: where comments and strings are, where functions begin and end, what is test code.

use crate::files::File;
use std::ops::Range;

/// A Rust file taken apart.
pub struct Code {
    /// The text with comments and the insides of strings blanked out, byte for byte as long as the original.
    pub bare: String,
    /// Every string literal: where its content begins, and the content as written.
    pub strings: Vec<(usize, String)>,
    text: String,
    tests: Vec<Range<usize>>,
}

/// A function with a body.
pub struct Function {
    pub name: String,
    pub line: usize,
    /// From its first line to its closing brace.
    pub lines: usize,
}

impl Code {
    pub fn of(file: &File) -> Self {
        let (bare, strings) = blank(&file.text);
        let tests = if file.is_test() { std::iter::once(0..bare.len()).collect() } else { test_modules(&bare) };
        Self { bare, strings, text: file.text.clone(), tests }
    }

    /// The file without its comments, strings as written: what it does, not what it says about itself.
    pub fn with_strings(file: &File) -> String {
        let code = Self::of(file);
        let mut text = code.bare.into_bytes();
        for (at, string) in &code.strings {
            text[*at..at + string.len()].copy_from_slice(string.as_bytes());
        }
        String::from_utf8(text).unwrap()
    }

    pub fn line_of(&self, at: usize) -> usize {
        1 + self.bare.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count()
    }

    /// The whole line around `at`, as written.
    pub fn line_at(&self, at: usize) -> &str {
        let start = self.text[..at].rfind('\n').map_or(0, |found| found + 1);
        self.text[start..].lines().next().unwrap_or_default()
    }

    pub fn is_test_at(&self, at: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&at))
    }

    /// Where `word` stands in bare code, not as a part of a longer word.
    pub fn find<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let bytes = self.bare.as_bytes();
        let (first, last) = (word.as_bytes()[0], word.as_bytes()[word.len() - 1]);
        self.bare.match_indices(word).map(|(at, _)| at).filter(move |at| {
            let before = at.checked_sub(1).map(|before| bytes[before]);
            let after = bytes.get(at + word.len()).copied();
            let goes_on = |neighbour: Option<u8>, end: u8| is_word(end) && neighbour.is_some_and(is_word);
            !goes_on(before, first) && !goes_on(after, last)
        })
    }

    /// Every function that is not a test's.
    pub fn functions(&self) -> Vec<Function> {
        let bytes = self.bare.as_bytes();
        let mut functions = Vec::new();
        for at in self.find("fn") {
            let name: String = self.bare[at + 2..].trim_start().chars().take_while(|c| is_word_char(*c)).collect();
            let body = self.bare[at..].find(['{', ';']).map(|offset| at + offset);
            let Some(open) = body.filter(|open| bytes[*open] == b'{' && !name.is_empty()) else { continue };
            let line = self.line_of(at);
            let lines = self.line_of(closing(bytes, open)) - line + 1;
            if !self.is_test_at(at) {
                functions.push(Function { name, line, lines });
            }
        }
        functions
    }
}

/// The position of the brace that closes the one at `open`.
pub fn closing(bytes: &[u8], open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len() - 1
}

fn test_modules(bare: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in bare.match_indices("#[cfg(test)]") {
        if let Some(open) = bare[at..].find(['{', ';']).map(|offset| at + offset) {
            found.push(at..closing(bare.as_bytes(), open));
        }
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn is_word_char(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

fn blank(text: &str) -> (String, Vec<(usize, String)>) {
    let bytes = text.as_bytes();
    let mut bare = bytes.to_vec();
    let mut strings = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let end = if rest.starts_with(b"//") {
            let end = rest.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |line| at + line);
            wipe(&mut bare, at..end);
            end
        } else if rest.starts_with(b"/*") {
            let end = end_of_block(bytes, at);
            wipe(&mut bare, at..end);
            end
        } else if let Some((content, end)) = string_at(bytes, at) {
            strings.push((content.start, text[content.clone()].to_owned()));
            wipe(&mut bare, content);
            end
        } else if bytes[at] == b'\'' {
            let end = end_of_char(bytes, at);
            wipe(&mut bare, at + 1..end.saturating_sub(1).max(at + 1));
            end
        } else {
            at + 1
        };
        at = end;
    }
    (String::from_utf8(bare).unwrap(), strings)
}

/// Spaces for everything but line ends; several bytes of one letter become several spaces.
fn wipe(bare: &mut [u8], range: Range<usize>) {
    for byte in &mut bare[range] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn end_of_block(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0;
    let mut at = start;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

/// The content and the end of a string literal that begins at `at`: plain, byte or raw.
fn string_at(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    if at > 0 && is_word(bytes[at - 1]) && bytes[at] != b'"' {
        return None; // the r of `for` begins nothing
    }
    let mut start = at;
    start += usize::from(bytes[start] == b'b' || bytes[start] == b'c');
    if bytes.get(start) == Some(&b'r') {
        let hashes = bytes[start + 1..].iter().take_while(|byte| **byte == b'#').count();
        let open = start + 1 + hashes;
        if bytes.get(open) != Some(&b'"') {
            return None;
        }
        let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
        let length = bytes[open + 1..].windows(close.len()).position(|window| window == close)?;
        return Some((open + 1..open + 1 + length, open + 1 + length + close.len()));
    }
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    let mut end = start + 1;
    while end < bytes.len() && bytes[end] != b'"' {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    Some((start + 1..end.min(bytes.len()), end + 1))
}

/// A character literal ends at its quote; a lifetime has none and ends at once.
fn end_of_char(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at + 1) == Some(&b'\\') {
        return bytes[at + 3..].iter().position(|byte| *byte == b'\'').map_or(at + 1, |close| at + 4 + close);
    }
    let width = match bytes.get(at + 1) {
        Some(0xf0..) => 4,
        Some(0xe0..) => 3,
        Some(0xc0..) => 2,
        _ => 1,
    };
    if bytes.get(at + 1 + width) == Some(&b'\'') { at + 2 + width } else { at + 1 }
}

#[test]
fn comments_strings_and_characters_are_told_apart() {
    let text = "fn a<'x>() { let b = '{'; // }\n let c = \"}\\\"\"; /* } /* } */ */ let d = r#\"\"}\"#; }\nfn e() {}";
    let code = Code::of(&File::new("api/src/a.rs", text));
    assert_eq!(code.bare.len(), text.len());
    assert_eq!(code.strings.iter().map(|(_, s)| s.as_str()).collect::<Vec<_>>(), ["}\\\"", "\"}"]);
    let functions: Vec<_> = code.functions().into_iter().map(|f| (f.name, f.line, f.lines)).collect();
    assert_eq!(functions, [("a".to_owned(), 1, 2), ("e".to_owned(), 3, 1)]);
}

#[test]
fn what_tests_do_is_not_what_the_house_does() {
    let code = Code::of(&File::new("api/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\nfn c() {}"));
    assert_eq!(code.functions().into_iter().map(|f| f.name).collect::<Vec<_>>(), ["a", "c"]);
    let code = Code::of(&File::new("queue/tests/queue/a.rs", "fn a() {}"));
    assert!(code.functions().is_empty());
}
