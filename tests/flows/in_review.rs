//! SN5: authentic money that does not agree with what was asked for is ended by people: it goes back, or stays in suspense.

use chrono::TimeDelta;
use harness::{Options, Person, TestApp};
use sandbox::Faults;
use serde_json::json;

/// A ride whose card payment came in another currency. Answers its rider, booking and payment.
async fn in_another_currency(app: &TestApp) -> (Person, String, String) {
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, id) = app.open_by("card", &rider, &booking).await;
    app.wave.knobs().always("card.get", Faults { currency: Some("xaf".into()), ..Faults::default() });
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    app.say_yes("card", &id);
    wait(app, 20).await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "in_review");
    assert_eq!((app.balance("provider").await, app.balance("suspense").await), (6_000, -6_000));
    (rider, booking, payment)
}

async fn wait(app: &TestApp, seconds: i64) {
    app.advance(TimeDelta::seconds(seconds)).await;
    app.drain().await;
}

async fn four_eyes_from(amount: i64) -> TestApp {
    let mut options = Options { every_provider: true, ..Options::default() };
    options.settings.second_person_from = Some(amount);
    TestApp::start_with(options).await
}

#[tokio::test]
async fn two_people_send_back_what_came_in_another_currency() {
    let app = four_eyes_from(6_000).await;
    let (rider, booking, payment) = in_another_currency(&app).await;
    let (mariam, fatou) = (app.person("Mariam", &["finance"]).await, app.person("Fatou", &["finance"]).await);
    let (path, refund) = (format!("/payments/{payment}/decide"), json!({ "decision": "refund" }));
    app.post(&rider, &path, &refund).await.refused(403, "forbidden");
    app.post(&mariam, &path, &json!({ "decision": "burn" })).await.refused(400, "validation_error");

    let stated = app.post(&mariam, &path, &refund).await.expect(200);
    assert_eq!((stated.text("/standing"), stated.text("/stated_by")), ("in_review".into(), mariam.id.to_string()));
    let before = app.picture().await;
    app.post(&mariam, &path, &refund).await.refused(409, "conflict");
    assert_eq!(app.picture().await, before);
    assert_eq!(app.post(&fatou, &path, &refund).await.expect(200).text("/standing"), "returning");
    app.post(&fatou, &path, &refund).await.refused(409, "state_conflict");
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "returned");
    assert_eq!((app.balance("provider").await, app.balance("suspense").await), (0, 0));
    assert_eq!(app.balance("refund_transit").await, 0);
    let story = app.get(&rider, &format!("/payments/{payment}/timeline")).await.expect(200).data("/steps");
    let decided = story.as_array().unwrap().iter().filter(|step| step["kind"] == "decision" && step["by"] == "admin");
    let decided: Vec<_> = decided.map(|step| (step["what"].clone(), step["status"].clone())).collect();
    let (update, moved) = (json!("update"), json!("status_change"));
    assert!(
        decided.contains(&(update, json!("unknown"))) && decided.contains(&(moved, json!("failed"))),
        "{decided:?}"
    );

    // the rider pays again, and what the provider goes on saying of the first changes nothing
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "due");
    let (second, id) = app.open_by("wave", &rider, &booking).await;
    app.say_yes("wave", &id);
    wait(&app, 20).await;
    wait(&app, 3_600).await;
    assert_eq!(app.payment(&rider, &second).await["standing"], "settled");
    assert_eq!(app.payment(&rider, &payment).await["standing"], "returned");
    assert_eq!((app.balance("provider").await, app.balance("escrow").await), (6_000, -6_000));
    app.finish().await;
}

#[tokio::test]
async fn one_person_may_leave_it_in_suspense_and_nothing_else_is_theirs_to_decide() {
    let app = four_eyes_from(1).await;
    let mariam = app.person("Mariam", &["finance"]).await;
    let (rider, booking, payment) = in_another_currency(&app).await;
    let keep = json!({ "decision": "keep" });
    let path = format!("/payments/{payment}/decide");
    assert_eq!(app.post(&mariam, &path, &keep).await.expect(200).text("/standing"), "set_aside");
    app.post(&mariam, &path, &keep).await.refused(409, "state_conflict");
    wait(&app, 3_600).await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "set_aside");
    assert_eq!((app.balance("provider").await, app.balance("suspense").await), (6_000, -6_000));
    assert_eq!(app.count("select count(*) from payments where purpose = 'refund'").await, 0);
    assert_eq!(app.booking(&rider, &booking).await["status"], "expired", "nobody paid for it after all");

    // one that is merely under way is its provider's
    app.wave.knobs().clear();
    let (ride, other) = (app.ride(1, 6_000).await, app.rider().await);
    let theirs = app.book(&other, &ride, 1).await;
    let (open, _) = app.open_by("wave", &other, &theirs).await;
    app.post(&mariam, &format!("/payments/{open}/decide"), &keep).await.refused(409, "state_conflict");
    app.finish().await;
}
