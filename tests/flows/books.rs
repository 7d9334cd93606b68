//! Any balance is explained down to the provider's events (★4, CX20): accounts, movements, parts that add up.

use harness::{Person, TestApp};
use serde_json::{Value, json};

async fn account(app: &TestApp, finance: &Person, kind: &str) -> Value {
    let found = app.get(finance, &format!("/ledger/accounts?kind={kind}")).await.expect(200).data("");
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{kind}: {found}");
    found[0].clone()
}

async fn explained(app: &TestApp, finance: &Person, account: &Value, query: &str) -> Value {
    let id = account["id"].as_str().unwrap();
    let why = app.get(finance, &format!("/ledger/accounts/{id}/explain{query}")).await.expect(200).data("");
    assert_eq!(why["sum"], account["balance"], "the parts are the balance");
    why
}

#[tokio::test]
async fn a_balance_is_explained_down_to_the_providers_event() {
    let app = TestApp::start().await;
    let finance = app.person("Mariam", &["finance"]).await;
    let (ride, awa, kone) = (app.ride(3, 3_000).await, app.rider().await, app.rider().await);
    let (first, paid) = app.paid_booking(&awa, &ride, 1).await;
    let (second, _) = app.paid_booking(&kone, &ride, 2).await;

    let escrow = account(&app, &finance, "escrow").await;
    assert_eq!(escrow["balance"], json!({ "amount": 9_000, "currency": "XOF" }));
    let why = explained(&app, &finance, &escrow, "").await;
    let parts = why["parts"].as_array().unwrap();
    assert_eq!((&parts[0]["subject_id"], &parts[1]["subject_id"]), (&json!(second), &json!(first)), "latest first");
    assert_eq!((&parts[0]["amount"]["amount"], &parts[1]["amount"]["amount"]), (&json!(6_000), &json!(3_000)));
    let step = &parts[1]["steps"][0];
    assert_eq!((&step["kind"], &step["payment"]["id"]), (&json!("booking_paid"), &json!(paid)));
    let event = &step["payment"]["events"][0];
    assert_eq!((&event["kind"], &event["status"]), (&json!("checkout.session.completed"), &json!("settled")));
    assert!(event["key"].as_str().is_some_and(|key| !key.is_empty()));

    // what went back is still told of, once asked
    app.step(&awa, &first, "cancel").await.expect(200);
    app.drain().await;
    let escrow = account(&app, &finance, "escrow").await;
    assert_eq!(explained(&app, &finance, &escrow, "").await["parts"].as_array().unwrap().len(), 1);
    let all = explained(&app, &finance, &escrow, "?all=true").await;
    assert_eq!(all["pagination"]["total"], 2);
    let kinds: Vec<&Value> = all["parts"][0]["steps"].as_array().unwrap().iter().map(|step| &step["kind"]).collect();
    assert_eq!(kinds, ["booking_paid", "refund_started"]);

    // money at the provider counts as held, and its movements are paged without a gap
    let held = account(&app, &finance, "provider").await;
    assert_eq!(held["balance"]["amount"], 6_000);
    let path = format!("/ledger/accounts/{}/entries", held["id"].as_str().unwrap());
    let (mut amounts, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&finance, &format!("{path}?limit=2{cursor}")).await.expect(200);
        amounts.extend(page.data("").as_array().unwrap().iter().map(|entry| entry["amount"]["amount"].clone()));
        match page.body["meta"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(amounts, [-3_000, 6_000, 3_000]);
    let none = app.get(&finance, &format!("{path}?kind=payout_confirmed")).await.expect(200);
    assert_eq!(none.data(""), json!([]));
    for wrong in ["cursor=x", "limit=0", "from=monday", "colour=blue"] {
        app.get(&finance, &format!("{path}?{wrong}")).await.refused(400, "validation_error");
    }
    app.get(&awa, "/ledger/accounts").await.refused(403, "forbidden");
    app.finish().await;
}

#[tokio::test]
async fn a_person_sees_what_moved_on_their_own_accounts_alone() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.advance(chrono::TimeDelta::hours(47) + chrono::TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    let mine = app.get(&ride.driver, "/wallet/transactions").await.expect(200).data("");
    assert_eq!(mine.as_array().map(Vec::len), Some(1));
    let (earned, about) = (&mine[0]["amount"]["amount"], &mine[0]["subject_id"]);
    assert_eq!((&mine[0]["kind"], earned, about), (&json!("booking_completed"), &json!(5_300), &json!(booking)));
    let wallet = app.get(&ride.driver, "/wallet/transactions?account=wallet").await.expect(200).data("");
    assert_eq!(wallet, json!([]), "it was earned, not put into the wallet");
    assert_eq!(app.get(&rider, "/wallet/transactions").await.expect(200).data(""), json!([]));
    app.finish().await;
}
