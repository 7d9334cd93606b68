//! A room a reader can take in: short files, short lines.

use crate::{code::Code, expect_complaint, expect_tidy, files, files::File};

const LONGEST_FILE: usize = 500;
const USUAL_FILE: usize = 120;
const LONGEST_LINE: usize = 140;

fn long_files(house: &[File]) -> Vec<String> {
    let measured = house.iter().map(|file| (file, file.text.lines().count()));
    let mut complaints: Vec<String> = measured
        .clone()
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(file, lines)| format!("{}: {lines} lines, at most {LONGEST_FILE}", file.path))
        .collect();
    let mut lines: Vec<usize> = measured.map(|(_, lines)| lines).collect();
    lines.sort_unstable();
    let median = lines.get(lines.len() / 2).copied().unwrap_or_default();
    if median > USUAL_FILE {
        complaints.push(format!("half of the files have more than {median} lines; {USUAL_FILE} is usual"));
    }
    complaints
}

/// What stands between quotes cannot always be broken: a fixture, a sentence. It is not counted.
fn long_lines(file: &File) -> Vec<String> {
    let code = file.is("rs").then(|| Code::of(file));
    let mut complaints = Vec::new();
    let mut start = 0;
    for (number, line) in file.text.lines().enumerate() {
        let here = start..start + line.len();
        let quoted: usize = code
            .iter()
            .flat_map(|code| &code.strings)
            .map(|(at, text)| {
                let (from, to) = ((*at).max(here.start), (at + text.len()).min(here.end));
                file.text.get(from..to).map_or(0, |part| part.chars().count())
            })
            .sum();
        let length = line.chars().count() - quoted;
        if length > LONGEST_LINE {
            complaints.push(format!("{}:{}: {length} characters, at most {LONGEST_LINE}", file.path, number + 1));
        }
        start = here.end + 1;
    }
    complaints
}

#[test]
fn files_and_lines_are_short() {
    let house = files::all();
    let rust: Vec<File> = house.iter().filter(|file| file.is("rs")).cloned().collect();
    expect_tidy(&long_files(&rust));
    let long: Vec<String> = house.iter().filter(|file| file.is("rs") || file.is("sql")).flat_map(long_lines).collect();
    expect_tidy(&long);
}

#[test]
fn a_long_file_is_seen() {
    expect_complaint(&long_files(&[File::new("api/src/a.rs", &"a\n".repeat(501))]), "501 lines");
    expect_complaint(
        &long_files(&[File::new("a.rs", &"a\n".repeat(130)), File::new("b.rs", &"a\n".repeat(131))]),
        "half",
    );
}

#[test]
fn a_long_line_is_seen() {
    let long = format!("let a =\n{};", "b".repeat(141));
    expect_complaint(&long_lines(&File::new("a.rs", &long)), "a.rs:2");
    let quoted = format!("let a = \"{}\";", "b".repeat(300));
    expect_tidy(&long_lines(&File::new("a.rs", &quoted)));
    expect_complaint(&long_lines(&File::new("a.sql", &quoted)), "a.sql:1");
}
