//! Settlements that share a commit end as they would have one by one; whatever is odd is left to be settled by itself.

use domain::{
    db::Scope,
    ids::EventId,
    payments::{Waiting, settle_together},
};
use harness::{Person, Ride, TestApp};
use serde_json::json;
use std::{collections::HashMap, time::Duration};
use tokio_util::sync::CancellationToken;

/// Somebody who opened a checkout.
struct Payer {
    rider: Person,
    booking: String,
    payment: String,
    checkout: String,
}

async fn payer(app: &TestApp, ride: &Ride) -> Payer {
    let rider = app.rider().await;
    let booking = app.book(&rider, ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    Payer { rider, booking, payment, checkout }
}

/// The provider says that somebody paid so much, and nobody has looked at it yet.
async fn told(app: &TestApp, key: &str, payer: &Payer, amount: i64) {
    let event = json!({ "id": key, "type": "checkout.session.completed", "data": {
        "id": payer.checkout, "amount": amount.to_string(), "currency": "XOF", "checkout_status": "complete",
        "payment_status": "succeeded", "client_reference": payer.payment, "transaction_id": format!("T-{key}") } });
    app.signed_webhook(event.to_string().as_bytes()).await.expect(200);
}

fn trace(number: usize) -> String {
    format!("00-{number:032x}-00f067aa0ba902b7-01")
}

/// Every event that waits, by its key, each in a trace of its own.
async fn waiting(app: &TestApp) -> (HashMap<String, EventId>, Vec<Waiting>) {
    let rows: Vec<(String, uuid::Uuid)> = sqlx::query_as("select event_key, id from inbound_events order by event_key")
        .fetch_all(&app.owner)
        .await
        .unwrap();
    let waits = rows.iter().enumerate().map(|(n, (_, id))| Waiting { event: (*id).into(), trace: Some(trace(n + 1)) });
    let waits = waits.collect();
    (rows.into_iter().map(|(key, id)| (key, id.into())).collect(), waits)
}

async fn share(app: &TestApp, waits: &[Waiting]) -> Vec<EventId> {
    let mut tx = app.db.begin(Scope::system(app.org)).await.unwrap();
    let mut settled: Vec<EventId> = settle_together(&mut tx, waits).await.unwrap().into_iter().collect();
    tx.commit().await.unwrap();
    settled.sort_unstable();
    settled
}

#[tokio::test]
async fn plain_cases_share_a_commit_and_odd_ones_are_left_as_they_were() {
    let app = TestApp::start().await;
    let manager = app.person("Mariam", &["manager"]).await;
    let off = json!({ "code": "MILLE", "effect": "amount_off", "value": 1_000 });
    app.post(&manager, "/promos", &off).await.expect(201);
    let ride = app.ride(9, 6_000).await;
    let mut payers = Vec::new();
    for _ in 0..6 {
        payers.push(payer(&app, &ride).await);
    }
    let rider = app.rider().await;
    let booking = app.book(&rider, &ride, 1).await;
    app.ask(reqwest::Method::POST, "/promos/redeem")
        .by(&rider)
        .key(harness::uuid())
        .json(&json!({ "code": "MILLE", "booking_id": booking }))
        .send()
        .await
        .expect(201);
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    let promised = Payer { rider, booking, payment, checkout };
    let stranger = Payer { payment: "not-ours".into(), checkout: "cos-nobody".into(), ..payer(&app, &ride).await };
    let [first, second, wrong, twice, late, stale] = &payers[..] else { panic!("six") };
    told(&app, "EV_1", first, 6_000).await;
    told(&app, "EV_2", second, 6_000).await;
    told(&app, "EV_3_other_amount", wrong, 5_999).await;
    told(&app, "EV_4", twice, 6_000).await;
    told(&app, "EV_4_again", twice, 6_000).await;
    told(&app, "EV_6_promised", &promised, 5_000).await;
    told(&app, "EV_7_stale", stale, 6_000).await;
    told(&app, "EV_8_stranger", &stranger, 6_000).await;
    app.advance(chrono::TimeDelta::minutes(31)).await; // every hold is over; one of them was ended
    app.expire_now(&late.booking).await;
    told(&app, "EV_5_late", late, 6_000).await;
    sqlx::query("update inbound_events set fresh = false where event_key = 'EV_7_stale'")
        .execute(&app.owner)
        .await
        .unwrap();
    app.forgive_unaudited();

    let (events, waits) = waiting(&app).await;
    let settled = share(&app, &waits).await;
    // which of two that tell of one payment comes first is their ids' affair
    let of_twice: Vec<_> = ["EV_4", "EV_4_again"].into_iter().filter(|key| settled.contains(&events[*key])).collect();
    assert_eq!(of_twice.len(), 1);
    let mut plain = [events["EV_1"], events["EV_2"], events[of_twice[0]]];
    plain.sort_unstable();
    assert_eq!(settled, plain);
    for (key, id) in &events {
        let status = if plain.contains(id) { "settled" } else { "received" };
        assert_eq!(app.event_status(key).await, status, "{key}");
    }
    for payer in [first, second, twice] {
        assert_eq!(app.payment(&payer.rider, &payer.payment).await["status"], "succeeded");
        assert_eq!(app.booking(&payer.rider, &payer.booking).await["status"], "confirmed");
        assert_eq!(app.notices(&payer.rider, "booking_confirmed").await, 1);
    }
    assert_eq!((app.balance("provider").await, app.balance("escrow").await), (18_000, -18_000));
    assert!(share(&app, &waits).await.is_empty(), "told again, nothing is plain any more");

    app.drain().await; // each of the others by itself
    assert_eq!(app.payment(&wrong.rider, &wrong.payment).await["status"], "unknown");
    assert_eq!(app.booking(&late.rider, &late.booking).await["status"], "confirmed", "the seat was still free");
    assert_eq!(app.booking(&promised.rider, &promised.booking).await["status"], "confirmed");
    assert_eq!(app.event_status("EV_4_again").await, "settled");
    assert_eq!(app.event_status("EV_7_stale").await, "ignored", "the provider was asked and knows nothing of it");
    assert_eq!(app.event_status("EV_8_stranger").await, "parked");
    assert_eq!(app.balance("provider").await, 18_000 + 6_000 + 5_000 + 5_999);
    app.finish().await;
}

#[tokio::test]
async fn each_goes_on_in_the_trace_of_the_request_that_brought_it() {
    let app = TestApp::start().await;
    let ride = app.ride(3, 6_000).await;
    let (one, other) = (payer(&app, &ride).await, payer(&app, &ride).await);
    told(&app, "EV_1", &one, 6_000).await;
    told(&app, "EV_2", &other, 6_000).await;
    let (_, waits) = waiting(&app).await;
    assert_eq!(share(&app, &waits).await.len(), 2);
    for (number, payer) in [(1, &one), (2, &other)] {
        let changed: Vec<String> = sqlx::query_scalar(
            "select entity_type from audit_events where trace_id = $1 and entity_id = any($2::uuid[]) order by 1",
        )
        .bind(format!("{number:032x}"))
        .bind([&payer.payment, &payer.booking].map(|id| id.parse::<uuid::Uuid>().unwrap()))
        .fetch_all(&app.owner)
        .await
        .unwrap();
        assert_eq!(changed, ["booking", "payment"]);
        let letters: i64 = sqlx::query_scalar(
            "select count(*) from queue.jobs j join deliveries d on j.payload->>'delivery' = d.id::text
             join notifications n on n.id = d.notification_id where j.trace = $1 and n.subject_id::text = $2",
        )
        .bind(trace(number))
        .bind(&payer.booking)
        .fetch_one(&app.owner)
        .await
        .unwrap();
        assert!(letters > 0, "the message goes on there too");
    }
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn a_worker_carries_a_rush_in_few_commits_and_each_once() {
    const RUSH: usize = 24;
    let app = TestApp::start().await;
    let mut payers = Vec::new();
    for _ in 0..RUSH / 8 {
        let ride = app.ride(8, 6_000).await;
        for _ in 0..8 {
            payers.push(payer(&app, &ride).await);
        }
    }
    for (number, payer) in payers.iter().enumerate() {
        told(&app, &format!("EV_{number}"), payer, 6_000).await;
    }
    let stopping = CancellationToken::new();
    let settings = queue::RunnerSettings { concurrency: RUSH, ..queue::RunnerSettings::default() };
    let stop = stopping.clone().cancelled_owned();
    let carried = queue::run(app.db.pool().clone(), settings, stop, worker::payments::handle(app.worker.clone()));
    let seen = async {
        while app.count("select count(*) from queue.jobs where kind = 'inbound.settle'").await > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stopping.cancel();
    };
    futures::future::join(carried, seen).await;
    let commits = app.count("select count(distinct xmin::text) from inbound_events where status = 'settled'").await;
    assert!(commits < i64::try_from(RUSH).unwrap() / 2, "{commits} commits for {RUSH}");
    let done = "select count(*) from queue.history where kind = 'inbound.settle' and outcome = 'done' and attempt = 1";
    assert_eq!(app.count(done).await, i64::try_from(RUSH).unwrap());
    for payer in &payers {
        assert_eq!(app.booking(&payer.rider, &payer.booking).await["status"], "confirmed");
        assert_eq!(app.notices(&payer.rider, "booking_confirmed").await, 1);
    }
    assert_eq!((app.balance("provider").await, app.balance("escrow").await), (144_000, -144_000));
    app.drain().await;
    app.finish().await;
}
