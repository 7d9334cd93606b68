//! C17: of two clients with one refresh token at most one goes on, and the family ends.

use futures::future::join_all;
use harness::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_refresh_token_shown_eight_times_at_once() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let body = json!({ "refresh_token": rider.refresh_token });
    let ask = || app.ask(reqwest::Method::POST, "/auth/refresh").json(&body).send();
    let answers = join_all((0..8).map(|_| ask())).await;
    assert!(answers.iter().filter(|answer| answer.status == 200).count() <= 1);
    assert!(answers.iter().any(|answer| answer.code() == "refresh_token_reused"));
    // whoever went on is stopped too: one of the two was a thief
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        let next = json!({ "refresh_token": answer.text("/refresh_token") });
        let later = app.ask(reqwest::Method::POST, "/auth/refresh").json(&next).send().await;
        assert_eq!(later.status, 401, "{}", later.body);
    }
    app.finish().await;
}
