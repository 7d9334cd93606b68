//! What people are told, in their language, on every channel, never twice (R1, R3, R5, R6, Q4, ★14).

use chrono::TimeDelta;
use harness::{Person, TestApp};
use reqwest::Method;
use sandbox::{Faults, Refuse, Rule};
use serde_json::json;

fn state(channel: &str, status: &str, error: Option<&str>) -> (String, String, Option<String>) {
    (channel.into(), status.into(), error.map(str::to_owned))
}

/// A fault for mail to this address alone.
fn mailbox(to: &Person, times: Option<u32>, code: u16) -> Rule {
    let faults = Faults { smtp_code: Some(code), ..Faults::default() };
    Rule { operation: "smtp".into(), times, about: Some(to.email.clone()), faults }
}

#[tokio::test]
async fn everybody_reads_their_own_language() {
    let app = TestApp::start().await;
    let (ride, awa, ama) = (app.ride(2, 6_000).await, app.rider().await, app.rider().await);
    app.ask(Method::PATCH, "/me").by(&ama).json(&json!({ "locale": "en" })).send().await.expect(200);
    for rider in [&awa, &ama] {
        app.paid_booking(rider, &ride, 1).await;
    }
    let french = app.mails_to(&awa.email).pop().unwrap();
    let english = app.mails_to(&ama.email).pop().unwrap();
    assert_eq!((french.subject.as_str(), english.subject.as_str()), ("Réservation confirmée", "Booking confirmed"));
    assert!(french.text.contains("Vous avez payé 6 000 XOF") && english.text.contains("You paid 6 000 XOF"));
    assert!(app.texts_to(&awa.phone).pop().unwrap().text.contains("Code à montrer"));
    assert!(app.texts_to(&ama.phone).pop().unwrap().text.contains("Code to show"));
    let inbox = app.get(&ama, "/me/notifications").await.expect(200);
    assert_eq!(
        (inbox.text("/0/kind"), inbox.text("/0/title")),
        ("booking_confirmed".into(), "Booking confirmed".into())
    );
    app.ask(Method::PATCH, "/me")
        .by(&ama)
        .json(&json!({ "locale": "de" }))
        .send()
        .await
        .refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn the_inbox_belongs_to_its_reader() {
    let app = TestApp::start().await;
    let (ride, rider, eve) = (app.ride(2, 6_000).await, app.rider().await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let inbox = app.get(&rider, "/me/notifications").await.expect(200);
    assert_eq!(inbox.data("/0/subject"), json!({ "type": "booking", "id": booking }));
    assert_eq!(inbox.data("/0/read_at"), json!(null));
    let path = format!("/me/notifications/{}/read", inbox.text("/0/id"));
    app.ask(Method::POST, &path).by(&eve).send().await.refused(404, "not_found");
    app.ask(Method::POST, &path).by(&rider).send().await.expect(200);
    let read = app.get(&rider, "/me/notifications").await.expect(200).text("/0/read_at");
    app.advance(TimeDelta::minutes(1)).await;
    app.ask(Method::POST, &path).by(&rider).send().await.expect(200);
    assert_eq!(app.get(&rider, "/me/notifications").await.expect(200).text("/0/read_at"), read, "read once");
    assert_eq!(app.get(&eve, "/me/notifications").await.expect(200).data(""), json!([]));
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn a_dead_device_is_forgotten_and_the_others_are_not() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    let dead = json!({ "platform": "ios", "push_token": "dead-phone" });
    app.post(&rider, "/me/devices", &dead).await.expect(201);
    app.book(&rider, &ride, 1).await;
    app.drain().await;
    let told = app.deliveries(&rider, "booking_approved").await;
    let pushes: Vec<_> = told.iter().filter(|(channel, ..)| channel == "push").map(|(_, status, _)| status).collect();
    assert!(pushes.contains(&&"sent".to_owned()) && pushes.contains(&&"failed".to_owned()), "{told:?}");
    let devices = app.get(&rider, "/me/devices").await.expect(200);
    assert_eq!(devices.data("").as_array().unwrap().len(), 1);
    app.book(&rider, &ride, 1).await;
    app.drain().await;
    let tries = app.wave.state().pushes().into_iter().filter(|push| push.token == "dead-phone").count();
    assert_eq!(tries, 1, "nobody is asked twice");
    // the app registers again: the phone lives
    app.post(&rider, "/me/devices", &dead).await.expect(201);
    assert_eq!(app.get(&rider, "/me/devices").await.expect(200).data("").as_array().unwrap().len(), 2);
    app.finish().await;
}

#[tokio::test]
async fn a_busy_mail_server_gets_the_mail_later() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    app.wave.knobs().add(mailbox(&rider, Some(1), 450));
    app.book(&rider, &ride, 1).await;
    app.drain().await;
    assert!(app.mails_to(&rider.email).is_empty());
    assert!(app.deliveries(&rider, "booking_approved").await.contains(&state("email", "queued", None)));
    app.advance(TimeDelta::seconds(30)).await;
    app.drain().await;
    assert_eq!(app.mails_to(&rider.email).len(), 1);
    assert_eq!(app.texts_to(&rider.phone).len(), 1, "the other channels did not wait and are not repeated");
    app.finish().await;
}

#[tokio::test]
async fn a_mailbox_that_refuses_is_seen_to_refuse() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    app.wave.knobs().add(mailbox(&rider, None, 550));
    app.book(&rider, &ride, 1).await;
    for _ in 0..3 {
        app.drain().await;
        app.advance(TimeDelta::minutes(5)).await;
    }
    let told = app.deliveries(&rider, "booking_approved").await;
    assert!(told.contains(&state("email", "failed", Some("550"))), "{told:?}");
    assert_eq!(app.wave.state().calls("smtp"), 1, "a permanent no is asked once");
    app.finish().await;
}

#[tokio::test]
async fn a_text_whose_fate_is_unknown_is_not_repeated() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    app.wave.knobs().next("sms.send", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    app.book(&rider, &ride, 1).await;
    for _ in 0..3 {
        app.drain().await;
        app.advance(TimeDelta::minutes(5)).await;
    }
    assert_eq!(app.texts_to(&rider.phone).len(), 1);
    let told = app.deliveries(&rider, "booking_approved").await;
    assert!(told.contains(&state("sms", "failed", Some("outcome unknown"))), "{told:?}");

    // one that certainly did not leave is
    let refuse = Refuse { status: 429, code: "60".into(), retry_after: Some(2) };
    app.wave.knobs().next("sms.send", 1, Faults { refuse: Some(refuse), ..Faults::default() });
    app.book(&rider, &ride, 1).await;
    app.drain().await;
    assert_eq!(app.texts_to(&rider.phone).len(), 1);
    app.advance(TimeDelta::minutes(1)).await;
    app.drain().await;
    assert_eq!(app.texts_to(&rider.phone).len(), 2);
    app.finish().await;
}

#[tokio::test]
async fn a_lost_push_or_mail_is_recognisable_when_it_comes_again() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    app.wave.knobs().next("push.send", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    let lost = Faults { lose_answer: Some(true), ..Faults::default() };
    app.wave.knobs().add(Rule {
        operation: "smtp".into(),
        times: Some(1),
        about: Some(rider.email.clone()),
        faults: lost,
    });
    app.book(&rider, &ride, 1).await;
    app.drain().await;
    app.advance(TimeDelta::seconds(30)).await;
    app.drain().await;
    let mails = app.mails_to(&rider.email);
    assert_eq!(mails.len(), 2);
    assert!(mails[0].message_id.is_some() && mails[0].message_id == mails[1].message_id);
    let pushes = app.wave.state().pushes();
    assert_eq!(pushes.len(), 2);
    assert_eq!(pushes[0].message, pushes[1].message, "the same collapse key: the second replaces the first");
    app.finish().await;
}

#[tokio::test]
async fn yesterdays_news_is_not_told() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    app.book(&rider, &ride, 1).await;
    app.advance(TimeDelta::hours(25)).await;
    app.drain().await;
    assert!(app.texts_to(&rider.phone).iter().all(|text| !text.text.contains("accepté")));
    let told = app.deliveries(&rider, "booking_approved").await;
    assert!(
        told.iter().all(|(_, status, error)| status == "dropped" && error.as_deref() == Some("too old")),
        "{told:?}"
    );
    app.finish().await;
}
