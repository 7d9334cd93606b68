//! Money out: what a key means, what a lost answer leaves behind, what the wallet says.

use crate::harness::{call, client};
use sandbox::{Faults, Running, Sandbox, Settings};
use serde_json::{Value, json};

async fn pay_out(sandbox: &Running, key: Option<&str>, amount: &str) -> (u16, Value) {
    let order = json!({"currency": "XOF", "receive_amount": amount, "mobile": "+2250700000000",
        "client_reference": "payout_0001"});
    let mut request = client().post(format!("{}/v1/payout", sandbox.url())).json(&order);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    call(request).await
}

#[tokio::test]
async fn one_key_pays_once_and_only_its_own_body() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let (status, first) = pay_out(&sandbox, Some("k1"), "12000").await;
    assert_eq!((status, &first["status"], &first["fee"]), (200, &json!("succeeded"), &json!("120")));
    assert_eq!(pay_out(&sandbox, Some("k1"), "12000").await, (200, first));
    let (status, other) = pay_out(&sandbox, Some("k1"), "12001").await;
    assert_eq!((status, &other["code"]), (409, &json!("idempotency-mismatch")));
    assert_eq!(pay_out(&sandbox, None, "12000").await.0, 422);
    assert_eq!(sandbox.state().payouts().len(), 1);
    assert_eq!(sandbox.state().balance(), 10_000_000 - 12_120);
    // A new key is a new payout: that is why ours is a column.
    pay_out(&sandbox, Some("k2"), "12000").await;
    assert_eq!(sandbox.state().payouts().len(), 2);
}

#[tokio::test]
async fn at_once_with_one_key_is_still_once() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let one = || pay_out(&sandbox, Some("k1"), "500");
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    let answers = [a, b, c, d];
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(sandbox.state().payouts().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_leaves_a_payout_that_the_key_finds_again() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    sandbox.knobs().next("payout.create", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    assert_eq!(pay_out(&sandbox, Some("k1"), "500").await.0, 500);
    let (status, found) = pay_out(&sandbox, Some("k1"), "500").await;
    assert_eq!((status, found["status"].as_str()), (200, Some("succeeded")));
    assert_eq!((sandbox.state().payouts().len(), sandbox.state().calls("payout.create")), (1, 2));
}

#[tokio::test]
async fn a_payout_may_take_its_time_and_fail_and_then_the_money_is_back() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let slow = Faults {
        processing_reads: Some(1),
        payout_error: Some("recipient-account-blocked".into()),
        ..Faults::default()
    };
    sandbox.knobs().next("payout.create", 1, slow);
    let (_, made) = pay_out(&sandbox, Some("k1"), "500").await;
    let url = format!("{}/v1/payout/{}", sandbox.url(), made["id"].as_str().unwrap());
    let read = async || call(client().get(&url)).await.1;
    assert_eq!((made["status"].as_str(), read().await["status"].as_str()), (Some("processing"), Some("processing")));
    assert_eq!(sandbox.state().balance(), 10_000_000 - 505);
    let ended = read().await;
    assert_eq!(ended["payout_error"]["error_code"], "recipient-account-blocked");
    assert_eq!((ended["status"].as_str(), sandbox.state().balance()), (Some("failed"), 10_000_000));
}

#[tokio::test]
async fn an_empty_wallet_pays_nobody() {
    let sandbox = Sandbox::start(Settings { opening_balance: 504, ..Settings::default() }).await.unwrap();
    let (status, refused) = pay_out(&sandbox, Some("k1"), "500").await;
    assert_eq!((status, &refused["code"]), (400, &json!("insufficient-funds")));
    assert!(sandbox.state().payouts().is_empty());
}

#[tokio::test]
async fn strangers_and_nonsense_are_refused() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let url = format!("{}/v1/balance", sandbox.url());
    assert_eq!(client().get(&url).send().await.unwrap().status(), 401);
    assert_eq!(client().get(&url).bearer_auth("wave_ci_prod_other").send().await.unwrap().status(), 401);
    for amount in ["0", "-5", "12.5", "1e3", "", "9999999999999"] {
        assert_eq!(pay_out(&sandbox, Some("k"), amount).await.0, 422, "{amount}");
    }
    let broken = client().post(format!("{}/v1/payout", sandbox.url())).header("idempotency-key", "k");
    let (status, body) = call(broken.header("content-type", "application/json").body("{")).await;
    assert_eq!((status, body["code"].as_str()), (400, Some("request-parsing-error")));
}
