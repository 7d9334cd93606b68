//! SQL is written where the rule is: in `domain`, and in `queue` for its own tables. Money rows have one writer.

use crate::{code::Code, expect_complaint, expect_tidy, files, files::File};

/// Ways to send SQL.
const SENDS: [&str; 8] = [
    "sqlx::query",
    "sqlx::query_as",
    "sqlx::query_scalar",
    "sqlx::raw_sql",
    "query!(",
    "query_as!(",
    "query_scalar!(",
    "QueryBuilder",
];

/// Files outside `domain` and `queue` that speak SQL, and why.
const EXCUSED: [(&str, &str); 2] = [
    ("runtime/src/health.rs", "asks whether the database answers"),
    ("runtime/src/pool.rs", "asks whether the login is too powerful, before any rule runs"),
];

/// Tables with one writer.
const WRITERS: [(&str, &str); 4] = [
    ("insert into entries", "domain/src/ledger/post.rs"),
    ("insert into ledger_transactions", "domain/src/ledger/post.rs"),
    ("update accounts", "domain/src/ledger/post.rs"),
    ("insert into audit_events", "domain/src/db.rs"),
];

/// Tables of the post room, and who beside it may name them.
const POST_ROOM: [&str; 7] =
    ["queue.jobs", "queue.workers", "queue.dead", "queue.history", "queue.slots", "queue.paused", "queue.ticks"];

fn strangers(house: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in house.iter().filter(|file| !file.is_in(&["domain", "queue"]) && !file.is_test()) {
        let code = Code::of(file);
        let excused = EXCUSED.iter().any(|(path, _)| *path == file.path);
        let sends = SENDS.iter().flat_map(|send| code.find(send)).filter(|at| !code.is_test_at(*at));
        for at in sends.filter(|_| !excused) {
            complaints.push(format!("{}:{}: SQL outside domain and queue", file.path, code.line_of(at)));
        }
    }
    complaints
}

fn second_writers(house: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in house.iter().filter(|file| !file.is_test()) {
        let code = Code::of(file);
        let strings = code.strings.iter().filter(|(at, _)| !code.is_test_at(*at));
        for (at, text) in strings.map(|(at, text)| (at, text.split_whitespace().collect::<Vec<_>>().join(" "))) {
            let line = code.line_of(*at);
            for (statement, writer) in WRITERS {
                let here = text.match_indices(statement).any(|(found, _)| {
                    !text[found + statement.len()..].starts_with(|c: char| c == '_' || c.is_alphanumeric())
                });
                if here && file.path != writer {
                    complaints.push(format!("{}:{line}: only {writer} may `{statement}`", file.path));
                }
            }
            let looks_inside = POST_ROOM.iter().any(|table| text.contains(table));
            if looks_inside && !file.is_in(&["queue"]) {
                complaints.push(format!("{}:{line}: only queue names the tables of the post room", file.path));
            }
        }
    }
    complaints
}

fn stale_excuses(house: &[File], excuses: &[(&str, &str)]) -> Vec<String> {
    let gone = excuses.iter().filter(|(path, _)| {
        let file = house.iter().find(|file| file.path == *path);
        file.is_none_or(|file| !file.text.contains("sqlx::query") && !file.text.contains("queue."))
    });
    gone.map(|(path, _)| format!("{path} needs no excuse any more: take it off the list")).collect()
}

#[test]
fn sql_stays_in_its_rooms() {
    let house = files::rust();
    expect_tidy(&strangers(&house));
    expect_tidy(&second_writers(&house));
    expect_tidy(&stale_excuses(&house, &EXCUSED));
}

#[test]
fn stray_sql_is_seen() {
    let house = [
        File::new("worker/src/a.rs", "async fn a() {\n    sqlx::query_scalar!(\"select 1\").fetch_one(x).await;\n}"),
        File::new("domain/src/b.rs", "const A: &str = \"insert into\n  entries (id) values ($1)\";"),
        File::new("domain/src/c.rs", "const A: &str = \"update accounts_view set x = 1\";"),
        File::new("domain/src/d.rs", "const A: &str = \"delete from queue.jobs\";"),
    ];
    expect_complaint(&strangers(&house), "worker/src/a.rs:2");
    let complaints = second_writers(&house);
    expect_complaint(&complaints, "domain/src/b.rs:1");
    expect_complaint(&complaints, "domain/src/d.rs:1");
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    expect_complaint(&stale_excuses(&house, &EXCUSED), "runtime/src/pool.rs");
}
