//! Time, luck and the environment come in through one door each (clippy.toml), and every exception says why.

use crate::{code::Code, expect_complaint, expect_tidy, files, files::File};

const SHORTCUTS: [&str; 10] = [
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "Uuid::$draw",
    "env::var",
    "env::var_os",
    "reqwest::get",
    "reqwest::Client::new",
];

/// Where a shortcut is taken on purpose.
const TAKEN: [(&str, &str); 9] = [
    ("api/src/routes/trips/ask.rs", "an example in the document decides nothing"),
    ("api/src/routes/webhooks.rs", "the age of a signature is a question about real time"),
    ("domain/src/ids.rs", "the one place that makes ids"),
    ("integrations/src/http.rs", "a signature is about real time"),
    ("queue/src/job.rs", "ids of queue rows never leave the house"),
    ("runtime/src/env.rs", "the one place that reads the environment"),
    ("runtime/src/requests.rs", "an id for logs decides nothing"),
    ("runtime/src/trace.rs", "an id for logs decides nothing"),
    ("sandbox/src/sandbox.rs", "the sandbox stands outside the house and has its own clock"),
];

/// Exceptions without a written reason, of one kind each.
const SPEAK_FOR_THEMSELVES: [(&str, &str, &str); 2] = [
    ("api/", "dead_code", "described for the OpenAPI document, read by its macro only"),
    ("domain/src/ids.rs", "clippy::disallowed_methods", "the macro that makes ids"),
];

fn shortcuts(house: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in house.iter().filter(|file| !file.is_test()) {
        let code = Code::of(file);
        let taken: Vec<usize> =
            SHORTCUTS.iter().flat_map(|shortcut| code.find(shortcut)).filter(|at| !code.is_test_at(*at)).collect();
        if TAKEN.iter().any(|(path, _)| *path == file.path) {
            continue;
        }
        for at in taken {
            complaints.push(format!("{}:{}: clippy.toml says what to use instead", file.path, code.line_of(at)));
        }
    }
    complaints
}

fn unused_permits(house: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, _) in TAKEN {
        let taken = house
            .iter()
            .filter(|file| file.path == path)
            .map(Code::of)
            .any(|code| SHORTCUTS.iter().flat_map(|shortcut| code.find(shortcut)).any(|at| !code.is_test_at(at)));
        if !taken {
            complaints.push(format!("{path} takes no shortcut any more: take it off the list"));
        }
    }
    complaints
}

/// `#[allow(…)]` and `#[expect(…)]` outside tests carry a reason, or a comment on their line.
fn silent_exceptions(house: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in house.iter().filter(|file| !file.is_test()) {
        let code = Code::of(file);
        for at in ["#[allow(", "#![allow(", "#[expect("].iter().flat_map(|start| code.find(start)) {
            let attribute = code.bare[at..].split(']').next().unwrap_or_default();
            let spoken = attribute.contains("reason =") || code.line_at(at).contains("//");
            let known = SPEAK_FOR_THEMSELVES
                .iter()
                .any(|(path, lint, _)| file.path.starts_with(path) && attribute.contains(lint));
            if !spoken && !known && !code.is_test_at(at) {
                complaints.push(format!("{}:{}: an exception without a reason", file.path, code.line_of(at)));
            }
        }
    }
    complaints
}

#[test]
fn time_and_luck_come_from_outside() {
    let house = files::rust();
    expect_tidy(&shortcuts(&house));
    expect_tidy(&unused_permits(&house));
    expect_tidy(&silent_exceptions(&house));
}

#[test]
fn a_shortcut_is_seen() {
    let house = [
        File::new("domain/src/a.rs", "fn a() {\n let b = chrono::Utc::now(); // Utc::now\n}"),
        File::new("domain/src/b.rs", "#[allow(dead_code)]\nfn a() {}\n#[allow(unused)] // said\nfn b() {}"),
        File::new("domain/src/c.rs", "#[cfg(test)]\nmod tests {\n fn a() { Uuid::new_v4(); }\n}"),
    ];
    assert_eq!(shortcuts(&house), ["domain/src/a.rs:2: clippy.toml says what to use instead"]);
    assert_eq!(silent_exceptions(&house), ["domain/src/b.rs:1: an exception without a reason"]);
    expect_complaint(&unused_permits(&house), "domain/src/ids.rs");
}
