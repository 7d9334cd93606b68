//! Tickets are bought once per payment, spent never twice and corrected with a reason, by two people above a limit
//! (K18–K23, SN25).

use harness::{Answer, Person, TestApp, story::uuid};
use reqwest::Method;
use serde_json::{Value, json};

async fn ask(app: &TestApp, by: &Person, path: &str, key: &str, body: Value) -> Answer {
    app.ask(Method::POST, path).by(by).key(key).header("prefer", "wait=0").json(&body).send().await
}

async fn tickets(app: &TestApp, by: &Person) -> i64 {
    app.get(by, "/wallet?currency=TKT").await.expect(200).int("/balance/amount")
}

async fn pack(app: &TestApp) -> (Person, String) {
    let manager = app.person("Mariam", &["manager"]).await;
    let body = json!({ "name": "10 parties", "tickets": 10, "price": 2_000 });
    let id = app.post(&manager, "/ticket-offers", &body).await.expect(201).text("/id");
    (manager, id)
}

async fn adjust(app: &TestApp, by: &Person, to: &Person, delta: i64) -> Answer {
    let body = json!({ "user_id": to.id, "currency": "TKT", "delta": delta, "reason": "The machine swallowed them" });
    ask(app, by, "/wallet-adjustments", &uuid(), body).await
}

#[tokio::test]
async fn a_pack_is_bought_once_per_payment() {
    let app = TestApp::start().await;
    let ((manager, pack), awa) = (pack(&app).await, app.rider().await);
    let body = json!({ "ticket_offer_id": pack, "method": "wave" });
    let payment = ask(&app, &awa, "/ticket-purchases", "once", body.clone()).await.expect(202).text("/subject/id");
    assert_eq!(
        ask(&app, &awa, "/ticket-purchases", "once", body.clone()).await.expect(202).text("/subject/id"),
        payment
    );
    app.drain().await;
    let checkout = app.checkout_of(&payment);

    // what was opened at ten for two thousand stays that, whatever becomes of the pack
    let change = json!({ "tickets": 5, "price": 9_000, "active": false });
    app.patch(&manager, &format!("/ticket-offers/{pack}"), &change).await.expect(200);
    app.pay_checkout(&checkout).await;
    app.advance(chrono::TimeDelta::seconds(20)).await; // the poll finds what the webhook told
    app.drain().await;
    assert_eq!((tickets(&app, &awa).await, app.balance("provider").await), (10, 2_000));
    assert_eq!((app.balance("sales").await, app.balance("tickets_issued").await), (-2_000, 10));
    assert_eq!(app.get(&awa, "/me").await.expect(200).int("/tickets"), 10, "C23");
    let bought = app.get(&awa, "/payments?purpose=purchase").await.expect(200);
    assert_eq!((bought.text("/0/status"), bought.text("/0/subject/type")), ("succeeded".into(), "user".into()));
    let moved = app.get(&awa, "/wallet/transactions?currency=TKT").await.expect(200);
    assert_eq!((moved.text("/0/kind"), moved.int("/0/amount/amount")), ("tickets_sold".into(), 10));
    assert_eq!(app.get(&awa, "/ticket-offers").await.expect(200).data(""), json!([]), "it is not sold any more");
    ask(&app, &awa, "/ticket-purchases", &uuid(), body).await.refused(404, "not_found");
    app.post(&awa, "/ticket-offers", &json!({ "name": "x", "tickets": 1, "price": 1 })).await.refused(403, "forbidden");
    app.finish().await;
}

#[tokio::test]
async fn what_nobody_paid_gives_no_tickets() {
    let app = TestApp::start().await;
    let ((_, pack), awa) = (pack(&app).await, app.rider().await);
    app.wave.knobs().tune(|tuning| tuning.session_seconds = 60);
    ask(&app, &awa, "/ticket-purchases", &uuid(), json!({ "ticket_offer_id": pack, "method": "wave" }))
        .await
        .expect(202);
    app.drain().await;
    app.wave.knobs().tune(|tuning| tuning.clock_offset_seconds = 120);
    app.advance(chrono::TimeDelta::seconds(20)).await;
    app.drain().await;
    assert_eq!(app.get(&awa, "/payments?purpose=purchase").await.expect(200).text("/0/status"), "expired");
    assert_eq!((tickets(&app, &awa).await, app.balance("tickets_issued").await), (0, 0));
    let from_wallet = json!({ "ticket_offer_id": pack, "method": "wallet" });
    ask(&app, &awa, "/ticket-purchases", &uuid(), from_wallet).await.refused(402, "insufficient_funds");
    assert_eq!(app.count("select count(*) from ticket_purchases").await, 1, "a refusal leaves nothing");
    app.finish().await;
}

#[tokio::test]
async fn a_balance_is_corrected_with_a_reason_and_undone_by_its_opposite() {
    let app = TestApp::start().await;
    let (finance, awa) = (app.person("Mariam", &["finance"]).await, app.rider().await);
    adjust(&app, &awa, &awa, 5).await.refused(403, "forbidden");
    let blank = json!({ "user_id": awa.id, "currency": "TKT", "delta": 5, "reason": " " });
    ask(&app, &finance, "/wallet-adjustments", &uuid(), blank).await.refused(400, "validation_error");
    let made = adjust(&app, &finance, &awa, 5).await.expect(201);
    assert_eq!((made.text("/status"), tickets(&app, &awa).await), ("applied".into(), 5));
    adjust(&app, &finance, &awa, -6).await.refused(402, "insufficient_funds");
    let path = format!("/wallet-adjustments/{}/reverse", made.text("/id"));
    let undone = app.post(&finance, &path, &json!({ "reason": "Wrong player" })).await.expect(201);
    assert_eq!((undone.text("/reverses"), tickets(&app, &awa).await), (made.text("/id"), 0));
    app.post(&finance, &path, &json!({ "reason": "again" })).await.refused(409, "conflict");
    assert_eq!(app.balance("tickets_issued").await, 0);
    let all = app.get(&finance, &format!("/wallet-adjustments?user_id={}", awa.id)).await.expect(200).data("");
    assert_eq!(all.as_array().map(Vec::len), Some(2), "both stay in the books");
    app.finish().await;
}

#[tokio::test]
async fn above_a_limit_it_takes_two_people() {
    let app = TestApp::start().await;
    let (mariam, ibrahim) = (app.person("Mariam", &["finance"]).await, app.person("Ibrahim", &["finance"]).await);
    let awa = app.rider().await;
    let asked = adjust(&app, &mariam, &awa, 101).await.expect(201);
    assert_eq!((asked.text("/status"), tickets(&app, &awa).await), ("pending".into(), 0));
    let step = |step: &str| format!("/wallet-adjustments/{}/{step}", asked.text("/id"));
    let alone = app.post(&mariam, &step("approve"), &json!({})).await.refused(409, "conflict");
    assert_eq!(alone.details()["reason"], "second_person");
    let (app_ref, ibrahim_ref, approve) = (&app, &ibrahim, &step("approve"));
    let asks = (0..4).map(|_| async move { app_ref.post(ibrahim_ref, approve, &json!({})).await.status });
    let mut answers = futures::future::join_all(asks).await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409, 409]);
    assert_eq!(tickets(&app, &awa).await, 101);
    let second = adjust(&app, &mariam, &awa, -101).await.expect(201).text("/id");
    app.post(&ibrahim, &format!("/wallet-adjustments/{second}/reject"), &json!({})).await.expect(200);
    app.post(&ibrahim, &format!("/wallet-adjustments/{second}/approve"), &json!({}))
        .await
        .refused(409, "state_conflict");
    assert_eq!(tickets(&app, &awa).await, 101);
    app.finish().await;
}

#[tokio::test]
async fn nobody_corrects_their_own_balance() {
    let app = TestApp::start().await;
    let (mariam, ibrahim) = (app.person("Mariam", &["finance"]).await, app.person("Ibrahim", &["finance"]).await);
    let own = |answer: Answer| assert_eq!(answer.refused(409, "conflict").details()["reason"], "own_balance");
    own(adjust(&app, &mariam, &mariam, 5).await);
    // nor agrees to what somebody else would give them, though they may decline it
    let large = adjust(&app, &ibrahim, &mariam, 101).await.expect(201).text("/id");
    own(app.post(&mariam, &format!("/wallet-adjustments/{large}/approve"), &json!({})).await);
    app.post(&mariam, &format!("/wallet-adjustments/{large}/reject"), &json!({})).await.expect(200);
    // nor undoes what somebody took from them
    adjust(&app, &ibrahim, &mariam, 5).await.expect(201);
    let taken = adjust(&app, &ibrahim, &mariam, -5).await.expect(201).text("/id");
    own(app.post(&mariam, &format!("/wallet-adjustments/{taken}/reverse"), &json!({ "reason": "mine" })).await);
    assert_eq!((tickets(&app, &mariam).await, app.balance("tickets_issued").await), (0, 0));
    app.finish().await;
}

#[tokio::test]
async fn many_corrections_at_once_take_no_more_than_there_is() {
    let app = TestApp::start().await;
    let (finance, awa) = (app.person("Mariam", &["finance"]).await, app.rider().await);
    adjust(&app, &finance, &awa, 30).await.expect(201);
    let (app_ref, finance_ref, awa_ref) = (&app, &finance, &awa);
    let asks = (0..8).map(|_| async move { adjust(app_ref, finance_ref, awa_ref, -10).await.status });
    let mut answers = futures::future::join_all(asks).await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 201, 201, 402, 402, 402, 402, 402]);
    assert_eq!((tickets(&app, &awa).await, app.balance("tickets_issued").await), (0, 0));
    app.finish().await;
}
