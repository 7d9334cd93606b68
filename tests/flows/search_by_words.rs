//! Finding things by words (Z8), and keeping them at hand (Z9).

use harness::{Answer, TestApp};
use reqwest::Method;
use serde_json::json;

fn names(answer: Answer) -> Vec<String> {
    let list = answer.expect(200).data("");
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn words_are_found_whatever_their_accents_and_endings() {
    let app = TestApp::start().await;
    let (keeper, member) = (app.keeper().await, app.rider().await);
    let site = app.post(&keeper, "/sites", &json!({ "name": "Plateau" })).await.expect(201).text("/id");
    for body in [
        json!({ "kind": "room", "name": "Salle Ébène", "features": ["vidéoprojecteur"], "site_id": site,
                "location": { "building": "Bâtiment A" } }),
        json!({ "kind": "room", "name": "Salle Acajou", "description": "Le vidéoprojecteur est à demander" }),
        json!({ "kind": "equipment", "name": "Caméras Sony FX6" }),
    ] {
        app.resource(&keeper, &body).await;
    }
    let found = async |query: &str| names(app.get(&member, &format!("/resources/search?{query}")).await);
    assert_eq!(found("q=camera").await, ["Caméras Sony FX6"]);
    assert_eq!(found("q=FX6%20cam%C3%A9ra").await, ["Caméras Sony FX6"]);
    assert_eq!(found("q=ebene").await, ["Salle Ébène"]);
    // what it has counts more than what is said of it
    assert_eq!(found("q=videoproj").await, ["Salle Ébène", "Salle Acajou"]);
    assert_eq!(found("q=salle%20batiment").await, ["Salle Ébène"]);
    assert_eq!(found(&format!("q=salle&site_id={site}")).await, ["Salle Ébène"]);
    assert_eq!(found("q=salle&kind=equipment").await, Vec::<String>::new());
    assert_eq!(found("q=a%20%7C%20(salle%3A*)%20%26%20!x").await, Vec::<String>::new());
    for wrong in ["", "?q=", "?q=%26%7C", "?q=a&colour=red"] {
        app.get(&member, &format!("/resources/search{wrong}")).await.refused(400, "validation_error");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_kept_at_hand_is_ones_own() {
    let app = TestApp::start().await;
    let (keeper, member, other) = (app.keeper().await, app.rider().await, app.rider().await);
    let room = app.resource(&keeper, &json!({ "kind": "room", "name": "Salle Ébène" })).await;
    let path = format!("/me/favourites/{room}");
    app.ask(Method::PUT, &path).by(&member).send().await.expect(200);
    let before = app.picture().await;
    app.ask(Method::PUT, &path).by(&member).send().await.expect(200);
    assert_eq!(app.picture().await, before, "once is enough");
    assert_eq!(names(app.get(&member, "/me/favourites").await), ["Salle Ébène"]);
    assert_eq!(names(app.get(&other, "/me/favourites").await), Vec::<String>::new());
    app.delete(&other, &path).await.refused(404, "not_found");
    let unknown = format!("/me/favourites/{}", harness::uuid());
    app.ask(Method::PUT, &unknown).by(&member).send().await.refused(404, "not_found");
    app.delete(&keeper, &format!("/resources/{room}")).await.expect(200);
    assert_eq!(names(app.get(&member, "/me/favourites").await), Vec::<String>::new());
    app.delete(&member, &path).await.expect(200);
    app.finish().await;
}
