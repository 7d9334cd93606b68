//! The nets under the timers: whatever lost its own job is found again from its rows (convention 14).

use chrono::TimeDelta;
use domain::jobs::{Maintenance, Notifications};
use harness::TestApp;
use sandbox::Faults;
use sqlx::AssertSqlSafe;

/// The job is lost, as if a hand had deleted it.
async fn lose(app: &TestApp, kind: &str) {
    let sql = format!("delete from queue.jobs where kind = '{kind}'");
    let lost = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&app.owner).await.unwrap().rows_affected();
    assert!(lost > 0, "{kind} was there to lose");
}

#[tokio::test]
async fn a_lost_message_is_carried_after_all() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 4_000).await, app.rider().await);
    app.try_book(&rider, &ride, 1).await.expect(201);
    lose(&app, "notification.send").await;
    app.drain().await;
    assert!(app.mails_to(&rider.email).is_empty());
    app.advance(TimeDelta::minutes(6)).await;
    app.sweep(&Notifications::SweepDeliveries).await;
    assert_eq!(app.mails_to(&rider.email).len(), 1);
    app.sweep(&Notifications::SweepDeliveries).await;
    assert_eq!(app.mails_to(&rider.email).len(), 1, "and once");
    app.finish().await;
}

#[tokio::test]
async fn a_payment_nobody_asks_after_is_asked_after() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    app.wave.pay(&checkout).unwrap();
    lose(&app, "payment.poll").await;
    app.advance(TimeDelta::minutes(13)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted", "nothing looked at it yet");
    app.sweep(&Maintenance::SweepPayments).await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn what_is_past_its_time_is_forgotten_and_nothing_else() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 4_000).await, app.rider().await);
    app.try_book(&rider, &ride, 1).await.expect(201);
    sqlx::raw_sql(
        "insert into one_time_codes (id, target, purpose, expires_at) values
             (gen_random_uuid(), '+2250700000001', 'sign_in', app_now() - interval '25 hours'),
             (gen_random_uuid(), '+2250700000002', 'sign_in', app_now() + interval '5 minutes');
         update idempotency_keys set created_at = app_now() - interval '8 days'",
    )
    .execute(&app.owner)
    .await
    .unwrap();
    assert!(app.count("select count(*) from idempotency_keys").await > 0);
    app.sweep(&Maintenance::CleanUp).await;
    assert_eq!(app.count("select count(*) from one_time_codes where target like '+22507000000%'").await, 1);
    assert_eq!(app.count("select count(*) from idempotency_keys").await, 0);
    assert_eq!(app.count("select count(*) from sessions where expires_at < app_now()").await, 0);
    assert!(app.count("select count(*) from sessions").await > 0);
    app.finish().await;
}

#[tokio::test]
async fn the_promises_are_rechecked_and_the_findings_kept() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    app.paid_booking(&rider, &ride, 1).await;
    app.sweep(&Maintenance::CheckInvariants).await;
    let promises = i64::try_from(domain::invariants::PROMISES.len()).unwrap();
    assert_eq!(app.count("select count(distinct name) from invariant_checks").await, promises);
    assert_eq!(app.count("select count(*) from invariant_checks where violations > 0").await, 0);
    assert!(app.count("select count(*) from invariant_checks where rows_checked > 0").await >= 5, "none was blind");
    app.finish().await;
}
