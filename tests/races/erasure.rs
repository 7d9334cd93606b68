//! SN26: who books in the very moment of being forgotten is either not forgotten, or is forgotten when the booking ends.

use chrono::TimeDelta;
use futures::future::join_all;
use harness::TestApp;
use reqwest::Method;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_booking_made_in_the_moment_of_the_erasure_is_never_orphaned() {
    let app = TestApp::start().await;
    let ride = app.ride(24, 6_000).await;
    let mut riders = Vec::new();
    for _ in 0..24 {
        riders.push(app.rider().await);
    }
    let both = async |rider| {
        let forget = app.ask(Method::DELETE, "/me").by(rider).send();
        tokio::join!(app.try_book(rider, &ride, 1), forget)
    };
    for (booked, forgotten) in join_all(riders.iter().map(both)).await {
        assert!([201, 401].contains(&booked.status), "{}", booked.body);
        assert!(forgotten.status == 202 || forgotten.code() == "erasure_blocked", "{}", forgotten.body);
    }
    app.drain().await;
    let done_too_early = "select count(*) from operations o join bookings b
                              on b.beneficiary_user_id = o.subject_id and b.status in ('pending', 'approved')
                          where o.kind = 'erasure' and o.status = 'succeeded'";
    assert_eq!(app.count(done_too_early).await, 0);
    // the holds end unpaid, and with them the last business of whoever was forgotten
    app.advance(TimeDelta::minutes(31)).await;
    app.drain().await;
    app.advance(TimeDelta::minutes(11)).await;
    app.drain().await;
    assert_eq!(app.count("select count(*) from operations where kind = 'erasure' and status <> 'succeeded'").await, 0);
    let left = "select count(*) from users u join identities i on i.user_id = u.id where u.status = 'erased'";
    assert_eq!(app.count(left).await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_wish_said_six_times_at_once_is_granted_once() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let answers = join_all((0..6).map(|_| app.ask(Method::DELETE, "/me").by(&rider).send())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
    assert!(answers.iter().all(|answer| [202, 401].contains(&answer.status)), "{answers:?}");
    assert_eq!(app.count("select count(*) from operations where kind = 'erasure'").await, 1);
    app.drain().await;
    app.finish().await;
}
