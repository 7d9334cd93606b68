//! Who asks too often is slowed down, and everyone is told where they stand.

use crate::house::{House, WEBHOOK_SECRET, event, signature};
use serde_json::json;

#[tokio::test]
async fn requests_are_counted_and_the_count_is_told() {
    let house = House::build_with(&[("RATE_LIMIT_PER_MINUTE", "3"), ("TRUSTED_PROXIES", "1")]).await;
    let from = |address| [("x-forwarded-for", address)];
    for left in ["2", "1", "0"] {
        let answer = house.get("/api/v1/me", &from("1.1.1.1")).await;
        assert_eq!((answer.no(), answer.header("ratelimit-remaining")), ((401, "auth_required"), left));
        assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-policy")), ("3", "3;w=60"));
    }
    let refused = house.get("/api/v1/me", &from("1.1.1.1")).await;
    assert_eq!(refused.no(), (429, "rate_limited"));
    assert!((1..=21).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(refused.header("ratelimit-remaining"), "0");
    assert_eq!(house.get("/api/v1/me", &from("2.2.2.2")).await.no(), (401, "auth_required"));
    assert_eq!(house.get("/health", &from("1.1.1.1")).await.status, 200, "probes are not counted");
}

#[tokio::test]
async fn a_person_is_counted_wherever_they_come_from() {
    let house = House::build_with(&[("RATE_LIMIT_PER_MINUTE", "3"), ("TRUSTED_PROXIES", "1")]).await;
    house.organization("rides").await;
    let (token, _) = house.sign_in("admin@rides.ci").await;
    for (number, address) in ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"].into_iter().enumerate() {
        let answer = house.get("/api/v1/me", &[("authorization", &token), ("x-forwarded-for", address)]).await;
        assert_eq!(answer.status.as_u16(), if number < 3 { 200 } else { 429 });
    }
}

#[tokio::test]
async fn attempts_to_sign_in_are_counted_apart() {
    let house = House::build_with(&[("AUTH_RATE_LIMIT_PER_MINUTE", "2")]).await;
    let ask = || house.post("/api/v1/auth/login", &[], json!({ "identifier": "a@b.ci", "password": "x" }));
    assert_eq!(ask().await.no(), (401, "bad_credentials"));
    assert_eq!(ask().await.no(), (401, "bad_credentials"));
    assert_eq!(ask().await.no(), (429, "rate_limited"));
    assert_eq!(house.get("/api/v1/me", &[]).await.no(), (401, "auth_required"));
}

#[tokio::test]
async fn forgers_are_slowed_down_and_the_provider_is_not() {
    let house = House::build_with(&[("RATE_LIMIT_PER_MINUTE", "1")]).await;
    let (_, account) = house.organization("rides").await;
    let body = event("EV_1");
    let mut slowed = 0;
    for _ in 0..70 {
        let answer = house.deliver(account, &body, "t=1,v1=00").await;
        slowed += u32::from(answer.no() == (429, "rate_limited"));
    }
    assert!(slowed > 0);
    let signed = signature(WEBHOOK_SECRET, &body, 0);
    assert_eq!(house.deliver(account, &body, &signed).await.status, 200);
}
