//! What we hold about a person is theirs to see (W4).

use chrono::TimeDelta;
use domain::{
    jobs::Maintenance,
    privacy::{Export, HOLDINGS},
};
use harness::{
    TestApp,
    life::{Life, STRINGS, live},
    story::uuid,
};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_copy_shows_everything_that_is_held() {
    let app = TestApp::start().await;
    let Life { person, .. } = live(&app).await;
    let eve = app.rider().await;
    let asked = app.ask(Method::POST, "/me/export").by(&person).key("copy").send().await.expect(202);
    app.post(&person, "/me/export", &json!({})).await.refused(409, "conflict");
    app.drain().await;
    let operation = app.get(&person, &format!("/operations/{}", asked.text("/id"))).await.expect(200);
    assert_eq!((operation.text("/status"), operation.text("/kind")), ("succeeded".into(), "privacy_export".into()));
    app.get(&app.person("Mariam", &["finance"]).await, &format!("/operations/{}", asked.text("/id")))
        .await
        .refused(404, "not_found");
    let path = operation.text("/result/download");
    let fetched = app.get(&person, &path).await.expect(200);
    assert!(fetched.header("content-disposition").unwrap().contains("attachment"));
    assert_eq!(fetched.header("cache-control"), Some("no-store"));
    let copy = fetched.body;

    // every place that the list of holdings names has something to show, in one organization or for all of them
    let here = copy["organizations"].as_array().unwrap().iter().find(|o| o["organization"]["slug"] == app.slug);
    let here = here.expect("this organization");
    assert_eq!(copy["organizations"].as_array().unwrap().len(), 2);
    for holding in HOLDINGS {
        if let Export::As(section) = holding.export {
            let shown = copy.get(section).or(here.get(section)).unwrap_or(&Value::Null);
            let empty = shown.is_null() || shown.as_array().is_some_and(Vec::is_empty);
            assert!(!empty, "{}: nothing under {section}", holding.table);
        } else {
            let left_out = copy["about"]["left_out"].as_array().unwrap();
            assert!(left_out.iter().any(|left| left["what"] == holding.table), "{}", holding.table);
        }
    }
    let text = copy.to_string();
    for held in STRINGS.into_iter().filter(|held| *held != "zoub-hash") {
        assert!(text.contains(held), "{held}");
    }
    assert!(text.contains(&person.phone) && text.contains(&person.email));
    assert_eq!(here["identity_documents"][0]["doc_number"], "ZOUB-0042", "opened for its holder");
    assert!(here["provider_events"][0]["body"].is_object(), "and so is what a provider said about them");
    for secret in ["secret_hash", "zoub-hash", "refresh_hash", "provider_key"] {
        assert!(!text.contains(secret), "{secret}");
    }
    for others in [&eve.email, &eve.phone] {
        assert!(!text.contains(others), "{others} is somebody else");
    }

    // at rest it is sealed, and it is nobody else's
    let stored: Vec<u8> =
        sqlx::query_scalar("select document from person_exports").fetch_one(&app.owner).await.unwrap();
    assert!(!stored.windows(7).any(|bytes| bytes == b"Zoubida"));
    app.get(&eve, &path).await.refused(404, "not_found");
    app.get(&person, &format!("/me/exports/{}", uuid())).await.refused(404, "not_found");
    assert_eq!(app.notices(&person, "export_ready").await, 1);
    let again = app.ask(Method::POST, "/me/export").by(&person).key("copy").send().await.expect(200);
    assert_eq!(again.data("/id"), asked.data("/id"), "the same request is the same copy");

    // for three days
    app.advance(TimeDelta::hours(73)).await;
    app.get(&person, &path).await.refused(410, "export_expired");
    app.sweep(&Maintenance::CleanUp).await;
    assert_eq!(app.count("select count(*) from person_exports where document is not null").await, 0);
    app.get(&person, &path).await.refused(410, "export_expired");
    app.finish().await;
}

#[tokio::test]
async fn a_copy_is_made_one_at_a_time_and_may_be_called_off() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let ask = || app.ask(Method::POST, "/me/export").by(&rider).send();
    let first = ask().await.expect(202).text("/id");
    let cancel = format!("/operations/{first}/cancel");
    assert_eq!(app.post(&rider, &cancel, &json!({})).await.expect(200).text("/status"), "cancelled");
    app.drain().await;
    assert_eq!(app.count("select count(*) from person_exports where document is not null").await, 0);
    let id: uuid::Uuid = sqlx::query_scalar("select id from person_exports").fetch_one(&app.owner).await.unwrap();
    app.get(&rider, &format!("/me/exports/{id}")).await.refused(409, "state_conflict");

    // one whose job was lost is made after all
    let second = ask().await.expect(202).text("/id");
    sqlx::query("delete from queue.jobs where kind = 'privacy.export'").execute(&app.owner).await.unwrap();
    app.drain().await;
    app.advance(TimeDelta::minutes(16)).await;
    app.sweep(&Maintenance::SweepOperations).await;
    let made = app.get(&rider, &format!("/operations/{second}")).await.expect(200);
    assert_eq!(made.text("/status"), "succeeded");
    ask().await.expect(202);
    app.drain().await;
    let refused = ask().await.refused(429, "rate_limited");
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((80_000..=86_400).contains(&wait), "{wait}");
    app.advance(TimeDelta::days(1)).await;
    ask().await.expect(202);
    app.drain().await;
    app.finish().await;
}
