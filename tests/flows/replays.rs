//! ★13: any stored event is taken through the real handler again, after a look at what that would do.

use harness::TestApp;
use serde_json::{Value, json};

async fn event_of(app: &TestApp, by: &harness::Person, query: &str) -> String {
    app.get(by, &format!("/inbound-events?{query}")).await.expect(200).text("/0/id")
}

#[tokio::test]
async fn a_settled_event_changes_nothing_again_and_a_lost_one_is_rehearsed_first() {
    let app = TestApp::start().await;
    let (finance, rider) = (app.person("Mariam", &["finance"]).await, app.rider().await);
    let ride = app.ride(3, 3_000).await;
    let (_, payment) = app.paid_booking(&rider, &ride, 1).await;
    let event = event_of(&app, &finance, &format!("payment_id={payment}")).await;
    let path = format!("/inbound-events/{event}/replay");
    app.post(&rider, &path, &json!({})).await.refused(403, "forbidden");
    let escrow = app.balance("escrow").await;
    for query in ["", "?dry_run=false"] {
        let done = app.post(&finance, &format!("{path}{query}"), &json!({})).await.expect(200).data("");
        assert_eq!(done["dry_run"], query.is_empty());
        assert_eq!(
            (&done["postings"], &done["changes"], &done["jobs"]),
            (&json!([]), &json!([]), &json!([])),
            "{done}"
        );
        assert_eq!(done["event"]["status"], "settled");
    }
    app.drain().await;
    assert_eq!(app.balance("escrow").await, escrow);

    // an event that nobody handled: its job was lost
    let booking = app.book(&rider, &ride, 1).await;
    let (second, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.pay(&checkout).unwrap();
    app.delivered(&checkout, 1).await;
    let event = event_of(&app, &finance, "status=received").await;
    let path = format!("/inbound-events/{event}/replay");
    let before = app.picture().await;
    let would = app.post(&finance, &path, &json!({})).await.expect(200).data("");
    assert_eq!(app.picture().await, before, "a rehearsal leaves nothing behind");
    let postings = would["postings"].as_array().unwrap();
    let amount =
        |account: &str| postings.iter().find(|p| p["account_kind"] == account).unwrap()["amount"]["amount"].clone();
    assert_eq!((amount("provider"), amount("escrow")), (json!(3_000), json!(-3_000)), "{would}");
    let changes: Vec<&Value> =
        would["changes"].as_array().unwrap().iter().map(|change| &change["entity_type"]).collect();
    assert!(changes.contains(&&json!("payment")) && changes.contains(&&json!("booking")), "{would}");
    assert_eq!(app.payment(&rider, &second).await["status"], "submitted");

    let did = app.post(&finance, &format!("{path}?dry_run=false"), &json!({})).await.expect(200).data("");
    assert_eq!((&did["postings"], &did["jobs"]), (&would["postings"], &would["jobs"]), "as rehearsed");
    assert_eq!(app.payment(&rider, &second).await["status"], "succeeded");
    app.drain().await; // the job that was late finds it done
    assert_eq!(app.balance("escrow").await, escrow - 3_000);
    app.finish().await;
}
