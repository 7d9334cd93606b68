//! G11, X13: of N requests for the last seat exactly one succeeds.

use futures::future::join_all;
use harness::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_riders_want_the_last_seat() {
    let app = TestApp::start().await;
    let ride = app.ride(1, 6_000).await;
    let mut riders = Vec::new();
    for _ in 0..64 {
        riders.push(app.rider().await);
    }
    let answers = join_all(riders.iter().map(|rider| app.try_book(rider, &ride, 1))).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(won.len(), 1, "exactly one wins");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!((answer.status, answer.code()), (409, "booking_conflict"), "{}", answer.body);
        assert_eq!(answer.details(), &json!({ "available": 0, "requested": 1 }));
    }
    assert_eq!(app.count("select count(*) from claims where active and source = 'booking'").await, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn as_many_win_as_there_are_seats() {
    let app = TestApp::start().await;
    let ride = app.ride(7, 6_000).await;
    let mut riders = Vec::new();
    for _ in 0..24 {
        riders.push(app.rider().await);
    }
    let answers = join_all(riders.iter().map(|rider| app.try_book(rider, &ride, 1))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 7);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_database_refuses_an_overlap_whatever_the_code_believes() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    app.book(&rider, &ride, 1).await;
    let copied = sqlx::query(
        "insert into claims (org_id, id, unit_id, during, source, source_id)
         select org_id, gen_random_uuid(), unit_id, during, source, gen_random_uuid() from claims where source = 'booking'",
    )
    .execute(&app.owner)
    .await;
    let refused = copied.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().constraint(), Some("claims_no_overlap"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_request_sixteen_times_at_once_books_once() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(3, 6_000).await, app.rider().await);
    let body = json!({ "trip_id": ride.id, "seats": 1 });
    let ask = || app.ask(reqwest::Method::POST, "/bookings").by(&rider).key("pressed-twice").json(&body).send();
    let answers = join_all((0..16).map(|_| ask())).await;
    let first = answers[0].text("/id");
    for answer in &answers {
        assert_eq!((answer.status, answer.text("/id")), (201, first.clone()), "{}", answer.body);
    }
    assert_eq!(app.count("select count(*) from bookings").await, 1);
    app.finish().await;
}
