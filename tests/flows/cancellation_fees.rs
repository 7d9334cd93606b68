//! Giving up what was paid has the price its policy names (G56, L1, L2, CX36), known before and binding (★18).

use chrono::{DateTime, TimeDelta, Utc};
use domain::policies::CancellationTier;
use harness::{Options, Person, TestApp, http::Answer};
use serde_json::{Value, json};

/// Free until a day before, a quarter until an hour before, then not at all.
fn tiers() -> Options {
    let tier = |before_minutes, allowed, fee_basis_points| CancellationTier {
        before_minutes,
        allowed,
        fee_basis_points,
        fee_fixed: 0,
    };
    let mut options = Options::default();
    options.settings.cancellation = vec![tier(60, false, 0), tier(1_440, true, 2_500)];
    options
}

async fn quote(app: &TestApp, by: &Person, booking: &str) -> Answer {
    app.post(by, &format!("/bookings/{booking}/cancellation-quote"), &json!({})).await
}

async fn cancel(app: &TestApp, by: &Person, booking: &str, body: &Value) -> Answer {
    app.post(by, &format!("/bookings/{booking}/cancel"), body).await
}

fn sums(quote: &Answer) -> (i64, i64) {
    (quote.int("/fee/amount"), quote.int("/refund/amount"))
}

#[tokio::test]
async fn the_fee_is_known_before_and_the_quote_binds() {
    let app = TestApp::start_with(tiers()).await;
    let (ride, awa, kone, yao) = (app.ride(3, 6_000).await, app.rider().await, app.rider().await, app.rider().await);
    let (first, _) = app.paid_booking(&awa, &ride, 1).await;
    let (second, _) = app.paid_booking(&kone, &ride, 1).await;
    let (third, _) = app.paid_booking(&yao, &ride, 1).await;
    let departs: DateTime<Utc> = app.booking(&awa, &first).await["start_at"].as_str().unwrap().parse().unwrap();

    app.go_to(departs - TimeDelta::minutes(1_442)).await;
    let free = quote(&app, &awa, &first).await.expect(200);
    assert_eq!(sums(&free), (0, 6_000));
    app.go_to(departs - TimeDelta::minutes(1_437)).await;
    let dear = quote(&app, &kone, &second).await.expect(200);
    assert_eq!(sums(&dear), (1_500, 4_500));
    let postings: Vec<(Value, Value, Value)> = dear
        .data("/postings")
        .as_array()
        .unwrap()
        .iter()
        .map(|posting| (posting["from"].clone(), posting["to"].clone(), posting["amount"]["amount"].clone()))
        .collect();
    assert_eq!(
        postings,
        [(json!("escrow"), json!("fees"), json!(1_500)), (json!("escrow"), json!("refund_transit"), json!(4_500))]
    );

    // nobody else's, nothing forged, and a stranger learns nothing
    let before = app.picture().await;
    quote(&app, &kone, &first).await.refused(404, "not_found");
    let (code, own) = (free.text("/code"), dear.text("/code"));
    let forged = format!("{}{}", &own[..47], if own.ends_with('A') { 'B' } else { 'A' });
    cancel(&app, &kone, &second, &json!({ "quote": code })).await.refused(400, "validation_error");
    cancel(&app, &kone, &second, &json!({ "quote": forged })).await.refused(400, "validation_error");
    assert_eq!(app.picture().await, before);

    // the first was promised nothing would be kept, though the day has begun meanwhile
    cancel(&app, &awa, &first, &json!({ "quote": code })).await.expect(200);
    let gone = cancel(&app, &kone, &second, &json!({})).await.expect(200);
    assert_eq!(gone.int("/cancellation_fee"), 1_500);
    app.drain().await;
    assert_eq!(app.booking(&awa, &first).await["payment_status"], "refunded");
    assert_eq!(app.booking(&kone, &second).await["payment_status"], "partially_refunded");
    assert_eq!(app.wave.state().refunds().len(), 1, "the whole goes back as a refund");
    let parts = app.wave.state().payouts();
    assert_eq!(
        parts.iter().map(|part| (part.francs(), part.payout.mobile.clone())).collect::<Vec<_>>(),
        [(4_500, Some(kone.phone.clone()))],
        "a part goes back to the payer's wallet"
    );
    for (kind, holds) in [("fees", -1_500), ("refund_transit", 0), ("escrow", -6_000), ("suspense", 0)] {
        assert_eq!(app.balance(kind).await, holds, "{kind}");
    }

    // a quote ends, and so does the right to give up; staff may always, and nothing is kept
    let late = quote(&app, &yao, &third).await.expect(200).text("/code");
    app.go_to(departs - TimeDelta::minutes(1_420)).await;
    let expired = cancel(&app, &yao, &third, &json!({ "quote": late })).await.refused(409, "conflict");
    assert_eq!(expired.details()["reason"], "quote_expired");
    app.go_to(departs - TimeDelta::minutes(59)).await;
    let refused = cancel(&app, &yao, &third, &json!({})).await.refused(422, "policy_violation");
    assert_eq!((&refused.details()["rule"], &refused.details()["limit"]), (&json!("cancellation"), &json!(60)));
    quote(&app, &yao, &third).await.refused(422, "policy_violation");
    let desk = app.person("Desk", &["support"]).await;
    assert_eq!(sums(&quote(&app, &desk, &third).await.expect(200)), (0, 6_000));
    cancel(&app, &desk, &third, &json!({})).await.expect(200);
    app.drain().await;
    assert_eq!(app.balance("escrow").await, 0);
    app.finish().await;
}

/// G56 whole, with each provider: policy → quote → fee → refund → books.
#[tokio::test]
async fn a_cancellation_goes_its_whole_way_with_every_provider() {
    let app = TestApp::start_with(Options { every_provider: true, ..tiers() }).await;
    let desk = app.person("Desk", &["finance"]).await;
    for method in ["wave", "mtn", "card", "orange", "sonatel"] {
        let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
        let (booking, payment) = app.booking_paid_by(method, &rider, &ride).await;
        let departs: DateTime<Utc> = app.booking(&rider, &booking).await["start_at"].as_str().unwrap().parse().unwrap();
        app.go_to(departs - TimeDelta::hours(20)).await;
        let promised = quote(&app, &rider, &booking).await.expect(200);
        assert_eq!(sums(&promised), (1_500, 4_500), "{method}");
        cancel(&app, &rider, &booking, &json!({ "quote": promised.text("/code") })).await.expect(200);
        app.drain().await;
        app.advance(TimeDelta::minutes(1)).await;
        app.drain().await;
        let refunds = app.get(&rider, "/payments?purpose=refund").await.expect(200).data("");
        let refund = refunds[0].clone();
        assert_eq!((&refund["parent_id"], &refund["amount"]["amount"]), (&json!(payment), &json!(4_500)), "{method}");
        if ["orange", "sonatel"].contains(&method) {
            assert_eq!(refund["status"], "manual", "{method} has no refunds");
            let path = format!("/payments/{}/sent-by-hand", refund["id"].as_str().unwrap());
            app.post(&desk, &path, &json!({ "reference": "MP261128.1" })).await.expect(200);
        }
        assert_eq!(app.booking(&rider, &booking).await["payment_status"], "partially_refunded", "{method}");
        let story = app.get(&rider, &format!("/payments/{payment}/timeline")).await.expect(200).data("/steps");
        let steps = story.as_array().unwrap().iter().filter(|step| step["kind"] == "posting");
        let mut posted: Vec<&str> = steps.map(|step| step["what"].as_str().unwrap()).collect();
        posted[1..3].sort_unstable(); // one commit
        assert_eq!(posted, ["booking_paid", "cancellation_fee", "refund_started", "refund_confirmed"], "{method}");
    }
    for (kind, holds) in [("fees", -7_500), ("escrow", 0), ("refund_transit", 0), ("suspense", 0)] {
        assert_eq!(app.balance(kind).await, holds, "{kind}");
    }
    app.drain().await;
    app.finish().await;
}
