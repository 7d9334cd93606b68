//! From some amount on, money sent back by hand is seen by two people (SN25, J14).

use harness::{Options, TestApp};
use serde_json::json;

#[tokio::test]
async fn a_second_person_confirms_what_the_first_says_they_sent() {
    let mut options = Options { every_provider: true, ..Options::default() };
    options.settings.second_person_from = Some(6_000);
    let app = TestApp::start_with(options).await;
    let (mariam, fatou) = (app.person("Mariam", &["finance"]).await, app.person("Fatou", &["finance"]).await);
    let refund = async |price: i64| {
        let (ride, rider) = (app.ride(1, price).await, app.rider().await);
        let (booking, _) = app.booking_paid_by("orange", &rider, &ride).await;
        app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
        app.drain().await;
        let refund = app.get(&rider, "/payments?purpose=refund").await.expect(200);
        assert_eq!(refund.text("/0/status"), "manual");
        (refund.text("/0/id"), booking, rider)
    };
    let (id, booking, rider) = refund(6_000).await;
    let path = format!("/payments/{id}/sent-by-hand");
    let (ask, other) = (json!({ "reference": "MP261128.1" }), json!({ "reference": "MP261128.2" }));
    let stated = app.post(&mariam, &path, &ask).await.expect(200);
    assert_eq!((stated.text("/status"), stated.text("/stated_by")), ("manual".into(), mariam.id.to_string()));
    assert_eq!(app.balance("refund_transit").await, -6_000, "nothing moved yet");

    let before = app.picture().await;
    app.post(&mariam, &path, &ask).await.refused(409, "conflict");
    app.post(&fatou, &path, &other).await.refused(409, "conflict");
    app.post(&rider, &path, &ask).await.refused(403, "forbidden");
    assert_eq!(app.picture().await, before);

    assert_eq!(app.post(&fatou, &path, &ask).await.expect(200).text("/status"), "succeeded");
    assert_eq!(app.balance("refund_transit").await, 0);
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "refunded");
    app.post(&mariam, &path, &ask).await.refused(409, "state_conflict");

    // who said what is in the trail
    let admin = app.person("Admin", &["admin"]).await;
    let trail = app.get(&admin, &format!("/audit?entity_id={id}")).await.expect(200).data("");
    let by = |person: &harness::Person| {
        trail.as_array().unwrap().iter().filter(|event| event["actor_id"] == person.id.to_string()).count()
    };
    assert_eq!((by(&mariam), by(&fatou)), (1, 1));

    // less than that, one person is enough
    let (small, ..) = refund(5_900).await;
    let path = format!("/payments/{small}/sent-by-hand");
    assert_eq!(app.post(&mariam, &path, &ask).await.expect(200).text("/status"), "succeeded");
    app.drain().await;
    app.finish().await;
}
