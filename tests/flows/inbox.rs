//! The inbox (SN2, R3): what was not read is counted, nothing is skipped while more arrives, and a device belongs to
//! whoever holds it (SN1).

use chrono::TimeDelta;
use domain::{
    db::Scope,
    notifications::{DeliveryResult, Departure, record_delivery, start_delivery},
};
use harness::{Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// So many notices, one after the other.
async fn fill(app: &TestApp, of: &Person, size: i32) {
    sqlx::query(
        r#"insert into notifications (org_id, id, user_id, kind, subject_type, subject_id, payload, locale, dedupe_key,
                                      created_at)
           select $1, gen_random_uuid(), $2, 'payout_sent', 'payment', gen_random_uuid(),
                  jsonb_build_object('amount', n, 'currency', 'XOF'), 'en', gen_random_uuid()::text,
                  app_now() + n / 3 * interval '1 second'
           from generate_series(1, $3) n"#,
    )
    .bind(app.org.0)
    .bind(of.id.0)
    .bind(size)
    .execute(&app.owner)
    .await
    .unwrap();
}

fn ids(data: &Value) -> Vec<String> {
    data.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_cursor_sees_everything_once_while_more_arrives() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    fill(&app, &rider, 50).await; // three share each instant
    let first = app.get(&rider, "/me/notifications?limit=20").await.expect(200);
    assert_eq!(first.body["meta"]["pagination"]["total"], 50);
    let mut seen = ids(&first.data(""));
    let mut cursor = first.body["meta"]["next_cursor"].as_str().map(str::to_owned);
    app.advance(TimeDelta::minutes(1)).await;
    fill(&app, &rider, 5).await;
    while let Some(at) = cursor {
        let more = app.get(&rider, &format!("/me/notifications?limit=20&cursor={at}")).await.expect(200);
        assert!(more.body["meta"]["pagination"].is_null());
        seen.extend(ids(&more.data("")));
        cursor = more.body["meta"]["next_cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(seen.len(), 50);
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), 50, "none twice, none missing");
    for wrong in ["cursor=abc", "cursor=", "cursor=AAAA&page=2", "unread=maybe", "read=true"] {
        let answer = app.get(&rider, &format!("/me/notifications?{wrong}")).await;
        if wrong == "cursor=" {
            answer.expect(200) // empty is absent, as everywhere
        } else {
            answer.refused(400, "validation_error")
        };
    }
    app.finish().await;
}

#[tokio::test]
async fn reading_all_leaves_what_was_not_seen() {
    let app = TestApp::start().await;
    let (rider, eve) = (app.rider().await, app.rider().await);
    fill(&app, &rider, 6).await;
    fill(&app, &eve, 2).await;
    let seen = app.get(&rider, "/me/notifications").await.expect(200);
    assert_eq!(seen.body["meta"]["unread"], 6);
    let newest = seen.text("/0/id");
    app.advance(TimeDelta::minutes(1)).await;
    fill(&app, &rider, 2).await; // arrives while the person looks
    let one = format!("/me/notifications/{}/read", seen.text("/3/id"));
    app.post(&rider, &one, &json!({})).await.expect(200);
    let read = app.post(&rider, "/me/notifications/read", &json!({ "newest": newest })).await.expect(200);
    assert_eq!(read.int("/read"), 5, "one was read before");
    let unread = app.get(&rider, "/me/notifications?unread=true").await.expect(200);
    assert_eq!((unread.data("").as_array().unwrap().len(), &unread.body["meta"]["unread"]), (2, &json!(2)));
    assert_eq!(unread.body["meta"]["pagination"]["total"], 2);
    app.post(&eve, "/me/notifications/read", &json!({ "newest": newest })).await.refused(404, "not_found");
    app.post(&eve, "/me/notifications/read", &json!({ "oldest": newest })).await.refused(400, "validation_error");
    assert_eq!(app.ask(Method::POST, "/me/notifications/read").by(&rider).send().await.expect(200).int("/read"), 2);
    assert_eq!(app.get(&rider, "/me/notifications").await.expect(200).body["meta"]["unread"], 0);
    assert_eq!(app.get(&eve, "/me/notifications").await.expect(200).body["meta"]["unread"], 2, "others keep theirs");
    app.finish().await;
}

#[tokio::test]
async fn a_phone_that_changes_hands_takes_nothing_along() {
    let app = TestApp::start().await;
    let (ride, awa, ama) = (app.ride(3, 6_000).await, app.rider().await, app.rider().await);
    let phone = json!({ "platform": "android", "push_token": "the-family-phone" });
    app.post(&awa, "/me/devices", &phone).await.expect(201);
    app.book(&awa, &ride, 1).await;
    // before the message leaves the phone is somebody else's
    app.post(&ama, "/me/devices", &phone).await.expect(201);
    app.drain().await;
    let pushed =
        |app: &TestApp| app.wave.state().pushes().into_iter().filter(|push| push.token == "the-family-phone").count();
    assert_eq!(pushed(&app), 0);
    let told = app.deliveries(&awa, "booking_approved").await;
    assert!(told.contains(&("push".into(), "dropped".into(), Some("device gone".into()))), "{told:?}");
    assert_eq!(app.get(&awa, "/me/devices").await.expect(200).data("").as_array().unwrap().len(), 1);
    app.book(&ama, &ride, 1).await;
    app.drain().await;
    assert_eq!(pushed(&app), 1);
    app.finish().await;
}

#[tokio::test]
async fn an_old_verdict_about_a_token_does_not_kill_who_registered_it_since() {
    let app = TestApp::start().await;
    let (ride, awa, ama) = (app.ride(3, 6_000).await, app.rider().await, app.rider().await);
    let phone = json!({ "platform": "android", "push_token": "the-family-phone" });
    app.post(&awa, "/me/devices", &phone).await.expect(201);
    app.book(&awa, &ride, 1).await;
    let delivery: uuid::Uuid = sqlx::query_scalar("select id from deliveries where address = 'the-family-phone'")
        .fetch_one(&app.owner)
        .await
        .unwrap();
    // asked for one person …
    let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
    assert!(matches!(start_delivery(&mut tx, delivery.into()).await.unwrap(), Departure::Now(_)));
    tx.commit().await.unwrap();
    // … registered by another, and only then called dead
    app.advance(TimeDelta::seconds(1)).await;
    app.post(&ama, "/me/devices", &phone).await.expect(201);
    let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
    record_delivery(&mut tx, delivery.into(), &DeliveryResult::Gone).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.count("select count(*) from devices where invalid_at is not null").await, 0);
    app.drain().await;
    app.finish().await;
}
