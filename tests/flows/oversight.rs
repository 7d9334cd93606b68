//! Reading the audit trail (U3, U4, U6, U7, CX2, C35).

use chrono::TimeDelta;
use harness::{Answer, Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

fn ids(answer: &Answer) -> Vec<String> {
    answer.data("").as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

async fn audit(app: &TestApp, by: &Person, query: &str) -> Answer {
    app.get(by, &format!("/audit?{query}")).await
}

#[tokio::test]
async fn the_trail_is_asked_by_thing_person_deed_and_time() {
    let app = TestApp::start().await;
    let (ride, rider, officer) = (app.ride(3, 3_000).await, app.rider().await, app.person("Fatou", &["manager"]).await);
    let booking = app.book(&rider, &ride, 1).await;
    app.advance(TimeDelta::days(2)).await;
    let later = app.now().await;
    let path = format!("/bookings/{booking}/cancel");
    let cancel = app.ask(Method::POST, &path).by(&rider).header("x-request-id", "from-my-phone");
    cancel.json(&json!({ "reason": "ill" })).send().await;
    app.drain().await;

    let one = audit(&app, &officer, &format!("entity_type=booking&entity_id={booking}")).await.expect(200);
    let actions: Vec<Value> = one.data("").as_array().unwrap().iter().map(|event| event["action"].clone()).collect();
    assert_eq!(actions, [json!("STATUS_CHANGE"), json!("CREATE")], "newest first");
    assert_eq!((one.text("/0/before/status"), one.text("/1/after/status")), ("approved".into(), "approved".into()));
    assert_eq!(one.text("/1/actor_id"), rider.id.to_string());
    let aliases = format!("entity=booking&entity_id={booking}&actor={}&action=CREATE&actor_type=user", rider.id);
    assert_eq!(ids(&audit(&app, &officer, &aliases).await.expect(200)), ids(&one)[1..]);
    let both = audit(&app, &officer, "action=in:CREATE,STATUS_CHANGE&entity_type=booking").await.expect(200);
    assert_eq!(ids(&both), ids(&one));
    let instant = later.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let since = audit(&app, &officer, &format!("date_from={instant}&entity_type=booking")).await.expect(200);
    let until = audit(&app, &officer, &format!("created_at_lte={instant}&entity_type=booking")).await.expect(200);
    assert_eq!([ids(&since), ids(&until)].concat(), ids(&one));
    assert_eq!(ids(&audit(&app, &officer, "request_id=nobody").await.expect(200)), [""; 0]);
    let mine = app.get(&rider, "/me/activity").await.expect(200);
    assert!(mine.data("").as_array().unwrap().iter().any(|deed| deed["entity_id"] == json!(booking)), "{}", mine.body);
    assert!(mine.data("/0").get("before").is_none());
    app.finish().await;
}

#[tokio::test]
async fn a_cursor_walks_the_trail_while_it_grows() {
    let app = TestApp::start().await;
    let (ride, rider, officer) =
        (app.ride(30, 3_000).await, app.rider().await, app.person("Fatou", &["manager"]).await);
    for _ in 0..7 {
        app.book(&rider, &ride, 1).await;
    }
    let whole = ids(&audit(&app, &officer, "limit=200").await.expect(200));
    let first = audit(&app, &officer, "page_size=3").await.expect(200);
    assert_eq!(first.body["meta"]["pagination"]["total"], whole.len());
    let (mut walked, mut next) = (ids(&first), first.body["meta"]["next_cursor"].clone());
    while let Some(cursor) = next.as_str() {
        app.book(&rider, &ride, 1).await; // what is written meanwhile moves nothing
        let page = audit(&app, &officer, &format!("cursor={cursor}&page_size=3")).await.expect(200);
        assert!(page.body["meta"]["pagination"].is_null(), "nobody counts");
        walked.extend(ids(&page));
        next = page.body["meta"]["next_cursor"].clone();
    }
    assert_eq!(walked, whole);
    app.finish().await;
}

#[tokio::test]
async fn the_trail_is_for_those_who_may_and_asked_in_its_own_words() {
    let app = TestApp::start().await;
    let (rider, officer) = (app.rider().await, app.person("Fatou", &["manager"]).await);
    app.get(&rider, "/audit").await.refused(403, "forbidden");
    app.ask(Method::GET, "/audit").send().await.refused(401, "auth_required");
    for (query, field) in [
        ("entity_id=7", "entity_id"),
        ("actor=me", "actor"),
        ("action=DELETE", "action"),
        ("actor_type=robot", "actor_type"),
        ("entity=a&entity_type=b", "entity"),
        ("created_from=2026-02-30", "created_from"),
        ("date_from=2026-01-02&date_to=2026-01-01", "date_to"),
        ("date_from=2026-01-02&created_from=2026-01-01", "date_from"),
        ("cursor=7", "cursor"),
        ("cursor=00000000-0000-7000-8000-000000000000&page=2", "cursor"),
        ("page=1&offset=1", "page"),
        ("limit=201", "limit"),
        ("sort=created_at", "sort"),
    ] {
        let refused = audit(&app, &officer, query).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{query}");
    }
    let beyond = audit(&app, &officer, "page=99").await.expect(200);
    assert_eq!(ids(&beyond), [""; 0]);
    app.finish().await;
}

#[tokio::test]
async fn a_booking_tells_its_parties_how_it_came_to_where_it_stands() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(3, 3_000).await, app.rider().await);
    let (support, eve) = (app.person("Ali", &["support"]).await, app.rider().await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.post(&support, &format!("/bookings/{booking}/cancel"), &json!({ "reason": "flood" })).await.expect(200);
    app.drain().await;
    let path = format!("/bookings/{booking}/history");
    let told = app.get(&rider, &path).await.expect(200).data("");
    let moves: Vec<(Option<&str>, &str, &str)> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["from"].as_str(), step["to"].as_str().unwrap(), step["by"].as_str().unwrap()))
        .collect();
    let expected = [
        (None, "approved", "user"),
        (Some("approved"), "confirmed", "system"),
        (Some("confirmed"), "cancelled", "admin"),
    ];
    assert_eq!(moves, expected);
    assert_eq!((&told[0]["user_id"], &told[2]["reason"]), (&json!(rider.id), &json!("flood")));
    assert_eq!(told[2]["user_id"], Value::Null, "which clerk it was is the house's business");
    let driver = app.get(&ride.driver, &path).await.expect(200).data("");
    assert_eq!(driver, told);
    assert_eq!(app.get(&support, &path).await.expect(200).data("/2/user_id"), json!(support.id));
    app.get(&eve, &path).await.refused(404, "not_found");
    app.get(&rider, &format!("/bookings/{}/history", uuid::Uuid::new_v4())).await.refused(404, "not_found");
    app.finish().await;
}
