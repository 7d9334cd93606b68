//! Links between documents lead somewhere.

use crate::{expect_complaint, expect_tidy, files, files::File};
use std::collections::BTreeSet;

/// The targets of `](…)` outside code blocks.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        let links = line.split("](").skip(1).filter_map(|part| part.split(')').next());
        found.extend(links.filter(|_| !in_code).map(|target| (number + 1, target.to_owned())));
    }
    found
}

/// The anchor a heading gets.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    text.lines().filter(|line| line.starts_with('#')).map(anchor).collect()
}

fn broken(documents: &[File], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut complaints = Vec::new();
    for document in documents {
        let home = document.path.rsplit_once('/').map_or("", |(home, _)| home);
        for (line, target) in targets(&document.text).into_iter().filter(|(_, target)| !target.contains("://")) {
            let (path, heading) =
                target.split_once('#').map_or((target.as_str(), None), |(path, heading)| (path, Some(heading)));
            let path = if path.is_empty() { document.path.clone() } else { joined(home, path) };
            if !exists(&path) {
                complaints.push(format!("{}:{line}: {target} leads nowhere", document.path));
                continue;
            }
            let page = documents.iter().find(|page| page.path == path);
            if let (Some(heading), Some(page)) = (heading, page)
                && !anchors(&page.text).contains(heading)
            {
                complaints.push(format!("{}:{line}: {path} has no heading #{heading}", document.path));
            }
        }
    }
    complaints
}

fn joined(home: &str, path: &str) -> String {
    let mut parts: Vec<&str> = home.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[test]
fn links_lead_somewhere() {
    let documents: Vec<File> = files::all().into_iter().filter(|file| file.is("md")).collect();
    expect_tidy(&broken(&documents, files::exists));
}

#[test]
fn a_broken_link_is_seen() {
    let documents = [
        File::new(
            "docs/a.md",
            "# The *first*, `it`\n[x](b.md) [y](decisions/c.md#two) [z](https://a.b/c)\n```\n[q](r)\n```",
        ),
        File::new("docs/decisions/c.md", "[up](../a.md#the-first-it)"),
    ];
    let complaints = broken(&documents, |path| path != "docs/b.md");
    assert_eq!(complaints, ["docs/a.md:2: b.md leads nowhere", "docs/a.md:2: docs/decisions/c.md has no heading #two"]);
    expect_complaint(&complaints, "a.md:2");
}
