//! ★12: each earning is paid at most once, whatever the transfer does.

use chrono::TimeDelta;
use domain::{jobs::Maintenance, organizations::settings::PayoutFrequency};
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

#[tokio::test]
async fn what_a_driver_owes_is_kept_from_what_they_are_paid() {
    let app = TestApp::start().await;
    let driver = earn(&app, 6_000).await; // 5 300 earned
    let finance = app.person("Mariam", &["finance"]).await;
    app.forgive_unaudited();
    for amount in [9_000, 1_500] {
        sqlx::query(
            "insert into fines (org_id, id, user_id, reason, amount, currency)
             values ($1, gen_random_uuid(), $2, 'other', $3, 'XOF')",
        )
        .bind(app.org.0)
        .bind(driver.id.0)
        .bind(amount)
        .execute(&app.owner)
        .await
        .unwrap();
    }
    let blocked = Faults { payout_error: Some("recipient-account-blocked".into()), ..Faults::default() };
    app.wave.knobs().next("payout.create", 1, blocked);
    assert_eq!(run(&app, &finance).await["result"]["failed"], 1);
    assert_eq!(app.balance("earnings").await, -3_800, "what was withheld is not owed again");
    assert_eq!(run(&app, &finance).await["result"]["amount"], 3_800);
    assert_eq!((app.balance("earnings").await, app.balance("fees").await), (0, -1_500));
    let payout = app.get(&driver, "/payouts").await.expect(200).text("/0/id");
    let said = app.get(&driver, &format!("/payouts/{payout}/statement")).await.expect(200);
    assert_eq!((said.text("/lines/1/kind"), said.int("/lines/1/earned/amount")), ("fine_withheld".into(), -1_500));
    assert_eq!(said.int("/total/amount"), 3_800, "the lines are the payout");
    let left = app.get(&driver, "/fines?status=due").await.expect(200).data("");
    assert_eq!(left.as_array().map(Vec::len), Some(1), "what earnings do not cover whole is still due");
    assert_eq!(run(&app, &finance).await["result"]["paid"], 0);
    app.finish().await;
}

#[tokio::test]
async fn a_daily_run_begins_by_itself_and_once() {
    let mut options = Options::default();
    options.settings.payout.frequency = PayoutFrequency::Daily;
    let app = TestApp::start_with(options).await;
    earn(&app, 6_000).await;
    for _ in 0..3 {
        app.sweep(&Maintenance::SchedulePayouts).await;
    }
    assert_eq!(app.wave.state().payouts().len(), 1);
    assert_eq!(app.count("select count(*) from operations where kind = 'payout_run'").await, 1, "one day, one run");
    app.advance(TimeDelta::days(1)).await;
    app.sweep(&Maintenance::SchedulePayouts).await;
    assert_eq!(app.count("select count(*) from operations where kind = 'payout_run'").await, 2);
    assert_eq!(app.wave.state().payouts().len(), 1, "nothing was earned meanwhile");
    app.finish().await;
}

#[tokio::test]
async fn a_weekly_run_begins_on_mondays_and_small_sums_wait_for_more() {
    let mut options = Options::default();
    options.settings.payout.frequency = PayoutFrequency::Weekly;
    options.settings.payout.minimum = 6_000;
    let app = TestApp::start_with(options).await;
    earn(&app, 6_000).await; // 5 300
    for _ in 0..7 {
        app.sweep(&Maintenance::SchedulePayouts).await;
        app.advance(TimeDelta::days(1)).await;
    }
    let days = "select count(*) from operations where kind = 'payout_run' and extract(isodow from created_at) = 1";
    assert_eq!(
        (app.count(days).await, app.count("select count(*) from operations where kind = 'payout_run'").await),
        (1, 1)
    );
    assert_eq!((app.wave.state().payouts().len(), app.balance("earnings").await), (0, -5_300), "below the minimum");
    app.finish().await;
}

#[tokio::test]
async fn what_a_driver_is_just_paying_is_not_withheld_as_well() {
    let app = TestApp::start().await;
    let driver = earn(&app, 6_000).await; // 5 300
    let finance = app.person("Mariam", &["finance"]).await;
    app.forgive_unaudited();
    let fine: String = sqlx::query_scalar(
        "insert into fines (org_id, id, user_id, reason, amount, currency)
         values ($1, gen_random_uuid(), $2, 'other', 1500, 'XOF') returning id::text",
    )
    .bind(app.org.0)
    .bind(driver.id.0)
    .fetch_one(&app.owner)
    .await
    .unwrap();
    let pay = app.ask(Method::POST, &format!("/fines/{fine}/payments")).by(&driver).key(harness::story::uuid());
    let opened = pay.header("prefer", "wait=0").json(&json!({ "method": "wave" })).send().await.expect(202);
    app.drain().await;
    assert_eq!(run(&app, &finance).await["result"]["amount"], 5_300);
    app.pay_checkout(&app.checkout_of(&opened.text("/subject/id"))).await;
    assert_eq!((app.balance("fees").await, app.balance("earnings").await), (-1_500, 0), "paid once");
    app.finish().await;
}
