//! What the documents name is there: crates, files, functions, metrics.

use crate::{arrows, code::Code, expect_complaint, expect_tidy, files, files::File};
use std::collections::BTreeSet;

type Names = BTreeSet<String>;

/// Everything between backticks, outside code blocks.
fn ticked(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if !in_code {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found
}

/// The first column of the table under the heading "Rooms".
fn rooms_of(architecture: &str) -> Names {
    let section = architecture.split("\n## ").find(|section| section.starts_with("Rooms")).unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).map(str::to_owned).collect()
}

fn wrong_rooms(named: &Names, members: &Names) -> Vec<String> {
    let missing = members.difference(named).map(|room| format!("docs/ARCHITECTURE.md does not name {room}"));
    let extra = named.difference(members).map(|room| format!("docs/ARCHITECTURE.md names {room}, which is no room"));
    missing.chain(extra).collect()
}

/// `a/b.rs` is a file; `…_name.sql` is one that ends so; `name()` and `a::b` are words of the code.
fn strangers(documents: &[File], house: &[File], words: &Names) -> Vec<String> {
    let mut complaints = Vec::new();
    for document in documents {
        for name in ticked(&document.text) {
            let is_file = [".rs", ".sql", ".md", ".toml", ".yml", ".sh", ".json"].iter().any(|end| name.ends_with(end));
            if is_file && !name.contains(' ') {
                let tail = name.rsplit('…').next().unwrap_or(name);
                let known = house.iter().any(|file| {
                    file.path == name
                        || file.path.ends_with(&format!("/{tail}"))
                        || name.contains('…') && file.path.ends_with(tail)
                });
                if !known && !name.starts_with('/') && !name.starts_with('*') {
                    complaints.push(format!("{}: there is no {name}", document.path));
                }
            }
            let called = name.strip_suffix("()").or_else(|| Some(name).filter(|name| name.contains("::")));
            let plain = |part: &&str| !part.is_empty() && part.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
            let parts: Vec<&str> = called.map(|called| called.split("::").collect()).unwrap_or_default();
            if !parts.is_empty() && parts.iter().all(plain) && !parts.iter().all(|part| words.contains(*part)) {
                complaints.push(format!("{}: the code has no {name}", document.path));
            }
        }
    }
    complaints
}

fn words(house: &[File]) -> Names {
    let code = house.iter().filter(|file| file.is("rs"));
    let mut words: Names = code
        .flat_map(|file| file.text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()))
        .map(str::to_owned)
        .collect();
    let modules =
        house.iter().flat_map(|file| file.path.split('/')).map(|part| part.trim_end_matches(".rs").to_owned());
    words.extend(modules);
    words
}

/// The names given to `counter!`, `gauge!` and `histogram!`.
fn metrics(house: &[File]) -> Names {
    let mut names = Names::new();
    for file in house.iter().filter(|file| file.is("rs") && !file.is_test()) {
        let code = Code::of(file);
        for at in ["counter!(", "gauge!(", "histogram!("].iter().flat_map(|call| code.find(call)) {
            let name = code.strings.iter().find(|(start, _)| *start > at).filter(|_| !code.is_test_at(at));
            names.extend(name.map(|(_, name)| name.clone()));
        }
    }
    names
}

/// Every metric has its line in the operators' page, in the first column of a table, and every line its metric.
fn unexplained_metrics(measured: &Names, operations: &str) -> Vec<String> {
    let section = operations.split("\n## ").find(|section| section.starts_with("Metrics")).unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let explained: Names = rows.filter_map(|row| row.split(['`', '{']).next()).map(str::to_owned).collect();
    let missing = measured.difference(&explained).map(|name| format!("docs/OPERATIONS.md does not explain {name}"));
    let extra = explained
        .difference(measured)
        .map(|name| format!("docs/OPERATIONS.md explains {name}, which nothing measures"));
    missing.chain(extra).collect()
}

/// What the dashboards plot: names before `{` or `[` in an expression.
fn unknown_plots(dashboard: &str, measured: &Names) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(dashboard).unwrap();
    let mut expressions = Vec::new();
    collect(&json, &mut expressions);
    let mut complaints = Vec::new();
    for expression in expressions {
        for (at, _) in expression.match_indices(['{', '[']) {
            let before = &expression[..at];
            let name = before.rsplit(|c: char| c != '_' && !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            let base = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            if !base.is_empty() && !measured.contains(base) && !measured.contains(name) {
                complaints.push(format!("the dashboard plots {name}, which nothing measures"));
            }
        }
    }
    complaints
}

fn collect(json: &serde_json::Value, found: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(fields) => {
            found.extend(fields.get("expr").and_then(|value| value.as_str()).map(str::to_owned));
            fields.values().for_each(|value| collect(value, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

#[test]
fn the_plan_names_every_room() {
    expect_tidy(&wrong_rooms(&rooms_of(&files::read("docs/ARCHITECTURE.md")), &arrows::members()));
}

#[test]
fn what_the_documents_name_is_there() {
    let house = files::all();
    let documents: Vec<File> =
        house.iter().filter(|file| file.is("md") && file.path != "CHANGELOG.md").cloned().collect();
    expect_tidy(&strangers(&documents, &house, &words(&house)));
}

#[test]
fn every_metric_is_explained() {
    let house = files::all();
    let measured = metrics(&house);
    assert!(measured.len() > 20, "{measured:?}");
    expect_tidy(&unexplained_metrics(&measured, &files::read("docs/OPERATIONS.md")));
    for dashboard in house.iter().filter(|file| file.is_in(&["ops/grafana/dashboards"])) {
        expect_tidy(&unknown_plots(&dashboard.text, &measured));
    }
}

#[test]
fn a_name_without_a_thing_is_seen() {
    let named =
        rooms_of("# A\n\n## Rooms\n\n| room | is |\n|---|---|\n| `api` | x |\n| `core` | y |\n\n## Next\n| `z` |");
    let complaints = wrong_rooms(&named, &["api", "queue"].map(str::to_owned).into());
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    let page =
        File::new("docs/a.md", "`api/src/gone.rs` `…_bookings.sql` `settle()` `a::lost` `Tx::commit` `just words`");
    let house = [File::new("migrations/1_bookings.sql", ""), File::new("api/src/a.rs", "fn settle() { Tx::commit() }")];
    let complaints = strangers(&[page], &house, &words(&house));
    assert_eq!(complaints, ["docs/a.md: there is no api/src/gone.rs", "docs/a.md: the code has no a::lost"]);
    let measured = metrics(&[File::new("api/src/a.rs", "fn a() { metrics::counter!(\"hits_total\").increment(1); }")]);
    let complaints = unexplained_metrics(&measured, "# A\n\n## Metrics\n\n| `misses_total` | x |\n");
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    let plots = r#"{ "a": [{ "expr": "rate(hits_total[1m]) + sum(rate(wait_seconds_bucket{a=\"b\"}[1m]))" }] }"#;
    expect_complaint(&unknown_plots(plots, &measured), "wait_seconds_bucket");
}
