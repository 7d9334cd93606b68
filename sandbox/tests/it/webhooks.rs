//! Events: truly signed, doubled, early, out of order, forged.

use crate::harness::{PATIENCE, Receiver, SECRET, call, client, create, pair};
use integrations::payments::wave::webhook::{Freshness, Strategy, read};
use sandbox::{Faults, Forge, Forgery, Sandbox, Settings};
use serde_json::json;

const COMPLETED: &str = "checkout.session.completed";
const FAILED: &str = "checkout.session.payment_failed";

#[tokio::test]
async fn a_paid_checkout_is_told_with_a_signature_the_house_accepts() {
    let (sandbox, receiver) = pair(Settings::default()).await;
    receiver.refuse_first(1);
    let (status, made) = create(&sandbox, "att_0001").await;
    assert_eq!((status, made["checkout_status"].as_str()), (200, Some("open")));
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["wave_launch_url"], format!("{}/c/{id}", sandbox.url()));
    sandbox.pay(id).unwrap();
    let taken = sandbox.state().until(PATIENCE, |books| books.deliveries.all().into_iter().find(|one| one.accepted()));
    assert_eq!(taken.await.expect("a delivery").attempt, 2);
    let told = receiver.arrived().pop().unwrap();
    assert_eq!(told.verdict, Some(Freshness::Fresh));
    assert_eq!((&told.body["type"], &told.body["data"]["client_reference"]), (&json!(COMPLETED), &json!("att_0001")));
    read(told.body.to_string().as_bytes()).expect("an event the house can read");
    assert_eq!(sandbox.state().balance(), 10_000_000 + 2_475);
    assert!(sandbox.pay(id).is_err(), "paid once");
}

#[tokio::test]
async fn the_webhook_can_overtake_the_create_answer() {
    let (sandbox, receiver) = pair(Settings::default()).await;
    sandbox.knobs().next("checkout.create", 1, Faults { early: Some(true), ..Faults::default() });
    let (_, made) = create(&sandbox, "att_early").await;
    let told = receiver.arrived();
    assert_eq!(told.len(), 1, "delivered before the answer came");
    assert_eq!(told[0].body["data"]["id"], made["id"]);
    assert_eq!(made["checkout_status"], "open", "the answer is the session as it was made");
}

#[tokio::test]
async fn duplicates_forgeries_and_disorder_come_on_demand() {
    let (sandbox, receiver) = pair(Settings::default()).await;
    let faults = Faults {
        duplicate: Some(2),
        forge: Some(true),
        reorder: Some(true),
        two_signatures: Some(true),
        ..Faults::default()
    };
    sandbox.knobs().next("webhook", 1, faults);
    let (_, made) = create(&sandbox, "att_0001").await;
    sandbox.pay(made["id"].as_str().unwrap()).unwrap();
    sandbox.state().until(PATIENCE, |books| (books.deliveries.total() == 8).then_some(())).await.expect("8 deliveries");
    let kinds = receiver.kinds();
    assert_eq!(kinds[..4], [COMPLETED; 4], "{kinds:?}");
    assert_eq!(kinds[4..], [FAILED; 4], "{kinds:?}");
    let told = receiver.arrived();
    let genuine = told.iter().filter(|one| one.verdict == Some(Freshness::Fresh)).count();
    assert_eq!((told[0].verdict, told[4].verdict, genuine), (None, None, 6));
    let signature = told[1].headers["wave-signature"].to_str().unwrap();
    assert_eq!(signature.matches("v1=").count(), 2);
}

#[tokio::test]
async fn forged_webhooks_are_what_they_say() {
    let (sandbox, receiver) = pair(Settings::default()).await;
    let (_, made) = create(&sandbox, "att_0001").await;
    let id = made["id"].as_str().unwrap();
    let verdict = async |forge: Forge| {
        sandbox.forge(forge).await.expect("posted");
        let told = receiver.arrived().pop().unwrap();
        (told.verdict, told.body)
    };
    assert_eq!(verdict(Forge::about(Forgery::BadMac, id)).await.0, None);
    assert_eq!(verdict(Forge::about(Forgery::NoSignature, id)).await.0, None);
    assert_eq!(verdict(Forge::about(Forgery::Stale, id)).await.0, Some(Freshness::Stale));
    assert_eq!(verdict(Forge::about(Forgery::UnknownType, id)).await.1["type"], "checkout.session.pondered");
    let (fresh, body) = verdict(Forge::about(Forgery::ChangedAmount, id)).await;
    assert_eq!((fresh, &body["data"]["amount"]), (Some(Freshness::Fresh), &json!("2499")));
    let forged = sandbox.state().deliveries().iter().filter(|one| one.forged.is_some()).count();
    assert_eq!(forged, 5);
}

#[tokio::test]
async fn an_event_can_be_delivered_again_many_times_at_once() {
    let (sandbox, receiver) = pair(Settings::default()).await;
    sandbox.knobs().next("webhook", 1, Faults { never: Some(true), ..Faults::default() });
    let (_, made) = create(&sandbox, "att_0001").await;
    sandbox.pay(made["id"].as_str().unwrap()).unwrap();
    let event = sandbox.state().events().remove(0);
    let url = format!("{}/sandbox/redeliver/{}?times=20&concurrent=true", sandbox.url(), event.id);
    let (status, answer) = call(client().post(url)).await;
    assert_eq!((status, answer["statuses"].as_array().unwrap().len()), (200, 20));
    assert!(receiver.arrived().iter().all(|one| one.body["id"] == event.id.as_str()));
    assert_eq!(receiver.arrived().len(), 20, "never delivered until asked to");
}

#[tokio::test]
async fn the_shared_secret_strategy_and_the_knobs_route() {
    let (receiver, url) = Receiver::start(Strategy::Shared, &[SECRET]).await;
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let knobs = format!("{}/sandbox/knobs", sandbox.url());
    let patch = json!({"webhook_url": url, "strategy": "shared", "session_seconds": 60, "rules": [
        {"operation": "webhook", "times": 1, "faults": {"duplicate": 1}}]});
    let (status, shown) = call(client().post(&knobs).json(&patch)).await;
    assert_eq!((status, &shown["rules"][0]["faults"]["duplicate"]), (200, &json!(1)), "{shown}");
    assert_eq!(call(client().post(&knobs).json(&json!({"no_such": 1}))).await.0, 422);
    let (_, made) = create(&sandbox, "att_0001").await;
    sandbox.pay(made["id"].as_str().unwrap()).unwrap();
    sandbox.state().until(PATIENCE, |books| (books.deliveries.total() == 2).then_some(())).await.expect("2 deliveries");
    assert!(receiver.arrived().iter().all(|one| one.verdict == Some(Freshness::Fresh)));
    // Time passes: the next session ends unpaid.
    let (_, made) = create(&sandbox, "att_0002").await;
    call(client().post(&knobs).json(&json!({"clock_offset_seconds": 61}))).await;
    let id = made["id"].as_str().unwrap();
    let (_, late) = call(client().get(format!("{}/v1/checkout/sessions/{id}", sandbox.url()))).await;
    assert_eq!(
        (late["checkout_status"].as_str(), late["payment_status"].as_str()),
        (Some("expired"), Some("cancelled"))
    );
    let (status, _) = call(client().post(format!("{}/v1/checkout/sessions/{id}/expire", sandbox.url()))).await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn a_refund_moves_the_money_once_and_the_statement_tells_it_all() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let (_, made) = create(&sandbox, "att_0001").await;
    let id = made["id"].as_str().unwrap();
    let refund = format!("{}/v1/checkout/sessions/{id}/refund", sandbox.url());
    assert_eq!(call(client().post(&refund)).await.1["code"], "checkout-refund-failed");
    sandbox.pay(id).unwrap();
    assert_eq!((call(client().post(&refund)).await.0, call(client().post(&refund)).await.0), (200, 200));
    assert_eq!((sandbox.state().refunds().len(), sandbox.state().balance()), (1, 10_000_000));
    let page = format!("{}/v1/transactions?first=1", sandbox.url());
    let (_, first) = call(client().get(&page)).await;
    assert_eq!(
        (&first["items"][0]["transaction_type"], &first["items"][0]["amount"]),
        (&json!("api_checkout"), &json!("2500"))
    );
    let after = first["page_info"]["end_cursor"].as_str().unwrap();
    let (_, second) = call(client().get(format!("{page}&after={after}"))).await;
    assert_eq!(second["items"][0]["transaction_type"], "api_checkout_refund");
    assert_eq!(second["page_info"]["has_next_page"], false);
}
