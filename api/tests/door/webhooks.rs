//! Provider events: verified over the raw bytes, stored once, answered after the commit.

use crate::house::{House, WEBHOOK_SECRET, event, signature};
use serde_json::{Value, json};
use uuid::Uuid;

const EVENTS: &str = "select count(*) from inbound_events";
const JOBS: &str = "select count(*) from queue.jobs where kind = 'inbound.settle'";

#[tokio::test]
async fn a_signed_event_is_stored_once_with_its_job() {
    let house = House::build().await;
    let (_, account) = house.organization("rides").await;
    let body = event("EV_1");
    let first = house.deliver(account, &body, &signature(WEBHOOK_SECRET, &body, 0)).await;
    assert_eq!((first.status.as_u16(), &first.body), (200, &json!({ "received": true, "new": true })));
    let again = house.deliver(account, &body, &signature(WEBHOOK_SECRET, &body, 1)).await;
    assert_eq!((again.status.as_u16(), &again.body["new"]), (200, &json!(false)));
    assert_eq!((house.count(EVENTS).await, house.count(JOBS).await), (1, 1));
    let put = format!("/api/v1/webhooks/wave/{account}");
    let signed = signature(WEBHOOK_SECRET, &body, 0);
    assert_eq!(house.call("PUT", &put, &[("wave-signature", &signed)], body).await.status, 200);
}

#[tokio::test]
async fn what_is_not_theirs_changes_nothing() {
    let house = House::build().await;
    let (_, account) = house.organization("rides").await;
    let body = event("EV_1");
    let good = signature(WEBHOOK_SECRET, &body, 0);
    let forged = signature("wave_ci_WHS_another_secret", &body, 0);
    assert_eq!(house.deliver(account, &body, &forged).await.no(), (401, "webhook_invalid_signature"));
    assert_eq!(house.deliver(account, &body, "").await.no(), (401, "webhook_invalid_signature"));
    let changed = body.replace("2500", "25");
    assert_eq!(house.deliver(account, &changed, &good).await.no(), (401, "webhook_invalid_signature"));
    let spaced = body.replace("\":\"", "\": \"");
    assert_eq!(house.deliver(account, &spaced, &good).await.no(), (401, "webhook_invalid_signature"));
    assert_eq!(house.deliver(Uuid::nil(), &body, &good).await.no(), (404, "not_found"));
    assert_eq!(house.deliver("me", &body, &good).await.no(), (404, "not_found"));
    let stripe = format!("/api/v1/webhooks/stripe/{account}");
    assert_eq!(house.call("POST", &stripe, &[("wave-signature", &good)], body).await.no(), (404, "not_found"));
    let path = format!("/api/v1/webhooks/wave/{account}");
    assert_eq!(house.get(&path, &[]).await.no(), (405, "method_not_allowed"));
    let large = "x".repeat(2_000_000);
    let signed = signature(WEBHOOK_SECRET, &large, 0);
    assert_eq!(house.deliver(account, &large, &signed).await.no(), (413, "body_too_large"));
    assert_eq!((house.count(EVENTS).await, house.count(JOBS).await), (0, 0));
}

#[tokio::test]
async fn truly_signed_nonsense_is_refused_and_does_no_harm() {
    let house = House::build().await;
    let (_, account) = house.organization("rides").await;
    let long = json!({ "id": "x".repeat(300), "type": "t" }).to_string();
    let nul = json!({ "id": "a\u{0}b", "type": "t" }).to_string();
    for body in ["{", "[]", "", &long, &nul] {
        let answer = house.deliver(account, body, &signature(WEBHOOK_SECRET, body, 0)).await;
        assert_eq!(answer.no(), (400, "validation_error"), "{body}");
    }
    assert_eq!(house.count(EVENTS).await, 0);
    let unknown = json!({ "id": "EV_9", "type": "something.new" }).to_string();
    assert_eq!(house.deliver(account, &unknown, &signature(WEBHOOK_SECRET, &unknown, 0)).await.status, 200);
    assert_eq!(house.count(EVENTS).await, 1);
}

#[tokio::test]
async fn a_stale_one_is_kept_but_not_believed() {
    let house = House::build().await;
    let (_, account) = house.organization("rides").await;
    let body = event("EV_1");
    assert_eq!(house.deliver(account, &body, &signature(WEBHOOK_SECRET, &body, 3_600)).await.status, 200);
    assert_eq!(house.count("select count(*) from inbound_events where not fresh").await, 1);
}

#[tokio::test]
async fn many_at_once_share_commits_and_none_is_lost_or_doubled() {
    let house = House::build().await;
    let (_, one) = house.organization("rides").await;
    let (_, two) = house.organization("other").await;
    let deliveries = (0..600).map(|number| {
        let (house, account) = (&house, if number % 2 == 0 { one } else { two });
        async move {
            // every event comes three times
            let body = event(&format!("EV_{}", number / 6));
            house.deliver(account, &body, &signature(WEBHOOK_SECRET, &body, 0)).await
        }
    });
    let answers = futures::future::join_all(deliveries).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let new = answers.iter().filter(|answer| answer.body["new"] == Value::Bool(true)).count();
    assert_eq!((new, house.count(EVENTS).await, house.count(JOBS).await), (200, 200, 200));
}
