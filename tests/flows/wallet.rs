//! What people keep with us: filled once per payment, spent never twice, withdrawn to a proved number or not at all
//! (K1–K6, K24, K26, SN8, SN30).

use chrono::TimeDelta;
use harness::{Answer, Options, Person, TestApp, story::uuid};
use reqwest::Method;
use sandbox::Faults;
use serde_json::{Value, json};

fn open_handed() -> Options {
    let mut options = Options::default();
    options.settings.withdrawal.requires_kyc = false;
    options
}

async fn ask(app: &TestApp, by: &Person, path: &str, key: &str, body: Value) -> Answer {
    app.ask(Method::POST, path).by(by).key(key).header("prefer", "wait=0").json(&body).send().await
}

async fn fill(app: &TestApp, by: &Person, amount: i64) {
    let opened = ask(app, by, "/wallet/topup", &uuid(), json!({ "amount": amount, "method": "wave" })).await;
    app.drain().await;
    app.pay_checkout(&app.checkout_of(&opened.expect(202).text("/subject/id"))).await;
}

async fn wallet(app: &TestApp, by: &Person) -> i64 {
    app.get(by, "/wallet").await.expect(200).int("/balance/amount")
}

/// Somebody with 5 000 in their wallet whose number was proved long ago.
async fn saver(app: &TestApp) -> Person {
    let koffi = app.driver().await;
    fill(app, &koffi, 5_000).await;
    app.advance(TimeDelta::hours(25)).await;
    app.drain().await;
    koffi
}

async fn end_of(app: &TestApp, by: &Person, asked: &Answer) -> Value {
    app.get(by, &format!("/operations/{}", asked.text("/id"))).await.expect(200).data("")
}

#[tokio::test]
async fn a_wallet_is_filled_once_by_each_payment() {
    let app = TestApp::start().await;
    let awa = app.rider().await;
    let empty = app.get(&awa, "/wallet").await.expect(200);
    assert_eq!(
        (empty.data("/balance"), empty.data("/updated_at")),
        (json!({ "amount": 0, "currency": "XOF" }), json!(null))
    );
    let body = json!({ "amount": 5_000, "method": "wave" });
    let first = ask(&app, &awa, "/wallet/topup", "once", body.clone()).await.expect(202).text("/subject/id");
    assert_eq!(ask(&app, &awa, "/wallet/topup", "once", body.clone()).await.expect(202).text("/subject/id"), first);
    let second = ask(&app, &awa, "/wallet/topup", "twice", body).await.expect(202).text("/subject/id");
    app.drain().await;
    let (checkout, other) = (app.checkout_of(&first), app.checkout_of(&second));
    app.pay_checkout(&checkout).await;
    app.advance(TimeDelta::seconds(20)).await; // the poll finds what the webhook told
    app.drain().await;
    assert_eq!((wallet(&app, &awa).await, app.balance("provider").await), (5_000, 5_000));
    assert_eq!(app.notices(&awa, "wallet_credited").await, 1);
    app.pay_checkout(&other).await;
    assert_eq!((wallet(&app, &awa).await, app.balance("wallet").await), (10_000, -10_000));
    let shown = app.payment(&awa, &first).await;
    assert_eq!((&shown["purpose"], &shown["subject"]["type"]), (&json!("topup"), &json!("user")));
    let moved = app.get(&awa, "/wallet/transactions?account=wallet&type=credit").await.expect(200).data("");
    assert_eq!(moved.as_array().map(Vec::len), Some(2));
    assert_eq!(app.get(&awa, "/wallet/transactions?type=debit").await.expect(200).data(""), json!([]));
    for (body, status, code) in [
        (json!({ "amount": 0, "method": "wave" }), 400, "validation_error"),
        (json!({ "amount": 500, "method": "wallet" }), 400, "validation_error"),
        (json!({ "amount": 500, "method": "mtn" }), 503, "provider_unavailable"),
    ] {
        ask(&app, &awa, "/wallet/topup", &uuid(), body).await.refused(status, code);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_ride_paid_from_the_wallet_is_paid_at_once_and_comes_back_into_it() {
    let app = TestApp::start().await;
    let (ride, awa) = (app.ride(3, 3_000).await, app.rider().await);
    fill(&app, &awa, 5_000).await;
    let (first, second) = (app.book(&awa, &ride, 1).await, app.book(&awa, &ride, 1).await);
    let pay = |booking: &str| json!({ "booking_id": booking, "method": "wallet" });
    let paid = ask(&app, &awa, "/payments", "once", pay(&first)).await.expect(201);
    assert_eq!((paid.text("/status"), paid.text("/method")), ("succeeded".into(), "wallet".into()));
    let again = ask(&app, &awa, "/payments", "once", pay(&first)).await.expect(201);
    assert_eq!(again.text("/id"), paid.text("/id"));
    ask(&app, &awa, "/payments", &uuid(), pay(&first)).await.refused(409, "already_paid");
    assert_eq!(app.booking(&awa, &first).await["status"], "confirmed");
    assert_eq!((wallet(&app, &awa).await, app.balance("escrow").await), (2_000, -3_000));

    // the second one is not covered, and nothing at all changed
    ask(&app, &awa, "/payments", &uuid(), pay(&second)).await.refused(402, "insufficient_funds");
    assert_eq!(
        (wallet(&app, &awa).await, app.booking(&awa, &second).await["payment_status"].clone()),
        (2_000, json!("due"))
    );

    app.step(&awa, &first, "cancel").await.expect(200);
    assert_eq!((wallet(&app, &awa).await, app.balance("escrow").await), (5_000, 0), "back at once, no provider asked");
    assert_eq!(app.booking(&awa, &first).await["payment_status"], "refunded");
    assert_eq!(app.balance("refund_transit").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn many_at_once_spend_no_more_than_there_is() {
    let app = TestApp::start().await;
    let (ride, awa) = (app.ride(8, 1_000).await, app.rider().await);
    fill(&app, &awa, 3_000).await;
    let mut bookings = Vec::new();
    for _ in 0..8 {
        bookings.push(app.book(&awa, &ride, 1).await);
    }
    let (app_ref, awa_ref) = (&app, &awa);
    let payments = bookings.iter().map(|booking| async move {
        ask(app_ref, awa_ref, "/payments", &uuid(), json!({ "booking_id": booking, "method": "wallet" })).await.status
    });
    let mut answers = futures::future::join_all(payments).await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 201, 201, 402, 402, 402, 402, 402]);
    assert_eq!((wallet(&app, &awa).await, app.balance("escrow").await), (0, -3_000));
    app.finish().await;
}

#[tokio::test]
async fn a_fine_is_paid_from_the_wallet() {
    let app = TestApp::start().await;
    let rules = json!({ "release_after_minutes": 15, "no_show": { "fine": 1_500 } });
    let park = app.thing("parking", "Plateau", &["B-1"], rules).await;
    let awa = app.rider().await;
    fill(&app, &awa, 2_000).await;
    app.reserve(&awa, &park, "09:00", "12:00").await;
    app.go_to(app.at(2, "09:16").await).await;
    app.drain().await;
    let fine = app.get(&awa, "/fines?status=due").await.expect(200).text("/0/id");
    let path = format!("/fines/{fine}/payments");
    ask(&app, &awa, &path, "once", json!({ "method": "wallet" })).await.expect(201);
    assert_eq!(app.get(&awa, &format!("/fines/{fine}")).await.expect(200).text("/status"), "paid");
    assert_eq!((wallet(&app, &awa).await, app.balance("fees").await), (500, -1_500));
    ask(&app, &awa, &path, &uuid(), json!({ "method": "wallet" })).await.refused(409, "already_paid");
    app.finish().await;
}

#[tokio::test]
async fn a_withdrawal_leaves_once_whatever_is_pressed_or_lost() {
    let app = TestApp::start_with(open_handed()).await;
    let koffi = saver(&app).await;
    let before = app.wave.state().balance();
    app.wave.knobs().next("payout.create", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    let asked = ask(&app, &koffi, "/wallet/withdraw", "once", json!({ "amount": 2_000 })).await.expect(202);
    let again = ask(&app, &koffi, "/wallet/withdraw", "once", json!({ "amount": 2_000 })).await.expect(202);
    assert_eq!(again.text("/id"), asked.text("/id"));
    assert_eq!((wallet(&app, &koffi).await, app.balance("payout_transit").await), (3_000, -2_000), "set aside at once");
    app.drain().await;
    assert_eq!(end_of(&app, &koffi, &asked).await["status"], "waiting", "silence decides nothing");
    app.advance(TimeDelta::seconds(30)).await;
    app.drain().await;
    assert_eq!(end_of(&app, &koffi, &asked).await["status"], "succeeded");
    let sent = app.wave.state().payouts();
    assert_eq!((sent.len(), sent[0].payout.mobile.as_deref()), (1, Some(koffi.phone.as_str())));
    assert_eq!(before - app.wave.state().balance(), 2_000 + 20, "sent once, with Wave's fee of 1 %");
    assert_eq!((wallet(&app, &koffi).await, app.balance("payout_transit").await), (3_000, 0));
    assert_eq!(app.notices(&koffi, "withdrawal_sent").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn what_the_provider_does_not_deliver_is_in_the_wallet_again() {
    let app = TestApp::start_with(open_handed()).await;
    let koffi = saver(&app).await;
    let blocked = Faults { payout_error: Some("recipient-account-blocked".into()), ..Faults::default() };
    app.wave.knobs().next("payout.create", 1, blocked);
    let asked = ask(&app, &koffi, "/wallet/withdraw", "once", json!({ "amount": 2_000 })).await.expect(202);
    app.drain().await;
    let ended = end_of(&app, &koffi, &asked).await;
    assert_eq!((&ended["status"], &ended["error"]["code"]), (&json!("failed"), &json!("payment_failed")));
    assert_eq!((wallet(&app, &koffi).await, app.balance("earnings").await), (5_000, 0));
    assert_eq!(app.notices(&koffi, "withdrawal_failed").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn limits_of_a_withdrawal_hold_for_many_at_once() {
    let mut options = open_handed();
    options.settings.withdrawal.daily_maximum = 3_000;
    let app = TestApp::start_with(options).await;
    let koffi = saver(&app).await;
    let (app_ref, koffi_ref) = (&app, &koffi);
    let asks = (0..6).map(|_| async move {
        ask(app_ref, koffi_ref, "/wallet/withdraw", &uuid(), json!({ "amount": 1_000 })).await.status
    });
    let mut answers = futures::future::join_all(asks).await;
    answers.sort_unstable();
    assert_eq!(answers, [202, 202, 202, 422, 422, 422]);
    app.drain().await;
    assert_eq!((wallet(&app, &koffi).await, app.wave.state().payouts().len()), (2_000, 3));
    let refused = ask(&app, &koffi, "/wallet/withdraw", &uuid(), json!({ "amount": 1_000 })).await;
    let refused = refused.refused(422, "policy_violation");
    let details = refused.details();
    assert_eq!((&details["rule"], &details["limit"]), (&json!("withdrawal_daily_maximum"), &json!(3_000)));
    ask(&app, &koffi, "/wallet/withdraw", &uuid(), json!({ "amount": 499 })).await.refused(422, "policy_violation");
    app.advance(TimeDelta::hours(24)).await;
    ask(&app, &koffi, "/wallet/withdraw", &uuid(), json!({ "amount": 2_500 })).await.refused(402, "insufficient_funds");
    ask(&app, &koffi, "/wallet/withdraw", &uuid(), json!({ "amount": 2_000 })).await.expect(202);
    app.drain().await;
    assert_eq!(wallet(&app, &koffi).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn nothing_leaves_to_a_new_number_or_to_somebody_unknown() {
    let app = TestApp::start().await;
    let (koffi, awa) = (app.driver().await, app.rider().await);
    let body = json!({ "amount": 1_000 });
    ask(&app, &koffi, "/wallet/withdraw", &uuid(), body.clone()).await.refused(402, "insufficient_funds");
    fill(&app, &koffi, 5_000).await;
    fill(&app, &awa, 5_000).await;
    ask(&app, &koffi, "/wallet/withdraw", &uuid(), body.clone()).await.refused(403, "kyc_required");
    let settings = json!({ "settings": { "withdrawal": { "requires_kyc": false }, "enable_wallet": false } });
    let admin = app.person("Mariam", &["admin"]).await;
    app.patch(&admin, &format!("/organizations/{}", app.org), &settings).await.expect(200);
    let early = ask(&app, &koffi, "/wallet/withdraw", &uuid(), body.clone()).await.refused(422, "policy_violation");
    assert_eq!(early.details()["rule"], "withdrawal_cool_down_hours");
    ask(&app, &awa, "/wallet/withdraw", &uuid(), body.clone()).await.refused(422, "payout_destination_required");

    // a wallet that was switched off takes nothing in, and gives out what is in it (K26)
    let closed = ask(&app, &koffi, "/wallet/topup", &uuid(), json!({ "amount": 500, "method": "wave" })).await;
    assert_eq!(closed.refused(409, "conflict").details()["reason"], "wallet_disabled");
    app.advance(TimeDelta::hours(24)).await;
    app.drain().await;
    ask(&app, &koffi, "/wallet/withdraw", &uuid(), body).await.expect(202);
    app.drain().await;
    assert_eq!(app.wave.state().payouts().len(), 1);
    app.finish().await;
}
