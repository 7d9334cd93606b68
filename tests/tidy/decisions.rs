//! docs/decisions: numbered without gaps, each with what a reader looks for.

use crate::{expect_complaint, expect_tidy, files, files::File};

const PARTS: [&str; 4] = ["## Context", "## Decision", "## Consequences", "## What would make us change it"];

fn incomplete(decisions: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, decision) in decisions.iter().enumerate() {
        let name = decision.path.rsplit('/').next().unwrap_or_default();
        let number = format!("{:04}", index + 1);
        if !name.starts_with(&format!("{number}-")) {
            complaints.push(format!("{name}: the next number is {number}"));
        }
        if !decision.text.starts_with(&format!("# {number} ")) {
            complaints.push(format!("{name}: its title begins with another number"));
        }
        let missing = PARTS.iter().filter(|part| !decision.text.lines().any(|line| line == **part));
        complaints.extend(missing.map(|part| format!("{name}: lacks {part:?}")));
    }
    complaints
}

#[test]
fn decisions_are_numbered_and_complete() {
    let decisions: Vec<File> = files::all().into_iter().filter(|file| file.is_in(&["docs/decisions"])).collect();
    assert!(decisions.len() >= 5);
    expect_tidy(&incomplete(&decisions));
}

#[test]
fn a_gap_is_seen() {
    let whole = |number: &str| format!("# {number} A\n\n{}\n", PARTS.join("\n\n"));
    let decisions = [
        File::new("docs/decisions/0001-a.md", &whole("0001")),
        File::new("docs/decisions/0003-b.md", &whole("0004").replace("## Context", "")),
    ];
    let complaints = incomplete(&decisions);
    assert_eq!(complaints.len(), 3, "{complaints:?}");
    expect_complaint(&complaints, "the next number is 0002");
    expect_complaint(&complaints, "lacks \"## Context\"");
}
