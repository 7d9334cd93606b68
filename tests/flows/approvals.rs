//! G36: whoever may agree hears that something waits, as they like to hear it, and nothing they need not hear.

use domain::{db::Scope, waitlist};
use harness::{Person, TestApp};
use serde_json::json;

const KIND: &str = "reservation_to_decide";

async fn states(app: &TestApp, to: &Person, kind: &str) -> Vec<String> {
    app.deliveries(to, kind).await.into_iter().map(|(channel, status, _)| format!("{channel} {status}")).collect()
}

#[tokio::test]
async fn those_who_may_agree_are_asked_once_and_not_about_drafts() {
    let app = TestApp::start().await;
    let room = app.thing("room", "Baobab", &["1"], json!({ "approval": "staff" })).await;
    let (aya, kone) = (app.person("Aya", &["staff"]).await, app.person("Kone", &["staff"]).await);
    let (awa, gone) = (app.rider().await, app.person("Yao", &["staff"]).await);
    sqlx::query("update memberships set status = 'suspended' where user_id = $1")
        .bind(gone.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
    let off = json!({ "muted": { KIND: ["push"] } });
    let preferences = app.ask(reqwest::Method::PUT, "/me/preferences").by(&kone).header("if-match", "\"0\"");
    preferences.json(&off).send().await.expect(200);
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "10:00").await);
    let draft = json!({ "resource_id": room.id, "start_at": start_at, "end_at": end_at, "draft": true });
    let id = app.ask_booking(&awa, &draft).await.expect(201).text("/id");
    app.drain().await;
    assert_eq!(app.count("select count(*) from notifications where kind = 'reservation_to_decide'").await, 0);
    app.step(&awa, &id, "submit").await.expect(200);
    app.drain().await;
    for (who, expected) in [(&aya, 1), (&kone, 1), (&awa, 0), (&gone, 0)] {
        assert_eq!(app.notices(who, KIND).await, expected);
    }
    assert_eq!(states(&app, &aya, KIND).await, ["email sent", "push sent"], "no text message");
    assert_eq!(states(&app, &kone, KIND).await, ["email sent"], "as they like it");
    assert!(app.mails_to(&aya.email).last().unwrap().text.contains("Baobab"));
    // nobody is asked to agree with themselves, nor about what is decided when the message would leave
    let (start_at, end_at) = (app.at(3, "09:00").await, app.at(3, "10:00").await);
    let body = json!({ "resource_id": room.id, "start_at": start_at, "end_at": end_at });
    let own = app.ask_booking(&kone, &body).await.expect(201).text("/id");
    app.step(&aya, &own, "approve").await.expect(200);
    app.drain().await;
    assert_eq!((app.notices(&kone, KIND).await, app.notices(&aya, KIND).await), (1, 2));
    assert_eq!(states(&app, &aya, KIND).await, ["email sent", "email dropped", "push sent", "push dropped"]);
    app.finish().await;
}

#[tokio::test]
async fn an_accepted_offer_that_must_be_agreed_to_asks_too_and_an_offer_that_is_over_is_not_told() {
    let app = TestApp::start().await;
    let room = app.thing("room", "Baobab", &["1"], json!({ "approval": "staff" })).await;
    let (aya, holder, awa, koffi) =
        (app.person("Aya", &["staff"]).await, app.rider().await, app.rider().await, app.rider().await);
    let booking = app.reserve(&holder, &room, "09:00", "10:00").await;
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "10:00").await);
    let wish = json!({ "resource_id": room.id, "start_at": start_at, "end_at": end_at });
    let first = app.try_wait(&awa, &wish).await.expect(201).text("/id");
    let second = app.try_wait(&koffi, &wish).await.expect(201).text("/id");
    app.drain().await;
    assert_eq!(app.notices(&aya, KIND).await, 1, "whoever waits asks nobody yet");
    app.step(&holder, &booking, "cancel").await.expect(200);
    let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
    waitlist::match_line(&mut tx, room.id.parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    app.answer(&awa, &first, "decline", &json!({})).await.expect(200); // before the carriers came
    app.drain().await;
    let gone = ["email dropped", "push dropped", "sms dropped"];
    assert_eq!(states(&app, &awa, "offer_made").await, gone);
    assert_eq!(states(&app, &koffi, "offer_made").await, ["email sent", "push sent", "sms sent"]);
    let taken = app.answer(&koffi, &second, "accept", &json!({})).await.expect(200);
    assert_eq!(taken.text("/booking_status"), "pending");
    app.drain().await;
    assert_eq!(app.notices(&aya, KIND).await, 2);
    app.finish().await;
}
