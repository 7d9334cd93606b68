//! A worker killed with −9 between the provider's call and our record pays once: the key was written before the call
//! (PROVIDERS §1.5, QUEUE promise 4).

use chrono::TimeDelta;
use harness::{TestApp, process::WorkerProcess};
use sandbox::Faults;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_killed_between_call_and_record_pays_once() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
    let before = app.wave.state().balance();

    // the money moves, and the answer hangs: the worker dies waiting for it
    app.wave.knobs().next("payout.create", 1, Faults { hang_ms: Some(20_000), ..Faults::default() });
    let finance = app.person("Mariam", &["finance"]).await;
    let run = app.ask(reqwest::Method::POST, "/payouts/run").by(&finance).key("run").send().await.expect(202);
    let mut first = WorkerProcess::start(&app);
    app.wave.state().until(Duration::from_secs(30), |books| (books.payouts.total() == 1).then_some(())).await;
    first.kill();

    let mut second = WorkerProcess::start(&app);
    let done = app.get(&finance, &format!("/operations/{}?wait=30", run.text("/id"))).await.expect(200);
    assert_eq!(done.text("/status"), "succeeded", "{}", done.body);
    assert_eq!(app.wave.state().payouts().len(), 1);
    assert_eq!(before - app.wave.state().balance(), 5_300 + 53);
    assert_eq!(app.balance("payout_transit").await, 0);
    second.leave();
    app.finish().await;
}
