//! The nets under the waitlist: whoever lost its own job is found again from its rows (Q9, H17, convention 14).

use chrono::TimeDelta;
use domain::jobs::Reservations;
use harness::TestApp;
use serde_json::json;
use sqlx::AssertSqlSafe;

async fn lose(app: &TestApp, kind: &str) {
    let sql = format!("delete from queue.jobs where kind = '{kind}'");
    let lost = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&app.owner).await.unwrap().rows_affected();
    assert!(lost > 0, "{kind} was there to lose");
}

#[tokio::test]
async fn a_free_bay_whose_job_was_lost_is_offered_after_all() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "score").await;
    let who = app.rider().await;
    let entry = app.wait(&who, &bays).await;
    app.give_back(&bays, &stands[0]).await;
    lose(&app, "waitlist.match").await;
    app.drain().await;
    assert_eq!(app.entry(&who, &entry).await["status"], "waiting");
    app.sweep(&Reservations::SweepLines).await;
    assert_eq!(app.entry(&who, &entry).await["status"], "offered");
    app.sweep(&Reservations::SweepLines).await;
    assert_eq!(app.count("select count(*) from offers").await, 1, "and once");
    app.finish().await;
}

#[tokio::test]
async fn an_offer_whose_timer_was_lost_ends_after_all() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "score").await;
    let (silent, next) = (app.rider().await, app.rider().await);
    let a = app.wait(&silent, &bays).await;
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    lose(&app, "offer.expire").await;
    let b = app.wait(&next, &bays).await;
    app.advance(TimeDelta::minutes(11)).await;
    app.drain().await;
    assert_eq!(app.entry(&silent, &a).await["status"], "offered");
    app.sweep(&Reservations::SweepOffers).await;
    assert_eq!(app.entry(&silent, &a).await["status"], "expired");
    assert_eq!(app.entry(&next, &b).await["status"], "offered");
    app.finish().await;
}

#[tokio::test]
async fn a_wish_whose_timer_was_lost_ends_after_all() {
    let app = TestApp::start().await;
    let (bays, _) = app.full(1, "score").await;
    let who = app.rider().await;
    let mut wish = bays.wish();
    wish["useful_until"] = json!(app.now().await + TimeDelta::minutes(5));
    let entry = app.try_wait(&who, &wish).await.expect(201).text("/id");
    lose(&app, "waitlist.end").await;
    app.advance(TimeDelta::minutes(6)).await;
    app.sweep(&Reservations::SweepEntries).await;
    let ended = app.entry(&who, &entry).await;
    assert_eq!((&ended["status"], &ended["booking_status"]), (&json!("expired"), &json!("expired")));
    assert_eq!(app.notices(&who, "waitlist_ended").await, 1);
    app.finish().await;
}
