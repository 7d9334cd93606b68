//! The example organizations (Y10): sown twice they are the same, and their people find what they came for.

use harness::{TestApp, seed};
use reqwest::Method;
use serde_json::json;

const PASSWORD: &str = "a password to look around with";

#[tokio::test]
async fn sowing_twice_changes_nothing() {
    let app = TestApp::start().await;
    let first = seed::sow(&app.db, PASSWORD).await.unwrap();
    assert!(first.iter().all(|sown| sown.made > 10), "{first:?}");
    let before = app.picture().await;
    let second = seed::sow(&app.db, PASSWORD).await.unwrap();
    assert!(second.iter().all(|sown| sown.made == 0), "{second:?}");
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn people_find_bays_and_cameras() {
    let app = TestApp::start().await;
    seed::sow(&app.db, PASSWORD).await.unwrap();
    for (login, org, path, count, units) in [
        ("awa@flexpark.test", "flexpark", "/resources?kind=parking", 2, 36),
        ("aminata@universite.test", "universite", "/resources?tag=vid%C3%A9o", 2, 7),
        ("aminata@universite.test", "universite", "/resources?tag=audio", 2, 11),
    ] {
        let ask = json!({ "identifier": login, "password": PASSWORD });
        let token = app.ask(Method::POST, "/auth/login").json(&ask).send().await.expect(200).text("/access_token");
        let found = app.ask(Method::GET, path).bearer(&token).within(org).send().await.expect(200).data("");
        let found = found.as_array().unwrap();
        let sum: i64 = found.iter().map(|resource| resource["unit_count"].as_i64().unwrap()).sum();
        assert_eq!((found.len(), sum), (count, units), "{path}");
        let free = app.ask(Method::GET, "/units?status_at=now&state=free&page_size=100").bearer(&token).within(org);
        assert!(free.send().await.expect(200).data("").as_array().unwrap().len() >= 20);
    }
    // a bay with a charger, found by what it has
    let ask = json!({ "identifier": "koffi@flexpark.test", "password": PASSWORD });
    let token = app.ask(Method::POST, "/auth/login").json(&ask).send().await.expect(200).text("/access_token");
    let chargers = app.ask(Method::GET, "/units?features=borne").bearer(&token).within("flexpark").send().await;
    assert_eq!(chargers.expect(200).body["meta"]["pagination"]["total"], 6);
    app.finish().await;
}
