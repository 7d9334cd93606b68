//! Operators see every job and steer it, and each act is told once (QUEUE promise 9).

use chrono::TimeDelta;
use domain::jobs::Maintenance;
use harness::{Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// A job that died, as the queue leaves it.
async fn bury(app: &TestApp, id: u32, reason: &str) -> String {
    sqlx::query_scalar(
        "insert into queue.dead (id, queue, kind, org_id, reason, attempts, deaths, priority, payload, created_at)
         values (lpad($1::text, 32, '0')::uuid, 'notifications', 'reminder.sweep', null, $2, 12, 0, 0,
                 '{\"kind\": \"reminder.sweep\", \"note\": \"private\"}', now()) returning id::text",
    )
    .bind(i32::try_from(id).unwrap())
    .bind(reason)
    .fetch_one(&app.owner)
    .await
    .unwrap()
}

/// What a request left in the audit trail: `entity action`.
async fn left(app: &TestApp, request: &str) -> Vec<String> {
    sqlx::query_scalar("select entity_type || ' ' || action from audit_events where request_id = $1")
        .bind(request)
        .fetch_all(&app.owner)
        .await
        .unwrap()
}

async fn act(app: &TestApp, by: &Person, request: &str, path: &str, body: &Value) -> harness::Answer {
    app.ask(Method::POST, path).by(by).header("x-request-id", request).json(body).send().await
}

#[tokio::test]
async fn a_job_is_followed_from_its_request_to_its_end() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    let (ride, rider) = (app.ride(2, 4_000).await, app.rider().await);
    let body = json!({ "trip_id": ride.id, "seats": 1 });
    let ask = app.ask(Method::POST, "/bookings").by(&rider).key("book").header("x-request-id", "the-booking");
    ask.json(&body).send().await.expect(201);

    let listed = app.get(&admin, "/ops/jobs?state=scheduled&kind=booking.expire_hold&count=true").await.expect(200);
    assert_eq!(listed.data("/count"), json!({ "count": 1, "exact": true }));
    let path = format!("/ops/jobs/{}", listed.text("/jobs/0/id"));
    let life = app.get(&admin, &path).await.expect(200);
    assert_eq!((life.text("/state"), life.text("/request_id")), ("scheduled".into(), "the-booking".into()));
    assert_eq!(life.data("/runs"), json!([]));
    assert!(life.data("/payload/booking").is_string(), "{}", life.body);

    act(&app, &admin, "now", &format!("{path}/retry"), &json!({})).await.expect(200);
    assert_eq!(left(&app, "now").await, ["job STATUS_CHANGE"]);
    let again = act(&app, &admin, "again", &format!("{path}/retry"), &json!({})).await;
    assert_eq!(again.refused(409, "state_conflict").details()["status"], "waiting");
    app.drain().await;
    let life = app.get(&admin, &path).await.expect(200);
    assert_eq!((life.text("/state"), life.text("/runs/0/outcome")), ("done".into(), "done".into()));
    act(&app, &admin, "late", &format!("{path}/cancel"), &json!({ "reason": "a test" }))
        .await
        .refused(404, "not_found");
    assert_eq!(left(&app, "again").await.len() + left(&app, "late").await.len(), 0);
    app.finish().await;
}

#[tokio::test]
async fn a_job_taken_away_never_runs_and_says_who_took_it() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    let dead = bury(&app, 1, "the other side was away").await;
    let path = format!("/ops/jobs/{dead}");
    assert_eq!(app.get(&admin, &path).await.expect(200).data("/payload/note"), "[hidden]");
    for wrong in
        [json!({}), json!({ "reason": "" }), json!({ "reason": "a".repeat(201) }), json!({ "reason": "a", "b": 1 })]
    {
        act(&app, &admin, "wrong", &format!("{path}/cancel"), &wrong).await.refused(400, "validation_error");
    }
    act(&app, &admin, "away", &format!("{path}/cancel"), &json!({ "reason": "not needed" })).await.expect(200);
    assert_eq!(left(&app, "away").await, ["job STATUS_CHANGE"]);
    let life = app.get(&admin, &path).await.expect(200);
    assert_eq!((life.text("/state"), life.text("/error")), ("cancelled".into(), "not needed".into()));
    assert_eq!(life.text("/runs/0/worker"), format!("user:{}", admin.id));
    assert_eq!(app.get(&admin, "/ops/jobs?state=cancelled").await.expect(200).text("/jobs/0/id"), dead);
    app.finish().await;
}

#[tokio::test]
async fn the_dead_are_looked_at_before_they_are_posted_again() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    for id in 1..=3 {
        bury(&app, id, "Timed out").await;
    }
    bury(&app, 4, "refused").await;
    let before = app.picture().await;
    let look = act(&app, &admin, "look", "/ops/jobs/redrive?dry_run=true&error=timed", &json!({})).await.expect(200);
    assert_eq!((look.int("/matching/count"), look.int("/posted")), (3, 0));
    assert_eq!(
        look.data("/groups/0"),
        json!({ "queue": "notifications", "kind": "reminder.sweep", "reason": "Timed out", "count": 3 })
    );
    act(&app, &admin, "blind", "/ops/jobs/redrive?error=timed", &json!({})).await.refused(400, "validation_error");
    // a filter that would not be heard must not mean all
    let body = json!({ "error": "timed" });
    act(&app, &admin, "body", "/ops/jobs/redrive?max=9", &body).await.refused(400, "validation_error");
    let few = act(&app, &admin, "few", "/ops/jobs/redrive?error=timed&max=2", &json!({})).await;
    assert_eq!(few.refused(409, "more_than_expected").details(), &json!({ "matched": 3, "max": 2 }));
    assert_eq!(app.picture().await, before, "nothing changed so far");

    let done = act(&app, &admin, "redrive", "/ops/jobs/redrive?error=timed&max=3", &json!({})).await.expect(200);
    assert_eq!(done.int("/posted"), 3);
    assert_eq!(left(&app, "redrive").await, ["dead_letters STATUS_CHANGE"]);
    let meta: Value = sqlx::query_scalar("select meta from audit_events where request_id = 'redrive'")
        .fetch_one(&app.owner)
        .await
        .unwrap();
    assert_eq!(meta, json!({ "filter": { "error": "timed" }, "count": 3 }));
    app.finish_expecting_dead(1).await;
}

#[tokio::test]
async fn a_list_goes_on_at_its_cursor_and_refuses_what_it_does_not_know() {
    let app = TestApp::start().await;
    let admin = app.person("Ibrahim", &["admin"]).await;
    for id in 1..=5 {
        bury(&app, id, "Timed out").await;
    }
    let (mut seen, mut path) = (Vec::new(), "/ops/jobs?limit=2".to_owned());
    loop {
        let page = app.get(&admin, &path).await.expect(200);
        seen.extend(page.data("/jobs").as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.data("/next_cursor").as_str().map(str::to_owned) else { break };
        path = format!("/ops/jobs?limit=2&cursor={cursor}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let before = app.picture().await;
    for wrong in [
        "state=done",
        "state=finished&created_after=2026-11-27T10:00:00Z",
        "state=waiting&ended_before=2026-11-27T10:00:00Z",
        "created_after=yesterday",
        "created_after=2026-11-27T10:00:00Z&created_before=2026-11-27T09:00:00Z",
        "organization=allocar",
        "organization=00000000-0000-0000-0000-000000000000",
        "error=ab",
        "cursor=x",
        "cursor=ffffffffffffffff00000000000000000000000000000000",
        "limit=0",
        "limit=201",
        "count=perhaps",
        "queue=a%00b",
        "colour=red",
    ] {
        app.get(&admin, &format!("/ops/jobs?{wrong}")).await.refused(400, "validation_error");
        act(&app, &admin, "w", &format!("/ops/jobs/redrive?max=0&{wrong}"), &json!({}))
            .await
            .refused(400, "validation_error");
    }
    assert_eq!(app.picture().await, before);
    app.finish_expecting_dead(5).await;
}

#[tokio::test]
async fn who_may_only_look_steers_nothing() {
    let app = TestApp::start().await;
    app.forgive_unaudited(); // the right is given by hand
    let watcher = app.rider().await;
    sqlx::query("update memberships set extra_permissions = '{ops:read}' where user_id = $1")
        .bind(watcher.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
    let dead = bury(&app, 1, "Timed out").await;
    for path in ["/ops/queues", "/ops/jobs", "/ops/invariants", &format!("/ops/jobs/{dead}")] {
        app.get(&watcher, path).await.expect(200);
    }
    let reason = json!({ "reason": "a test" });
    for path in [
        "/ops/queues/payments/pause",
        "/ops/queues/payments/resume",
        &format!("/ops/jobs/{dead}/retry"),
        &format!("/ops/jobs/{dead}/cancel"),
    ] {
        act(&app, &watcher, "w", path, &reason).await.refused(403, "forbidden");
    }
    let redrive = app.ask(Method::POST, "/ops/jobs/redrive?dry_run=true").by(&watcher);
    redrive.send().await.refused(403, "forbidden");
    app.finish_expecting_dead(1).await;
}

#[tokio::test]
async fn the_history_keeps_its_days() {
    let app = TestApp::start().await;
    sqlx::raw_sql(
        "create table queue.history_20200101 partition of queue.history
             for values from ('2020-01-01 00:00+00') to ('2020-01-02 00:00+00')",
    )
    .execute(&app.owner)
    .await
    .unwrap();
    app.sweep(&Maintenance::KeepHistory).await;
    assert_eq!(app.count("select count(*) from pg_class where relname = 'history_20200101'").await, 0);
    assert_eq!(app.count("select count(*) from queue.history where kind = 'history.keep'").await, 1);
    app.advance(TimeDelta::days(1)).await;
    app.finish().await;
}
