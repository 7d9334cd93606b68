//! Migrations are named by their time and written in lower case. What they make is read in `schema`.

use crate::{expect_complaint, expect_tidy, files};

const SHOUTED: [&str; 12] =
    ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "FROM", "WHERE", "TABLE", "GRANT", "INDEX"];

fn misnamed(names: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut last = "";
    for name in names.iter().filter(|name| *name != "README.md") {
        let (time, rest) = name.split_once('_').unwrap_or((name, ""));
        let words = rest.strip_suffix(".sql").unwrap_or("");
        let sound = time.len() == 14
            && time.chars().all(|c| c.is_ascii_digit())
            && !words.is_empty()
            && words.chars().all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit());
        if !sound {
            complaints.push(format!("migrations/{name}: name it YYYYMMDDhhmmss_what_it_does.sql"));
        }
        if time == last {
            complaints.push(format!("migrations/{name}: another migration has this time"));
        }
        last = time;
    }
    complaints
}

/// SQL without what stands in quotes and comments.
fn shouting(path: &str, sql: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for (number, line) in sql.lines().enumerate() {
        let code = line.split("--").next().unwrap_or_default();
        let unquoted: String = code.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
        if unquoted.split(|c: char| !c.is_alphanumeric()).any(|word| SHOUTED.contains(&word)) {
            complaints.push(format!("{path}:{}: SQL is written in lower case", number + 1));
        }
    }
    complaints
}

#[test]
fn migrations_are_named_by_their_time() {
    let names = files::names("migrations");
    expect_tidy(&misnamed(&names));
    let known: Vec<i64> = domain::MIGRATOR.iter().map(|migration| migration.version).collect();
    assert_eq!(known.len(), names.iter().filter(|name| *name != "README.md").count(), "the programs know every file");
    for file in files::all().iter().filter(|file| file.is("sql")) {
        expect_tidy(&shouting(&file.path, &file.text));
    }
}

#[test]
fn a_misnamed_migration_is_seen() {
    let names =
        ["20260101000000_a.sql", "20260101000000_b.sql", "2026_c.sql", "20260102000000_D.sql"].map(str::to_owned);
    let complaints = misnamed(&names);
    assert_eq!(complaints.len(), 3, "{complaints:?}");
    expect_complaint(&complaints, "b.sql: another");
    expect_complaint(&shouting("a.sql", "select 'UPDATE'; -- SELECT\nSELECT 1;"), "a.sql:2");
}
