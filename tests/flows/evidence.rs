//! What can be told of a payment: every call, event, decision and posting in order of time, to who may hear it (CX40).

use chrono::TimeDelta;
use harness::{Options, TestApp};
use serde_json::{Value, json};

fn told<'a>(steps: &'a Value, kind: &str) -> Vec<&'a Value> {
    steps.as_array().unwrap().iter().filter(|step| step["kind"] == kind).collect()
}

fn words(steps: &[&Value]) -> Vec<String> {
    steps.iter().map(|step| step["what"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_payment_tells_its_whole_story_with_its_refund() {
    let app = TestApp::start_with(Options { every_provider: true, ..Options::default() }).await;
    let (ride, rider, stranger) = (app.ride(1, 6_000).await, app.rider().await, app.rider().await);
    let (booking, payment) = app.booking_paid_by("mtn", &rider, &ride).await;
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    app.advance(TimeDelta::minutes(1)).await;
    app.drain().await;

    let path = format!("/payments/{payment}/timeline");
    app.get(&stranger, &path).await.refused(404, "not_found");
    app.get(&ride.driver, &path).await.refused(404, "not_found");
    let desk = app.person("Desk", &["finance"]).await;
    assert_eq!(
        app.get(&desk, &path).await.expect(200).data("/steps"),
        app.get(&rider, &path).await.expect(200).data("/steps")
    );
    let story = app.get(&rider, &path).await.expect(200);
    let steps = story.data("/steps");
    let times: Vec<&str> = steps.as_array().unwrap().iter().map(|step| step["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");

    let calls = words(&told(&steps, "call"));
    assert_eq!((calls.first().map(String::as_str), calls.contains(&"refund".to_owned())), (Some("collect"), true));
    assert!(calls.contains(&"status".to_owned()), "a hint makes us ask: {calls:?}");
    let events = told(&steps, "event");
    assert!(!events.is_empty() && events.iter().all(|event| event["status"] != "received"), "{events:?}");
    let reached: Vec<&Value> = told(&steps, "decision").into_iter().map(|step| &step["status"]).collect();
    for status in ["created", "submitted", "succeeded", "scheduled", "processing"] {
        assert!(reached.contains(&&json!(status)), "{status} is not among {reached:?}");
    }
    let posted = told(&steps, "posting");
    assert_eq!(words(&posted), ["booking_paid", "refund_started", "refund_confirmed"]);
    for posting in posted {
        let sum: i64 =
            posting["moves"].as_array().unwrap().iter().map(|one| one["amount"]["amount"].as_i64().unwrap()).sum();
        assert_eq!(sum, 0, "{posting}");
    }

    // who paid is known again and not told, and no secret of ours is among it
    let text = story.body.to_string();
    assert!(!text.contains(&rider.phone) && !text.contains(rider.phone.trim_start_matches('+')), "{text}");
    assert!(story.text("/payer").starts_with("+225") && story.text("/payer").ends_with(&rider.phone[12..]));
    for secret in ["/callbacks/", "digest", "notif_token", "signature"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_providers_own_words_are_sealed_and_forgotten_in_time() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (_, payment) = app.paid_booking(&rider, &ride, 1).await;
    let readable = "select count(*) from inbound_events where position('checkout'::bytea in body) > 0";
    assert_eq!(app.count(readable).await, 0, "sealed");
    let kept = "select count(*) from inbound_events where body <> ''";
    assert_eq!(app.count(kept).await, 1);
    let finance = app.person("Mariam", &["finance"]).await;
    let event = app.get(&finance, &format!("/inbound-events?payment_id={payment}")).await.expect(200).text("/0/id");
    let words = format!("/inbound-events/{event}/body");
    let (headers, bytes) = app.ask(reqwest::Method::GET, &words).by(&finance).download().await;
    assert_eq!(headers["content-type"], "application/octet-stream");
    let said: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        (&said["type"], &said["data"]["client_reference"]),
        (&"checkout.session.completed".into(), &payment.clone().into())
    );
    app.get(&rider, &words).await.refused(403, "forbidden");
    let forget = async |days: &str| -> i64 {
        sqlx::query_scalar("select forget_event_bodies($1::text::interval)")
            .bind(days)
            .fetch_one(&app.owner)
            .await
            .unwrap()
    };
    assert_eq!((forget("1 day").await, app.count(kept).await), (0, 1));
    app.advance(TimeDelta::days(2)).await;
    assert_eq!((forget("1 day").await, app.count(kept).await, forget("1 day").await), (1, 0, 0));
    app.get(&finance, &words).await.refused(404, "not_found");
    let story = app.get(&rider, &format!("/payments/{payment}/timeline")).await.expect(200).data("/steps");
    assert_eq!(told(&story, "event").len(), 1, "that it came is still told");
    app.release();
}
