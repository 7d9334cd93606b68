//! A worker killed with −9 between the provider's call and our record pays once, whatever kind of money goes out: the key
//! was written before the call, and whoever takes up asks first (PROVIDERS §1.5, QUEUE promise 4).

use chrono::TimeDelta;
use domain::policies::CancellationTier;
use harness::{Options, TestApp, process::WorkerProcess, uuid};
use reqwest::Method;
use sandbox::{Books, Faults};
use serde_json::json;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(40);

/// Every provider; a booking given up less than a week before costs a quarter, so that a part goes back.
async fn app(with_fee: bool) -> TestApp {
    let mut options = Options { every_provider: true, ..Options::default() };
    if with_fee {
        options.settings.cancellation =
            vec![CancellationTier { before_minutes: 10_080, allowed: true, fee_basis_points: 2_500, fee_fixed: 0 }];
    }
    TestApp::start_with(options).await
}

/// Money moves, and its answer hangs: the worker dies waiting for it, and another takes up. Answers when it is recorded.
async fn killed(app: &TestApp, moved: fn(&Books) -> u64, recorded: &'static str) {
    let mut first = WorkerProcess::start(app);
    let once = app.wave.state().until(PATIENCE, |books| (moved(books) == 1).then_some(())).await;
    assert!(once.is_some(), "the money moved");
    first.kill();
    assert_eq!(app.count(recorded).await, 0, "killed before the record");
    let mut second = WorkerProcess::start(app);
    for _ in 0..400 {
        if app.count(recorded).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(app.count(recorded).await, 1, "another worker recorded it");
    second.leave();
    assert_eq!(app.wave.state().read(moved), 1, "moved once");
}

fn hang(app: &TestApp, operation: &str) {
    app.wave.knobs().next(operation, 1, Faults { hang_ms: Some(20_000), ..Faults::default() });
}

/// A paid booking is given up, and the worker that sends the money dies.
async fn refund(method: &str, operation: &str, moved: fn(&Books) -> u64, with_fee: bool) -> TestApp {
    let app = app(with_fee).await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, payment) = app.booking_paid_by(method, &rider, &ride).await;
    hang(&app, operation);
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    killed(&app, moved, "select count(*) from payments where purpose = 'refund' and status = 'succeeded'").await;
    let standing = if with_fee { "partly_returned" } else { "returned" };
    assert_eq!(app.payment(&rider, &payment).await["standing"], standing);
    assert_eq!((app.balance("refund_transit").await, app.balance("suspense").await), (0, 0));
    app
}

/// A driver is paid, and the worker that pays dies.
async fn payout(method: &str, operation: &str, moved: fn(&Books) -> u64) -> TestApp {
    let app = app(false).await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let to = json!({ "method": method, "number": ride.driver.phone, "holder_name": "Koffi" });
    app.post(&ride.driver, "/me/payout-destinations", &to).await.expect(201);
    let (booking, _) = app.booking_paid_by(method, &rider, &ride).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
    hang(&app, operation);
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&finance).key(uuid()).send().await.expect(202);
    killed(&app, moved, "select count(*) from payments where purpose = 'payout' and status = 'succeeded'").await;
    assert_eq!((app.balance("payout_transit").await, app.balance("earnings").await), (0, 0));
    app
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_killed_between_call_and_record_pays_once() {
    let app = payout("wave", "payout.create", |books| books.payouts.total()).await;
    assert_eq!(app.balance("provider").await, 6_000 - 5_300 - 53);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_while_it_pays_by_mtn_it_pays_once() {
    let app = payout("mtn", "mtn.transfer", |books| books.transfers.total()).await;
    assert_eq!((app.balance("provider").await, app.wave.state().read(|books| books.held_at("mtn"))), (700, 700));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_while_it_refunds_by_wave_it_refunds_once() {
    let app = refund("wave", "checkout.refund", |books| books.refunds.total(), false).await;
    assert_eq!(app.balance("provider").await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_while_it_sends_a_part_as_a_payout_it_sends_once() {
    let app = refund("wave", "payout.create", |books| books.payouts.total(), true).await;
    assert_eq!(app.balance("provider").await, 6_000 - 4_500 - 45, "with Wave's fee");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_while_it_refunds_by_mtn_it_refunds_once() {
    let app = refund("mtn", "mtn.refund", |books| books.transfers.total(), false).await;
    assert_eq!((app.balance("provider").await, app.wave.state().read(|books| books.held_at("mtn"))), (0, 0));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_while_it_refunds_a_card_it_refunds_once() {
    let app = refund("card", "card.refund", |books| books.transfers.total(), false).await;
    assert_eq!((app.balance("provider").await, app.wave.state().read(|books| books.held_at("card"))), (0, 0));
    app.finish().await;
}
