//! Who drives and who is paid has shown papers (N2–N10, K12, W6).

use chrono::TimeDelta;
use harness::{Options, Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

fn papers(kind: &str) -> Value {
    json!({ "doc_type": kind, "doc_number": "CI-QUOKKA-77", "front_key": "kyc/front.jpg" })
}

async fn strict() -> TestApp {
    let mut options = Options::default();
    options.settings.require_kyc_for_driver = true;
    options.settings.payout.requires_kyc = true;
    TestApp::start_with(options).await
}

async fn hand_in(app: &TestApp, by: &Person, body: &Value) -> String {
    app.post(by, "/me/kyc", body).await.expect(201).text("/id")
}

#[tokio::test]
async fn an_approved_licence_makes_a_driver() {
    let app = strict().await;
    let (awa, officer) = (app.rider().await, app.person("Fatou", &["compliance"]).await);
    let trip = app.trip_body(2, 3_000).await;
    app.post(&awa, "/trips", &trip).await.refused(403, "forbidden");
    let id = hand_in(&app, &awa, &papers("driving_licence")).await;
    app.post(&awa, "/me/kyc", &papers("driving_licence")).await.refused(409, "conflict");

    assert_eq!(app.get(&officer, "/kyc").await.expect(200).text("/0/id"), id);
    for path in [format!("/kyc/{id}/approve"), format!("/kyc/{id}/reject")] {
        app.post(&awa, &path, &json!({ "notes": "mine" })).await.refused(403, "forbidden");
    }
    app.get(&awa, "/kyc").await.refused(403, "forbidden");
    app.ask(Method::POST, &format!("/kyc/{id}/approve")).by(&officer).send().await.expect(200);
    app.post(&officer, &format!("/kyc/{id}/reject"), &json!({ "notes": "late" })).await.refused(409, "state_conflict");
    assert_eq!(app.get(&awa, "/me/kyc").await.expect(200).text("/0/status"), "approved");
    assert_eq!(app.notices(&awa, "kyc_approved").await, 1);
    app.ride_of(&awa, trip).await;
    app.finish().await;
}

#[tokio::test]
async fn without_valid_papers_a_driver_does_not_publish() {
    let app = strict().await;
    let (driver, officer) = (app.driver().await, app.person("Fatou", &["compliance"]).await);
    let trip = app.post(&driver, "/trips", &app.trip_body(2, 3_000).await).await.expect(201).text("/id");
    let publish = async || app.post(&driver, &format!("/trips/{trip}/publish"), &json!({})).await;
    publish().await.refused(403, "kyc_required");
    let mut body = papers("national_id");
    body["expires_on"] = json!(app.now().await.date_naive());
    let id = hand_in(&app, &driver, &body).await;
    publish().await.refused(403, "kyc_required"); // handed in is not approved
    app.post(&officer, &format!("/kyc/{id}/approve"), &json!({})).await.expect(200);
    app.advance(TimeDelta::days(1)).await;
    publish().await.refused(403, "kyc_required"); // and yesterday's papers are no papers
    let id = hand_in(&app, &driver, &papers("passport")).await;
    app.post(&officer, &format!("/kyc/{id}/approve"), &json!({ "notes": "seen" })).await.expect(200);
    publish().await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn a_rejection_says_why_and_another_try_is_open() {
    let app = strict().await;
    let (driver, officer) = (app.driver().await, app.person("Fatou", &["compliance"]).await);
    let id = hand_in(&app, &driver, &papers("passport")).await;
    let reject = format!("/kyc/{id}/reject");
    app.post(&officer, &reject, &json!({})).await.refused(400, "validation_error");
    app.post(&officer, &reject, &json!({ "notes": "  " })).await.refused(400, "validation_error");
    app.post(&officer, &reject, &json!({ "notes": "Photo illisible" })).await.expect(200);
    app.drain().await;
    assert!(app.mails_to(&driver.email).iter().any(|mail| mail.text.contains("Photo illisible")));
    hand_in(&app, &driver, &papers("passport")).await;
    for (field, wrong) in [
        ("doc_type", json!("library_card")),
        ("doc_number", json!("1")),
        ("front_key", json!("")),
        ("expires_on", json!("2001-01-01")),
        ("expires_on", json!("soon")),
        ("status", json!("approved")),
    ] {
        let mut body = papers("national_id");
        body[field] = wrong;
        let refused = app.post(&driver, "/me/kyc", &body).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_document_number_is_sealed_and_opened_for_the_reviewer_alone() {
    let app = strict().await;
    let (driver, officer, finance) = (
        app.driver().await,
        app.person("Fatou", &["compliance"]).await,
        app.person("Mariam", &["finance", "support", "manager"]).await,
    );
    let id = hand_in(&app, &driver, &papers("passport")).await;
    let path = format!("/kyc/{id}/number");
    assert_eq!(app.get(&officer, &path).await.expect(200).text("/doc_number"), "CI-QUOKKA-77");
    for other in [&driver, &finance] {
        app.get(other, &path).await.refused(403, "forbidden");
    }
    let listed = app.get(&officer, "/kyc").await.expect(200).body.to_string();
    assert!(!listed.contains("QUOKKA"), "{listed}");
    // nowhere in the database, in no form a backup would show
    let tables: Vec<String> = app.picture().await.into_keys().collect();
    for table in tables {
        let sql = format!(
            "select count(*) from {table} t where t::text ilike '%QUOKKA%'
             or t::text ilike '%' || encode('QUOKKA', 'hex') || '%' or t::text like '%' || encode('QUOKKA', 'base64') || '%'"
        );
        let seen: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&app.owner).await.unwrap();
        assert_eq!(seen, 0, "{table} shows it");
    }
    app.finish().await;
}

#[tokio::test]
async fn earnings_wait_until_the_papers_are_there() {
    let mut options = Options::default();
    options.settings.payout.requires_kyc = true;
    let app = TestApp::start_with(options).await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let (officer, finance) = (app.person("Fatou", &["compliance"]).await, app.person("Mariam", &["finance"]).await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &booking).await;
    let run = async |key: &str| {
        app.ask(Method::POST, "/payouts/run").by(&finance).key(key).send().await.expect(202);
        app.drain().await;
        app.wave.state().payouts().len()
    };
    assert_eq!(run("first").await, 0);
    let id = hand_in(&app, &ride.driver, &papers("passport")).await;
    assert_eq!(run("second").await, 0);
    app.post(&officer, &format!("/kyc/{id}/approve"), &json!({})).await.expect(200);
    assert_eq!(run("third").await, 1);
    app.finish().await;
}
