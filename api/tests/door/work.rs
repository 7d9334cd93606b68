//! Waiting for long work.

use crate::house::House;
use domain::{
    db::{Actor, Scope},
    operations,
};
use serde_json::json;
use std::time::{Duration, Instant};
use uuid::Uuid;

#[tokio::test]
async fn who_waits_is_answered_when_it_ends() {
    let house = House::build().await;
    let (org, _) = house.organization("rides").await;
    let awa = house.member(org, "awa@rides.ci", "member").await;
    house.member(org, "bob@rides.ci", "member").await;
    let (token, _) = house.sign_in("awa@rides.ci").await;
    let (other, _) = house.sign_in("bob@rides.ci").await;
    let (admin, _) = house.sign_in("admin@rides.ci").await;

    let mut tx = house.app.db.begin(Scope { actor: Actor::User(awa), ..Scope::system(org) }).await.unwrap();
    let id = operations::open(&mut tx, "payment", "payment", Uuid::nil()).await.unwrap();
    tx.commit().await.unwrap();

    let path = format!("/api/v1/operations/{id}");
    let now = house.get(&path, &[("authorization", &token)]).await;
    assert_eq!((&now.body["data"]["status"], now.header("retry-after")), (&json!("queued"), "1"));
    assert_eq!(house.get(&path, &[("authorization", &other)]).await.no(), (404, "not_found"));
    assert_eq!(house.get(&path, &[("authorization", &admin)]).await.status, 200);
    let too_long = house.get(&format!("{path}?wait=31"), &[("authorization", &token)]).await;
    assert_eq!(too_long.no(), (400, "validation_error"));

    let started = Instant::now();
    let short = house.get(&format!("{path}?wait=1"), &[("authorization", &token)]).await;
    assert_eq!(short.body["data"]["status"], "queued");
    assert!(started.elapsed() >= Duration::from_secs(1));

    let db = house.app.db.clone();
    let ending = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let mut tx = db.begin(Scope::system(org)).await.unwrap();
        operations::succeed(&mut tx, id, json!({ "paid": true })).await.unwrap();
        tx.commit().await.unwrap();
        Instant::now()
    });
    let waited = house.get(&format!("{path}?wait=20"), &[("authorization", &token)]).await;
    let answered = Instant::now();
    assert_eq!(waited.body["data"]["result"], json!({ "paid": true }));
    let late = answered.saturating_duration_since(ending.await.unwrap());
    assert!(late < Duration::from_millis(600), "answered {late:?} after the end");
    let mine = house.get("/api/v1/operations", &[("authorization", &token)]).await;
    assert_eq!(mine.body["meta"]["pagination"]["total"], 1);
}
