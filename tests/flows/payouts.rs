//! ★12: each earning is paid at most once, whatever the transfer does.

use chrono::TimeDelta;
use harness::{Options, Person, TestApp};
use reqwest::Method;
use sandbox::Faults;
use serde_json::{Value, json};

async fn earn(app: &TestApp, price: i64) -> Person {
    let (ride, rider) = (app.ride(1, price).await, app.rider().await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    app.drain().await;
    ride.driver
}

async fn run(app: &TestApp, finance: &Person) -> Value {
    let accepted =
        app.ask(Method::POST, "/payouts/run").by(finance).key(harness::story::uuid()).send().await.expect(202);
    app.drain().await;
    let id = accepted.text("/id");
    app.get(finance, &format!("/operations/{id}?wait=1")).await.expect(200).data("")
}

#[tokio::test]
async fn a_driver_is_paid_what_was_earned_and_only_once() {
    let app = TestApp::start().await;
    let driver = earn(&app, 6_000).await; // 6000 - 10 % - 100
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&driver).key("k").send().await.refused(403, "forbidden");

    let done = run(&app, &finance).await;
    assert_eq!((&done["status"], &done["result"]["amount"]), (&json!("succeeded"), &json!(5_300)));
    let paid = app.wave.state().payouts();
    assert_eq!(paid.len(), 1);
    assert_eq!(paid[0].francs(), 5_300);
    assert_eq!(paid[0].payout.mobile.as_deref(), Some(driver.phone.as_str()));
    assert_eq!((app.balance("earnings").await, app.balance("payout_transit").await), (0, 0));
    assert_eq!(app.notices(&driver, "payout_sent").await, 1);

    let payout = app.get(&driver, "/payouts").await.expect(200).text("/0/id");
    let path = format!("/payouts/{payout}/statement");
    let said = app.get(&driver, &path).await.expect(200);
    assert_eq!((said.int("/total/amount"), said.int("/payout/amount/amount")), (5_300, 5_300));
    assert_eq!(
        (said.int("/lines/0/booking/fare/amount"), said.int("/lines/0/booking/commission/amount")),
        (6_000, 700)
    );
    assert_eq!((said.int("/lines/0/earned/amount"), said.data("/lines").as_array().map(Vec::len)), (5_300, Some(1)));
    app.get(&finance, &path).await.expect(200);
    app.get(&app.rider().await, &path).await.refused(404, "not_found");

    let again = run(&app, &finance).await;
    assert_eq!(again["result"]["paid"], 0, "nothing is owed twice");
    assert_eq!(app.wave.state().payouts().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_failed_transfer_returns_the_same_earnings() {
    let app = TestApp::start().await;
    let driver = earn(&app, 6_000).await;
    let finance = app.person("Mariam", &["finance"]).await;
    let blocked = Faults { payout_error: Some("recipient-account-blocked".into()), ..Faults::default() };
    app.wave.knobs().next("payout.create", 1, blocked);
    let failed = run(&app, &finance).await;
    assert_eq!(failed["result"]["failed"], 1);
    assert_eq!(app.balance("earnings").await, -5_300);
    assert_eq!(app.notices(&driver, "payout_failed").await, 1);
    let second = run(&app, &finance).await;
    assert_eq!(second["result"]["paid"], 1);
    assert_eq!(app.balance("earnings").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_payout_whose_answer_was_lost_is_not_sent_again() {
    let app = TestApp::start().await;
    earn(&app, 6_000).await;
    let finance = app.person("Mariam", &["finance"]).await;
    let before = app.wave.state().balance();
    app.wave.knobs().next("payout.create", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    let waiting = run(&app, &finance).await;
    assert_eq!(waiting["status"], "waiting", "silence decides nothing");
    app.advance(TimeDelta::seconds(30)).await;
    app.drain().await;
    let id = waiting["id"].as_str().unwrap();
    let done = app.get(&finance, &format!("/operations/{id}")).await.expect(200);
    assert_eq!(done.text("/status"), "succeeded");
    assert_eq!(app.wave.state().payouts().len(), 1);
    assert_eq!(before - app.wave.state().balance(), 5_300 + 53, "paid once, with Wave's fee of 1 %");
    app.finish().await;
}

#[tokio::test]
async fn a_transfer_under_way_is_asked_after_until_it_ends() {
    let app = TestApp::start().await;
    earn(&app, 6_000).await;
    let finance = app.person("Mariam", &["finance"]).await;
    app.wave.knobs().next("payout.create", 1, Faults { processing_reads: Some(1), ..Faults::default() });
    assert_eq!(run(&app, &finance).await["status"], "waiting");
    for _ in 0..3 {
        app.advance(TimeDelta::seconds(40)).await;
        app.drain().await;
    }
    assert_eq!(app.balance("payout_transit").await, 0);
    assert_eq!(app.wave.state().payouts().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn small_sums_and_unknown_people_wait() {
    let mut options = Options::default();
    options.settings.payout.minimum = 10_000;
    let app = TestApp::start_with(options).await;
    earn(&app, 6_000).await;
    let finance = app.person("Mariam", &["finance"]).await;
    assert_eq!(run(&app, &finance).await["result"]["paid"], 0);
    assert_eq!(app.balance("earnings").await, -5_300);
    app.finish().await;

    let mut options = Options::default();
    options.settings.payout.requires_kyc = true;
    let app = TestApp::start_with(options).await;
    earn(&app, 6_000).await;
    let finance = app.person("Mariam", &["finance"]).await;
    assert_eq!(run(&app, &finance).await["result"]["paid"], 0, "no approved documents, no payout (K12)");
    app.finish().await;
}
