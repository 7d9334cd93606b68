//! Words that do not belong in a finished house. The list is written in pieces, so that it does not find itself.

use crate::{code::Code, expect_complaint, expect_tidy, files, files::File};

/// Written anywhere, in any case.
const BANNED: [(&str, &str); 15] = [
    (concat!("crates", ".io"), "a registry's host"),
    (concat!("docker", ".io"), "a registry's host"),
    (concat!("ghcr", ".io"), "a registry's host"),
    (concat!("quay", ".io"), "a registry's host"),
    (concat!("npmjs", ".org"), "a registry's host"),
    (concat!("npmjs", ".com"), "a registry's host"),
    (concat!("pypi", ".org"), "a registry's host"),
    (concat!("proxy", ".golang"), "a registry's host"),
    (concat!("../", "shared"), "the project stands alone"),
    (concat!("work in ", "progress"), "finish it or leave it out"),
    (concat!("(being ", "built)"), "finish it or leave it out"),
    (concat!("quick ", "fix"), "mend it well"),
    (concat!("temporary ", "hack"), "mend it well"),
    (concat!("not yet ", "implemented"), "finish it or leave it out"),
    (concat!("lorem ", "ipsum"), "say something"),
];

/// Notes to oneself, as whole words.
const NOTES: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), concat!("HA", "CK")];

/// Macros that stand for missing code.
const MISSING_CODE: [&str; 3] = [concat!("to", "do!"), concat!("unimple", "mented!"), concat!("db", "g!")];

/// It promises a later that never comes, unless somebody waits.
const POSTPONED: &str = concat!("for", " now");
const WAITING: &str = concat!("waits for", " now");

fn unwanted(file: &File) -> Vec<String> {
    let mut complaints = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let small = line.to_lowercase();
        let mut complain =
            |what: &str, why: &str| complaints.push(format!("{}:{}: {what:?}: {why}", file.path, number + 1));
        for (word, why) in BANNED.iter().filter(|(word, _)| small.contains(word)) {
            complain(word, why);
        }
        let words = || line.split(|c: char| !c.is_alphanumeric());
        for note in NOTES.iter().filter(|note| words().any(|word| word == **note)) {
            complain(note, "do it, or open an issue");
        }
        let postponed = small
            .replace(WAITING, "")
            .match_indices(POSTPONED)
            .any(|(at, _)| !small[at..].starts_with(&format!("{POSTPONED}here")));
        if postponed {
            complain(POSTPONED, "say what is so and why");
        }
    }
    if file.is("rs") {
        let code = Code::of(file);
        for missing in MISSING_CODE {
            let found = code.find(missing).map(|at| format!("{}:{}: {missing}", file.path, code.line_of(at)));
            complaints.extend(found);
        }
    }
    complaints
}

#[test]
fn no_unwanted_word_is_left() {
    let complaints: Vec<String> = files::all().iter().flat_map(unwanted).collect();
    expect_tidy(&complaints);
}

#[test]
fn an_unwanted_word_is_seen() {
    for (text, about) in [
        (concat!("see https://static.crates", ".io/x"), "registry"),
        (concat!("// to", "do later\n// TO", "DO: later"), "a.rs:2"),
        (concat!("fn a() { to", "do!() }"), "a.rs:1"),
        (concat!("// good enough for", " now."), "say what is so"),
        (concat!("read ../", "shared/x"), "alone"),
    ] {
        expect_complaint(&unwanted(&File::new("a.rs", text)), about);
    }
    expect_tidy(&unwanted(&File::new("a.rs", concat!("// whom it waits for", " now; mktemp XXXXXX"))));
}
