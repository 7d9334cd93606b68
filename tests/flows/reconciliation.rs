//! The books are held against the provider's own list: each difference is found, typed, one ticket, and closed by a person
//! (J15, Q2).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::jobs::Maintenance;
use harness::{Person, Ride, TestApp, story::uuid};
use reqwest::Method;
use sandbox::{Doctored, Faults, Stray};
use serde_json::{Value, json};

/// The day of the provider's clock on which this test began.
fn day_of(app: &TestApp) -> NaiveDate {
    app.wave.now().date_naive()
}

/// Until the day that is looked at is over, here and at the provider.
async fn next_day(app: &TestApp) {
    let by = TimeDelta::hours(51);
    app.advance(by).await;
    app.wave.knobs().tune(|tuning| tuning.clock_offset_seconds += by.num_seconds());
}

async fn look(app: &TestApp, finance: &Person, day: NaiveDate) -> Value {
    let ask = json!({ "provider_account_id": app.account, "day": day });
    let run = app.post(finance, "/reconciliation-runs", &ask).await.expect(201).text("/id");
    app.drain().await;
    let run = app.get(finance, &format!("/reconciliation-runs/{run}")).await.expect(200).data("");
    assert_eq!(run["status"], "finished", "{run}");
    run
}

async fn open_items(app: &TestApp, finance: &Person) -> Vec<Value> {
    let found = app.get(finance, "/reconciliation-items?status=open&page_size=100").await.expect(200).data("");
    found.as_array().unwrap().clone()
}

/// A booking of one seat paid by webhook: `(payment, checkout)`.
async fn paid(app: &TestApp, ride: &Ride) -> (String, String) {
    let rider = app.rider().await;
    let (_, payment) = app.paid_booking(&rider, ride, 1).await;
    let checkout = app.checkout_of(&payment);
    (payment, checkout)
}

#[tokio::test]
async fn each_difference_is_found_typed_and_fixed_once() {
    let app = TestApp::start().await;
    let finance = app.person("Mariam", &["finance"]).await;
    let (ride, day) = (app.ride(8, 3_000).await, day_of(&app));
    // agreed on by both sides, with a fee the list alone tells of
    paid(&app, &ride).await;
    let (hidden, _) = paid(&app, &ride).await;
    let (less, _) = paid(&app, &ride).await;
    let (dearer, _) = paid(&app, &ride).await;
    let (earlier, _) = paid(&app, &ride).await;
    look(&app, &finance, day - TimeDelta::days(2)).await;
    app.post(&finance, "/reconciliation-runs", &json!({ "provider_account_id": app.account, "day": day }))
        .await
        .refused(400, "validation_error");
    // the provider took money and never told; nor could it be asked
    let silent = app.rider().await;
    let booking = app.book(&silent, &ride, 1).await;
    let (lost, checkout) = app.open_payment(&silent, &booking).await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    let away = sandbox::Refuse { status: 503, code: "unavailable".into(), retry_after: None };
    app.wave.knobs().always("checkout.get", Faults { refuse: Some(away), ..Faults::default() });
    app.wave.pay(&checkout).unwrap();

    next_day(&app).await;
    look(&app, &finance, day).await;
    let first = open_items(&app, &finance).await;
    assert_eq!(first.len(), 1, "only what was not settled: {first:?}");
    assert_eq!((&first[0]["kind"], &first[0]["payment_id"]), (&json!("status"), &json!(lost)));
    let fees = app.balance("provider_fees").await;
    assert_eq!(fees, 5 * 30, "what collecting cost is learned from the list");

    // the list says otherwise from now on
    assert_eq!(app.wave.doctor(&hidden, &Doctored { hide: true, ..Doctored::default() }), 1);
    app.wave.doctor(&less, &Doctored { amount: Some(2_500), ..Doctored::default() });
    app.wave.doctor(&dearer, &Doctored { fee: Some(45), ..Doctored::default() });
    let noon: DateTime<Utc> = (day - TimeDelta::days(1)).and_hms_opt(12, 0, 0).unwrap().and_utc();
    app.wave.doctor(&earlier, &Doctored { at: Some(noon), ..Doctored::default() });
    let at = Some(day.and_hms_opt(0, 0, 1).unwrap().and_utc());
    app.wave.stray(&Stray { amount: 700, at });
    app.wave.stray(&Stray { amount: -400, at });
    let run = look(&app, &finance, day).await;
    let items = open_items(&app, &finance).await;
    assert_eq!((run["found"].as_i64(), items.len()), (Some(6), 6), "{items:?}");
    look(&app, &finance, day).await;
    assert_eq!(open_items(&app, &finance).await.len(), 6, "seen twice, told once");
    look(&app, &finance, day - TimeDelta::days(1)).await; // the day on which the provider has it
    let items = open_items(&app, &finance).await;
    let of =
        |kind: &str, payment: &str| items.iter().filter(|i| i["kind"] == kind && i["payment_id"] == payment).count();
    assert_eq!(of("missing_there", &hidden), 1, "{items:?}");
    assert_eq!(of("amount", &less), 1);
    assert_eq!(of("fee", &dearer), 1);
    assert_eq!(of("timing", &earlier), 1);
    assert_eq!(of("status", &lost), 1);
    let strangers: Vec<&Value> = items.iter().filter(|item| item["kind"] == "missing_here").collect();
    assert_eq!(strangers.iter().map(|item| item["theirs"]["amount"].as_i64().unwrap()).sum::<i64>(), 300);

    // one is left as it is, for a reason; the others are fixed, each once
    let (left, fixed) = items.split_first().unwrap();
    let rider = app.rider().await;
    let path = |item: &Value, what: &str| format!("/reconciliation-items/{}/{what}", item["id"].as_str().unwrap());
    app.post(&rider, &path(left, "apply"), &json!({})).await.refused(403, "forbidden");
    app.post(&finance, &path(left, "dismiss"), &json!({ "reason": "" })).await.refused(400, "validation_error");
    app.wave.knobs().clear();
    for item in fixed.iter().chain([left]) {
        let applied = app.post(&finance, &path(item, "apply"), &json!({})).await.expect(200).data("");
        assert_eq!(applied["status"], "applied");
        app.post(&finance, &path(item, "apply"), &json!({})).await.refused(409, "state_conflict");
    }
    app.drain().await;
    assert_eq!(app.payment(&silent, &lost).await["status"], "succeeded", "settled by the ordinary rules");
    let suspense = app.balance("suspense").await;
    assert_eq!(suspense, -(-3_000 - 500 + 700 - 400), "what nobody has explained waits there");
    for ago in [0, 1] {
        let run = look(&app, &finance, day - TimeDelta::days(ago)).await;
        assert_eq!(run["found"], 0, "after the fixes nothing differs");
    }
    assert_eq!(open_items(&app, &finance).await, Vec::<Value>::new());
    assert_eq!(app.balance("provider_fees").await, 6 * 30 + 15, "the late one and the dearer one too");
    app.finish().await;
}

#[tokio::test]
async fn a_day_is_looked_at_by_itself_and_what_is_dismissed_stays_quiet() {
    let app = TestApp::start().await;
    let finance = app.person("Mariam", &["finance"]).await;
    let (ride, day) = (app.ride(2, 3_000).await, day_of(&app));
    let (hidden, checkout) = paid(&app, &ride).await;
    app.wave.doctor(&checkout, &Doctored { hide: true, ..Doctored::default() });
    next_day(&app).await;
    app.sweep(&Maintenance::SweepReconciliations).await;
    app.drain().await;
    let runs = app.get(&finance, &format!("/reconciliation-runs?day={day}")).await.expect(200).data("");
    assert_eq!((runs.as_array().unwrap().len(), &runs[0]["found"]), (1, &json!(1)), "{runs}");
    app.sweep(&Maintenance::SweepReconciliations).await;
    app.drain().await;
    let again = app.get(&finance, &format!("/reconciliation-runs?day={day}")).await.expect(200).data("");
    assert_eq!(again, runs, "once a day");

    let item = open_items(&app, &finance).await.remove(0);
    assert_eq!(item["payment_id"], json!(hidden));
    let path = format!("/reconciliation-items/{}", item["id"].as_str().unwrap());
    let why = json!({ "reason": "Wave's support says that its list was cut" });
    app.ask(Method::POST, &format!("{path}/dismiss")).by(&finance).key(uuid()).json(&why).send().await.expect(200);
    assert_eq!(app.get(&finance, &path).await.expect(200).text("/status"), "dismissed");
    assert_eq!(look(&app, &finance, day).await["found"], 0, "it is not told of again");
    assert_eq!(app.balance("suspense").await, 0, "and moved nothing");
    app.finish().await;
}

#[tokio::test]
async fn a_refund_a_payout_and_a_card_agree_with_their_lists() {
    let app = TestApp::with_every_provider().await;
    let finance = app.person("Mariam", &["finance"]).await;
    let (ride, day) = (app.ride(3, 3_000).await, day_of(&app));
    let rider = app.rider().await;
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.step(&rider, &booking, "cancel").await.expect(200);
    app.drain().await;
    app.booking_paid_by("card", &rider, &ride).await;
    app.booking_paid_by("mtn", &rider, &ride).await;
    next_day(&app).await;
    let accounts: Vec<(uuid::Uuid, String)> =
        sqlx::query_as("select id, provider from provider_accounts where org_id = $1")
            .bind(app.org.0)
            .fetch_all(&app.owner)
            .await
            .unwrap();
    for (account, provider) in accounts {
        let ask = json!({ "provider_account_id": account, "day": day });
        let run = app.post(&finance, "/reconciliation-runs", &ask).await.expect(201).text("/id");
        app.drain().await;
        let run = app.get(&finance, &format!("/reconciliation-runs/{run}")).await.expect(200).data("");
        let items = open_items(&app, &finance).await;
        assert_eq!((&run["status"], items.len()), (&json!("finished"), 0), "{provider}: {items:?}");
        let by_list = ["wave", "card"].contains(&provider.as_str());
        assert_eq!(run["source"], if by_list { "list" } else { "statuses" });
        let told = match provider.as_str() {
            "wave" => 2,
            "card" | "mtn" => 1,
            _ => 0,
        };
        assert_eq!(run["movements"], told, "{provider}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_closed_period_takes_nothing_more_and_a_correction_is_taken_back_by_its_mirror() {
    let app = TestApp::start().await;
    let finance = app.person("Mariam", &["finance"]).await;
    let day = day_of(&app);
    let at = day.and_hms_opt(0, 0, 1).unwrap().and_utc();
    for amount in [700, 900] {
        app.wave.stray(&Stray { amount, at: Some(at) });
    }
    next_day(&app).await;
    look(&app, &finance, day).await;
    let path = |item: &Value| format!("/reconciliation-items/{}/apply", item["id"].as_str().unwrap());
    let items = open_items(&app, &finance).await;
    app.post(&finance, &path(&items[0]), &json!({})).await.expect(200);

    let close = json!({ "before": day + TimeDelta::days(1) });
    app.post(&app.rider().await, "/ledger/closings", &close).await.refused(403, "forbidden");
    app.post(&finance, "/ledger/closings", &json!({ "before": "2999-01-01" })).await.refused(400, "validation_error");
    app.post(&finance, "/ledger/closings", &close).await.expect(201);
    app.post(&finance, "/ledger/closings", &close).await.refused(409, "period_closed");
    app.post(&finance, &path(&items[1]), &json!({})).await.expect(200);
    let when: Vec<(DateTime<Utc>, DateTime<Utc>)> =
        sqlx::query_as("select occurred_at, created_at from ledger_transactions where kind = 'reconciled' order by id")
            .fetch_all(&app.owner)
            .await
            .unwrap();
    assert_eq!(when[0].0, at, "when the provider had it, beside when it was written");
    assert!(when[1].0 > at + TimeDelta::days(1) && when[1].1 >= when[1].0, "its day was closed meanwhile: {when:?}");

    // whoever writes past the rules is refused by the database
    let backdated = sqlx::query(
        "insert into ledger_transactions (org_id, id, kind, subject_type, subject_id, dedupe_key, occurred_at)
         values ($1, gen_random_uuid(), 'x', 'payment', gen_random_uuid(), 'x', $2)",
    );
    let refused = backdated.bind(app.org.0).bind(at).execute(&app.owner).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().constraint(), Some("ledger_period_open"));

    let corrected: uuid::Uuid =
        sqlx::query_scalar("select id from ledger_transactions where kind = 'reconciled' order by id limit 1")
            .fetch_one(&app.owner)
            .await
            .unwrap();
    let reverse = format!("/ledger/transactions/{corrected}/reverse");
    let why = json!({ "reason": "Wave corrected its list" });
    app.post(&finance, &reverse, &json!({ "reason": "" })).await.refused(400, "validation_error");
    let mirror = app.post(&finance, &reverse, &why).await.expect(200).text("/id");
    app.post(&finance, &reverse, &why).await.refused(409, "state_conflict");
    app.post(&finance, &format!("/ledger/transactions/{mirror}/reverse"), &why).await.refused(409, "state_conflict");
    let left = -app.balance("suspense").await;
    assert!([700, 900].contains(&left), "one of both is left: {left}");
    assert_eq!(look(&app, &finance, day).await["found"], 1, "what was taken back is a difference again");
    app.finish().await;
}
