//! What an operator sees and does at a terminal, with the real program (QUEUE promise 9).

use harness::{TestApp, process::binary};
use serde_json::{Value, json};
use tokio::process::Command;

struct Said {
    status: i32,
    out: String,
    problem: String,
}

/// Types a command; it is given the database and nothing else.
async fn typed(app: &TestApp, words: &[&str]) -> Said {
    let output = Command::new(binary("teranga-worker"))
        .env_clear()
        .env("DATABASE_URL", app.database.service_url())
        .args(words)
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { status: output.status.code().unwrap(), out: text(output.stdout), problem: text(output.stderr) }
}

async fn read(app: &TestApp, words: &[&str]) -> Value {
    let said = typed(app, &[words, &["--json"]].concat()).await;
    assert_eq!(said.status, 0, "{}", said.problem);
    serde_json::from_str(&said.out).unwrap()
}

async fn bury(app: &TestApp, count: i32) {
    sqlx::query(
        "insert into queue.dead (id, queue, kind, reason, attempts, deaths, priority, payload, created_at)
         select lpad(n::text, 32, '0')::uuid, 'notifications', 'reminder.sweep', 'Timed out', 12, 0, 0,
                '{\"kind\": \"reminder.sweep\", \"note\": \"private\"}', now() from generate_series(1, $1) as n",
    )
    .bind(count)
    .execute(&app.owner)
    .await
    .unwrap();
}

const FIRST: &str = "00000000-0000-0000-0000-000000000001";

#[tokio::test]
async fn an_operator_works_at_a_terminal() {
    let app = TestApp::start().await;
    bury(&app, 3).await;
    let listed = typed(&app, &["jobs", "list"]).await;
    assert_eq!(listed.out.lines().count(), 4, "a heading and three jobs:\n{}", listed.out);
    let shown = typed(&app, &["jobs", "show", FIRST]).await;
    assert!(shown.out.contains("[hidden]") && !shown.out.contains("private"), "{}", shown.out);
    assert_eq!(
        read(&app, &["jobs", "list", "--count", "--error", "timed"]).await["count"],
        json!({ "count": 3, "exact": true })
    );

    read(&app, &["queues", "pause", "notifications", "--as", "awa"]).await;
    let queues = read(&app, &["queues", "list"]).await;
    assert_eq!((&queues["queues"][2]["name"], &queues["queues"][2]["paused"]), (&json!("notifications"), &json!(true)));
    read(&app, &["queues", "resume", "notifications", "--as", "awa"]).await;
    read(&app, &["jobs", "cancel", FIRST, "--reason", "a test", "--as", "awa"]).await;
    assert_eq!(read(&app, &["jobs", "show", FIRST]).await["runs"][0]["worker"], "terminal:awa");
    assert_eq!(read(&app, &["jobs", "redrive", "--dry-run"]).await["matching"]["count"], 2);
    read(&app, &["jobs", "retry", "00000000-0000-0000-0000-000000000002", "--as", "awa"]).await;
    assert_eq!(read(&app, &["jobs", "redrive", "--max", "5", "--as", "awa"]).await["posted"], 1);
    let signed = "select count(*) from audit_events where actor_type = 'system' and meta ->> 'terminal_user' = 'awa'";
    assert_eq!(app.count(signed).await, 5, "each act once");
    app.finish().await;
}

#[tokio::test]
async fn what_cannot_be_done_says_so_and_changes_nothing() {
    let app = TestApp::start().await;
    bury(&app, 3).await;
    let before = app.picture().await;
    for (status, words) in [
        (1, &["jobs", "show", "00000000-0000-0000-0000-000000000009"][..]),
        (1, &["jobs", "retry", "00000000-0000-0000-0000-000000000009", "--as", "awa"]),
        (1, &["jobs", "redrive", "--max", "2", "--as", "awa"]),
        (1, &["queues", "pause", "none", "--as", "awa"]),
        (2, &["jobs", "cancel", FIRST, "--reason", "a test"]),
        (2, &["jobs", "list", "--state", "done"]),
        (2, &["jobs", "list", "--kind"]),
        (2, &["jobs"]),
        (2, &["job", "list"]),
    ] {
        let said = typed(&app, words).await;
        assert_eq!((said.status, said.out.as_str()), (status, ""), "{words:?}: {}", said.problem);
        assert!(!said.problem.is_empty(), "{words:?}");
    }
    assert_eq!(typed(&app, &["--help"]).await.status, 0);
    assert_eq!(app.picture().await, before);
    app.finish_expecting_dead(3).await;
}
