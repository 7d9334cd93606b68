//! Who changed what (U1–U5, U8): one event per change, in the change's own commit, for good. That every commit of every
//! flow left its event is looked at in the end of each ([`TestApp::assert_audited`]).

use crate::walk::{self, Route, house::House};
use chrono::TimeDelta;
use harness::{Answer, Person, TestApp, looking::NOT_AUDITED, story::uuid};
use reqwest::Method;
use sandbox::Faults;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One request of a story, under a request id of its own.
async fn act(app: &TestApp, name: &str, by: &Person, method: Method, path: &str, body: &Value) -> Answer {
    let ask = app.ask(method, path).by(by).key(name).header("x-request-id", name).header("prefer", "wait=0");
    let seen = app.get(by, path).await; // the version, where the thing has one
    let ask = if let Some(tag) = seen.header("etag") { ask.header("if-match", tag) } else { ask };
    ask.json(body).send().await
}

/// What a request left behind: `entity action`, in order of writing.
async fn left(app: &TestApp, request: &str) -> Vec<String> {
    sqlx::query_scalar(
        "select entity_type || ' ' || action from audit_events where request_id = $1 order by entity_type, id",
    )
    .bind(request)
    .fetch_all(&app.owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn each_step_of_a_story_leaves_its_events_and_nothing_more() {
    let app = TestApp::start().await;
    let (driver, rider, admin) = (app.driver().await, app.rider().await, app.person("Ibrahim", &["admin"]).await);
    let post = Method::POST;
    let car =
        json!({ "make": "Toyota", "model": "Yaris", "color": "red", "plate_number": "1 AB 01", "seats_total": 5 });
    act(&app, "car", &driver, post.clone(), "/vehicles", &car).await.expect(201);
    assert_eq!(left(&app, "car").await, ["vehicle CREATE"]);
    let trip = act(&app, "draft", &driver, post.clone(), "/trips", &app.trip_body(3, 3_000).await).await;
    let trip = trip.expect(201).text("/id");
    assert_eq!(left(&app, "draft").await, ["trip CREATE"]);
    let path = format!("/trips/{trip}");
    act(&app, "publish", &driver, post.clone(), &format!("{path}/publish"), &json!({})).await.expect(200);
    assert_eq!(left(&app, "publish").await, ["trip STATUS_CHANGE"]);
    act(&app, "rules", &driver, Method::PATCH, &path, &json!({ "rules": "Quiet" })).await.expect(200);
    assert_eq!(left(&app, "rules").await, ["trip UPDATE"]);
    act(&app, "stops", &driver, post.clone(), &format!("{path}/stops"), &json!({ "stops": [] })).await.expect(200);
    assert_eq!(left(&app, "stops").await, ["trip_stops UPDATE"]);

    let seats = json!({ "trip_id": trip, "seats": 1 });
    let booking = act(&app, "book", &rider, post.clone(), "/bookings", &seats).await.expect(201).text("/id");
    assert_eq!(left(&app, "book").await, ["booking CREATE"]);
    act(&app, "book", &rider, post.clone(), "/bookings", &seats).await.expect(201); // the same key again
    assert_eq!(left(&app, "book").await, ["booking CREATE"]);
    let pay = json!({ "booking_id": booking, "method": "wave" });
    act(&app, "pay", &rider, post.clone(), "/payments", &pay).await.expect(202);
    assert_eq!(left(&app, "pay").await, ["booking UPDATE", "payment CREATE"]);
    let cancel = format!("/bookings/{booking}/cancel");
    act(&app, "cancel", &rider, post.clone(), &cancel, &json!({ "reason": "ill" })).await.expect(200);
    assert_eq!(left(&app, "cancel").await, ["booking STATUS_CHANGE"]);
    act(&app, "remove", &driver, Method::DELETE, &path, &json!({})).await.expect(200);
    assert_eq!(left(&app, "remove").await, ["trip STATUS_CHANGE", "trip SOFT_DELETE"]);

    let roles = format!("/organizations/{}/members/{}/roles", app.slug, rider.id);
    let driver_too = json!({ "roles": ["member", "driver"] });
    act(&app, "roles", &admin, Method::PUT, &roles, &driver_too).await.expect(200);
    assert_eq!(left(&app, "roles").await, ["membership UPDATE"]);
    let org = format!("/organizations/{}", app.slug);
    act(&app, "org", &admin, Method::PATCH, &org, &json!({ "settings": { "hold_minutes": 5 } })).await.expect(200);
    assert_eq!(left(&app, "org").await, ["organization UPDATE"]);
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn a_refusal_leaves_no_event() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 3_000).await, app.rider().await);
    app.book(&rider, &ride, 1).await;
    let events = "select count(*) from audit_events";
    let before = app.count(events).await;
    app.try_book(&rider, &ride, 1).await.refused(409, "booking_conflict");
    app.post(&ride.driver, &format!("/trips/{}/publish", ride.id), &json!({})).await.refused(409, "state_conflict");
    app.get(&rider, &format!("/trips/{}", ride.id)).await.expect(200);
    assert_eq!(app.count(events).await, before);
    app.finish().await;
}

#[tokio::test]
async fn an_event_says_who_on_what_ground_and_what_changed() {
    let app = TestApp::start().await;
    let (ride, rider, support) = (app.ride(2, 3_000).await, app.rider().await, app.person("Ali", &["support"]).await);
    let (mine, theirs) = (app.book(&rider, &ride, 1).await, app.book(&rider, &ride, 1).await);
    for (name, by, booking) in [("own", &rider, &mine), ("staff", &support, &theirs)] {
        let path = format!("/bookings/{booking}/cancel");
        act(&app, name, by, Method::POST, &path, &json!({ "reason": "ill" })).await.expect(200);
    }
    for (name, kind, by) in [("own", "user", &rider), ("staff", "admin", &support)] {
        let (actor_type, actor, before, after): (String, uuid::Uuid, Value, Value) =
            sqlx::query_as("select actor_type, actor_id, before, after from audit_events where request_id = $1")
                .bind(name)
                .fetch_one(&app.owner)
                .await
                .unwrap();
        assert_eq!((actor_type.as_str(), actor), (kind, by.id.0));
        assert_eq!((&before["status"], &after["status"]), (&json!("approved"), &json!("cancelled")));
        assert_eq!((&before["reason_code"], &after["reason_code"]), (&Value::Null, &json!("ill")));
    }
    // what time did, nobody did
    let booking = app.book(&rider, &ride, 1).await;
    app.advance(TimeDelta::minutes(31)).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "expired");
    let by_time = "select count(*) from audit_events
                   where actor_type = 'system' and actor_id is null and after ->> 'status' = 'expired'";
    assert_eq!(app.count(by_time).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn event_and_change_are_one_commit() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 3_000).await, app.rider().await);
    app.paid_booking(&rider, &ride, 1).await;
    // the transaction that wrote the row as it is now also wrote an event about it
    for (table, entity) in [("bookings", "booking"), ("payments", "payment"), ("trips", "trip")] {
        let sql = format!(
            "select count(*) from {table} t where not exists (
                 select from audit_events a where a.entity_id = t.id and a.entity_type = '{entity}' and a.xmin = t.xmin)"
        );
        let alone: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&app.owner).await.unwrap();
        assert_eq!(alone, 0, "{table}");
    }
    // and money that settled is one commit with everything it changed (J7)
    let commits = "select count(distinct x) from (
                       select xmin::text as x from ledger_transactions
                       union all select xmin::text from entries
                       union all select xmin::text from bookings
                       union all select xmin::text from payments
                       union all select xmin::text from inbound_events
                       union all select xmin::text from operations) as all_of_it";
    assert_eq!(app.count(commits).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn what_was_written_stays_written() {
    let app = TestApp::start().await;
    app.ride(2, 3_000).await;
    for sql in ["update audit_events set actor_id = null", "delete from audit_events", "delete from entries"] {
        assert!(sqlx::query(sql).execute(&app.pool).await.is_err(), "a service may not: {sql}");
    }
    for sql in ["update audit_events set actor_id = null", "delete from audit_events"] {
        let refused = sqlx::query(sql).execute(&app.owner).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "not even the owner: {refused}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_change_to_oneself_is_audited_where_one_is_known() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    app.ask(reqwest::Method::PATCH, "/me")
        .by(&rider)
        .json(&json!({ "full_name": "Awa Koné" }))
        .send()
        .await
        .expect(200);
    let events: Vec<(String, Option<uuid::Uuid>)> =
        sqlx::query_as("select action, actor_id from audit_events where entity_id = $1 and entity_type = 'user'")
            .bind(rider.id.0)
            .fetch_all(&app.owner)
            .await
            .unwrap();
    assert_eq!(events.last(), Some(&("UPDATE".to_owned(), Some(rider.id.0))));
    app.finish().await;
}

/// Tables of nobody's organization that are not audited: what a person does with their own sign-in is theirs.
const PERSONAL: [&str; 6] =
    ["credentials", "devices", "identities", "one_time_codes", "sessions", "spent_refresh_tokens"];
/// Routes that change something of a person's alone, and leave no event.
const SILENT: [&str; 1] = ["post /api/v1/me/notifications/{id}/read"];

/// The audited tables that differ between two pictures.
fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let silent = |table: &str| {
        let name = table.trim_start_matches("public.");
        PERSONAL.contains(&name)
            || NOT_AUDITED.iter().any(|(known, _)| *known == name)
            || name == "invariant_checks"
            || table.starts_with("queue.")
    };
    let differs = |table: &&String| before.get(*table) != after.get(*table);
    after.keys().filter(differs).filter(|table| !silent(table)).cloned().collect()
}

/// What is made comes before what is done with it, and what is removed comes last.
fn turn(route: &Route) -> (u8, String) {
    let last = ["/cancel", "/reject", "/end"].iter().any(|end| route.path.ends_with(end));
    let order = match route.method.as_str() {
        "post" if route.creates => 0,
        "patch" | "put" => 1,
        "post" if !last => 2,
        "post" => 3,
        _ => 4,
    };
    (order, route.name())
}

#[tokio::test]
async fn every_route_that_changes_something_leaves_one_event_of_it() {
    let app = TestApp::start().await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    let (mut routes, document) = walk::routes(&app).await;
    routes.retain(|route| route.writes() && !route.open && !route.path.starts_with("/api/v1/ops/"));
    routes.sort_by_key(turn);
    let slug = app.slug.clone();
    let house = House::furnish(&app, app.org, &slug, "Ibrahim", &routes, &document).await;
    let (mut changes, mut refused) = (0, Vec::new());
    for route in routes.iter().filter(|route| !route.path.starts_with("/api/v1/auth/logout")) {
        for by in [&house.admin, &house.member] {
            let (body, request) = (route.body(&document, &house), uuid());
            let before = app.picture().await;
            let answer = route.ask(&app, by, &route.address(&house), body.as_ref(), &request).await;
            let changed = changed(&before, &app.picture().await);
            let events = left(&app, &request).await;
            let told = format!(
                "{} answered {} {}, changed {changed:?}, told {events:?}",
                route.name(),
                answer.status,
                answer.body
            );
            let done = (200..300).contains(&answer.status);
            assert!(done || (changed.is_empty() && events.is_empty()), "a refusal leaves nothing: {told}");
            if SILENT.contains(&route.name().as_str()) {
                assert!(changed.is_empty() && events.is_empty(), "{told}");
                continue;
            }
            assert_eq!(
                changed.is_empty(),
                events.is_empty(),
                "a change and no event, or an event and no change: {told}"
            );
            let twice: i64 = sqlx::query_scalar(
                "select count(*) from (select from audit_events where request_id = $1
                                       group by entity_type, entity_id, action having count(*) > 1) as twice",
            )
            .bind(&request)
            .fetch_one(&app.owner)
            .await
            .unwrap();
            assert_eq!(twice, 0, "an event twice: {told}");
            changes += usize::from(!changed.is_empty());
            if !done {
                refused.push(format!("{}: {} {}", route.name(), answer.status, answer.code()));
            }
        }
    }
    println!("mutating routes={} changes={changes} refusals={} silent changes=0", routes.len(), refused.len());
    assert!(changes >= 25, "few were seen to change something; refused: {refused:#?}");
    app.drain().await;
    app.finish_expecting_dead(1).await;
}
