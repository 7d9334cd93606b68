//! People say what they want to be told, and when not (SN2, R8, ★14).

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use harness::{Answer, Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

async fn put(app: &TestApp, by: &Person, version: &str, body: &Value) -> Answer {
    app.ask(Method::PUT, "/me/preferences").by(by).header("if-match", version).json(body).send().await
}

/// Quiet hours of the person from now until then, on the clocks of Lagos, an hour ahead of UTC.
fn quiet(now: DateTime<Utc>, from: TimeDelta, to: TimeDelta) -> Value {
    let lagos = FixedOffset::east_opt(3_600).unwrap();
    let clock = |at: DateTime<Utc>| at.with_timezone(&lagos).format("%H:%M").to_string();
    json!({ "timezone": "Africa/Lagos", "quiet_hours": { "from": clock(now + from), "to": clock(now + to) } })
}

/// The admin approves a document: news that can wait.
async fn approve_document(app: &TestApp, of: &Person, number: &str) {
    let admin = app.person("Ibrahim", &["admin"]).await;
    let paper = json!({ "doc_type": "passport", "doc_number": number, "front_key": "kyc/front.jpg" });
    let id = app.post(of, "/me/kyc", &paper).await.expect(201).text("/id");
    app.post(&admin, &format!("/kyc/{id}/approve"), &json!({})).await.expect(200);
}

#[tokio::test]
async fn what_falls_into_quiet_hours_waits_until_they_end() {
    let app = TestApp::start().await;
    let (rider, other) = (app.rider().await, app.rider().await);
    let now = app.now().await;
    put(&app, &rider, "\"0\"", &quiet(now, TimeDelta::hours(-2), TimeDelta::hours(3))).await.expect(200);
    for person in [&rider, &other] {
        approve_document(&app, person, "CI-0042").await;
    }
    app.drain().await;
    assert_eq!((app.mails_to(&rider.email).len(), app.mails_to(&other.email).len()), (0, 1), "others are not quiet");
    assert!(app.texts_to(&rider.phone).is_empty());
    let inbox = app.get(&rider, "/me/notifications").await.expect(200);
    assert_eq!(inbox.text("/0/kind"), "kyc_approved", "who looks sees it");
    let waiting = inbox.data("/0/deliveries");
    for delivery in waiting.as_array().unwrap() {
        let send_at: DateTime<Utc> = delivery["send_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(delivery["status"], "queued");
        let wait = send_at - now;
        assert!(wait > TimeDelta::minutes(178) && wait <= TimeDelta::hours(3), "{wait}");
    }
    // the sweep does not wake anybody, and a lost job is found when the time has come
    app.advance(TimeDelta::minutes(30)).await;
    app.sweep(&domain::jobs::Notifications::SweepDeliveries).await;
    assert!(app.mails_to(&rider.email).is_empty());
    sqlx::query("delete from queue.jobs where kind = 'notification.send'").execute(&app.owner).await.unwrap();
    app.advance(TimeDelta::minutes(157)).await;
    app.sweep(&domain::jobs::Notifications::SweepDeliveries).await;
    assert_eq!((app.mails_to(&rider.email).len(), app.texts_to(&rider.phone).len()), (1, 1));
    app.finish().await;
}

#[tokio::test]
async fn what_cannot_wait_does_not() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    let now = app.now().await;
    let night = quiet(now, TimeDelta::hours(-1), TimeDelta::hours(8));
    put(&app, &rider, "\"0\"", &night).await.expect(200);
    // thirty minutes to pay, and eight hours to sleep
    app.book(&rider, &ride, 1).await;
    app.drain().await;
    assert_eq!(app.texts_to(&rider.phone).len(), 1);
    // a code somebody waits for
    let send = json!({ "phone": rider.phone, "purpose": "sign_in" });
    app.ask(Method::POST, "/auth/otp/send").json(&send).send().await.expect(200);
    app.code_on(&rider.phone).await;
    assert_eq!(app.texts_to(&rider.phone).len(), 2);
    // that it ended is about a ride in two days: that can wait
    app.advance(TimeDelta::minutes(31)).await;
    app.drain().await;
    assert_eq!(app.notices(&rider, "booking_expired").await, 1);
    assert_eq!(app.texts_to(&rider.phone).len(), 2);
    app.advance(TimeDelta::hours(8)).await;
    app.drain().await;
    assert_eq!(app.texts_to(&rider.phone).len(), 3);
    app.finish().await;
}

#[tokio::test]
async fn a_reminder_that_is_no_longer_true_in_the_morning_is_dropped() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    app.paid_booking(&rider, &ride, 1).await;
    let before = app.texts_to(&rider.phone).len();
    // from three hours before the hour of departure until an hour after
    let night = quiet(ride.departure, TimeDelta::hours(-3), TimeDelta::hours(1));
    put(&app, &rider, "\"0\"", &night).await.expect(200);
    // a day before: it waits an hour, and is still true
    app.advance(TimeDelta::hours(24) + TimeDelta::minutes(1)).await;
    app.drain().await;
    assert_eq!(app.texts_to(&rider.phone).len(), before);
    app.advance(TimeDelta::hours(1)).await;
    app.drain().await;
    assert_eq!(app.texts_to(&rider.phone).len(), before + 1);
    // two hours before: when the quiet hours end the ride has left
    app.advance(TimeDelta::hours(21)).await;
    app.drain().await;
    assert_eq!(app.notices(&rider, "reminder").await, 2, "both are in the app");
    app.advance(TimeDelta::hours(3)).await;
    app.drain().await;
    assert_eq!(app.texts_to(&rider.phone).len(), before + 1);
    let told = app.deliveries(&rider, "reminder").await;
    let dropped =
        told.iter().filter(|(_, status, why)| status == "dropped" && why.as_deref() == Some("no longer true"));
    assert_eq!(dropped.count(), 3, "{told:?}");
    app.finish().await;
}

#[tokio::test]
async fn what_was_switched_off_is_told_in_the_app_only() {
    let app = TestApp::start().await;
    app.forgive_unaudited(); // one choice below is made by hand
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    let off = json!({ "muted": { "reminder": ["sms", "push"], "kyc_approved": ["sms", "push", "email"] } });
    put(&app, &rider, "\"0\"", &off).await.expect(200);
    approve_document(&app, &rider, "CI-0042").await;
    app.drain().await;
    assert_eq!((app.deliveries(&rider, "kyc_approved").await, app.notices(&rider, "kyc_approved").await), (vec![], 1));
    app.paid_booking(&rider, &ride, 1).await;
    app.advance(TimeDelta::hours(24) + TimeDelta::minutes(1)).await;
    app.drain().await;
    let channels: Vec<String> = app.deliveries(&rider, "reminder").await.into_iter().map(|told| told.0).collect();
    assert_eq!(channels, ["email"]);

    // what about money must be told travels even if an older version let it be switched off
    sqlx::query(r#"update preferences set muted = '{"booking_confirmed": ["sms", "email", "push"]}'"#)
        .execute(&app.owner)
        .await
        .unwrap();
    app.paid_booking(&rider, &ride, 1).await;
    assert_eq!(app.deliveries(&rider, "booking_confirmed").await.len(), 6, "three for each of two bookings");
    app.finish().await;
}

#[tokio::test]
async fn preferences_are_changed_as_they_were_read() {
    let app = TestApp::start().await;
    let (rider, other) = (app.rider().await, app.rider().await);
    let fresh = app.get(&rider, "/me/preferences").await.expect(200);
    assert_eq!((fresh.header("etag"), fresh.data("/quiet_hours")), (Some("\"0\""), Value::Null));
    let kinds = fresh.data("/kinds");
    let obligation = |code: &str| {
        let kind = kinds.as_array().unwrap().iter().find(|kind| kind["kind"] == code).unwrap();
        kind["obligation"].clone()
    };
    assert_eq!((obligation("payout_sent"), obligation("booking_approved")), (json!("money"), json!("deadline")));
    assert_eq!((obligation("booking_confirmed"), obligation("reminder")), (json!("contract"), Value::Null));

    let mut english = quiet(app.now().await, TimeDelta::hours(2), TimeDelta::hours(3));
    english["locale"] = json!("en");
    app.ask(Method::PUT, "/me/preferences")
        .by(&rider)
        .json(&english)
        .send()
        .await
        .refused(428, "precondition_required");
    let kept = put(&app, &rider, "\"0\"", &english).await.expect(200);
    assert_eq!((kept.header("etag"), kept.data("/quiet_hours")), (Some("\"1\""), english["quiet_hours"].clone()));
    for stale in ["\"0\"", "\"2\""] {
        let refused = put(&app, &rider, stale, &english).await.refused(412, "version_mismatch");
        assert_eq!(refused.details()["current"], 1);
    }
    put(&app, &other, "\"1\"", &english).await.refused(412, "version_mismatch");
    // the language of this organization's messages, not of the person
    approve_document(&app, &rider, "CI-0042").await;
    app.drain().await;
    assert_eq!(app.mails_to(&rider.email).pop().unwrap().subject, "Document approved");
    assert_eq!(app.get(&rider, "/me").await.expect(200).text("/locale"), "fr");
    let cleared = put(&app, &rider, "\"1\"", &json!({})).await.expect(200);
    assert_eq!((cleared.header("etag"), cleared.data("/locale")), (Some("\"2\""), Value::Null));
    let audited = "select count(*) from audit_events where entity_type = 'preferences'";
    assert_eq!(app.count(audited).await, 2);
    app.finish().await;
}

#[tokio::test]
async fn preferences_that_make_no_sense_change_nothing() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let before = app.picture().await;
    for (body, field) in [
        (json!({ "locale": "de" }), "locale"),
        (json!({ "timezone": "Africa/Wakanda" }), "timezone"),
        (json!({ "quiet_hours": { "from": "22:00" } }), "quiet_hours.to"),
        (json!({ "quiet_hours": { "from": "22:00", "to": "25:00" } }), "quiet_hours.to"),
        (json!({ "quiet_hours": { "from": "10 pm", "to": "07:00" } }), "quiet_hours.from"),
        (json!({ "quiet_hours": { "from": "07:00", "to": "07:00" } }), "quiet_hours"),
        (json!({ "quiet_hours": { "from": "08:00", "to": "07:00" } }), "quiet_hours"),
        (json!({ "muted": { "payment_failed": ["sms"] } }), "muted.payment_failed"),
        (json!({ "muted": { "otp": ["sms"] } }), "muted.otp"),
        (json!({ "muted": { "reminder": ["pigeon"] } }), "muted.reminder"),
        (json!({ "muted": { "reminder": "sms" } }), "muted.reminder"),
        (json!({ "muted": [] }), "muted"),
        (json!({ "volume": 11 }), "volume"),
    ] {
        let refused = put(&app, &rider, "\"0\"", &body).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{body}");
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}
