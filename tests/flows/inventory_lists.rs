//! Finding what one looks for (E11, E12, CX2–CX4): filters, sorts and pages of the inventory.

use harness::{Person, TestApp};
use serde_json::{Value, json};

async fn furnished(app: &TestApp) -> (Person, String) {
    let keeper = app.keeper().await;
    let site = app.post(&keeper, "/sites", &json!({ "name": "Campus" })).await.expect(201).text("/id");
    for tag in ["Video", "Audio"] {
        app.post(&keeper, "/tags", &json!({ "name": tag })).await.expect(201);
    }
    for body in [
        json!({ "kind": "equipment", "name": "Sony FX6", "description": "A 100% camera", "serial_number": "SN-1",
                "tags": ["video"], "features": ["4k", "xlr"], "capacity": 1 }),
        json!({ "kind": "equipment", "name": "Rode NTG5", "tags": ["audio"], "features": ["xlr"], "status": "maintenance" }),
        json!({ "kind": "room", "name": "Salle 204", "site_id": site, "capacity": 12, "features": ["projector"],
                "location": { "building": "Bâtiment Sciences" } }),
        json!({ "kind": "room", "name": "amphi A", "site_id": site, "capacity": 200, "location": { "building": "Lettres_B" } }),
        json!({ "kind": "parking", "name": "Parking Nord", "site_id": site, "status": "retired" }),
    ] {
        app.post(&keeper, "/resources", &body).await.expect(201);
    }
    (keeper, site)
}

async fn names(app: &TestApp, by: &Person, query: &str) -> Vec<String> {
    let found = app.get(by, &format!("/resources?{query}")).await.expect(200).data("");
    found.as_array().unwrap().iter().map(|resource| resource["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_filter_finds_what_it_says() {
    let app = TestApp::start().await;
    let (keeper, site) = furnished(&app).await;
    let today = app.now().await.date_naive();
    for (query, found) in [
        ("".to_owned(), vec!["amphi A", "Parking Nord", "Rode NTG5", "Salle 204", "Sony FX6"]),
        ("kind=room".into(), vec!["amphi A", "Salle 204"]),
        ("type=in:salle,parking".into(), vec!["amphi A", "Parking Nord", "Salle 204"]),
        ("status=AVAILABLE".into(), vec!["amphi A", "Salle 204", "Sony FX6"]),
        ("status=in:maintenance,retired".into(), vec!["Parking Nord", "Rode NTG5"]),
        ("tag=VIDEO".into(), vec!["Sony FX6"]),
        ("tag=none".into(), vec![]),
        ("q=sony".into(), vec!["Sony FX6"]),
        ("q=sn-1".into(), vec!["Sony FX6"]),
        ("q=100%25".into(), vec!["Sony FX6"]),
        ("q=%25".into(), vec!["Sony FX6"]),
        ("building=sciences".into(), vec!["Salle 204"]),
        ("batiment=lettres_".into(), vec!["amphi A"]),
        ("features=xlr".into(), vec!["Rode NTG5", "Sony FX6"]),
        ("caracteristiques=XLR,4k".into(), vec!["Sony FX6"]),
        ("minimum_capacity=12".into(), vec!["amphi A", "Salle 204"]),
        ("capacity_gte=13".into(), vec!["amphi A"]),
        (format!("site_id={site}&kind=room&features=projector"), vec!["Salle 204"]),
        (format!("created_from={today}&created_to={today}&kind=parking"), vec!["Parking Nord"]),
        ("created_to=2020-01-01".into(), vec![]),
        ("sort=-capacity".into(), vec!["amphi A", "Salle 204", "Sony FX6", "Parking Nord", "Rode NTG5"]),
        ("sort=kind,-name".into(), vec!["Sony FX6", "Rode NTG5", "Parking Nord", "Salle 204", "amphi A"]),
        ("sort_by=name&sort_order=desc&page_size=2".into(), vec!["Sony FX6", "Salle 204"]),
        ("sort=name&offset=3&limit=200".into(), vec!["Salle 204", "Sony FX6"]),
        ("page=1000&page_size=100".into(), vec![]),
    ] {
        assert_eq!(names(&app, &keeper, &query).await, found, "{query}");
    }
    let page = app.get(&keeper, "/resources?page=2&page_size=2").await.expect(200);
    let told = &page.body["meta"]["pagination"];
    assert_eq!((&told["total"], &told["page_count"], &told["offset"]), (&json!(5), &json!(3), &json!(2)));
    app.finish().await;
}

#[tokio::test]
async fn what_a_list_does_not_know_is_refused_by_name() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    for (query, field) in [
        ("kind=trip", "kind"),
        ("kind=room&type=room", "type"),
        ("status=broken", "status"),
        ("colour=red", "colour"),
        ("sort=price", "sort"),
        ("sort=name,kind,status", "sort"),
        ("sort=", "sort"),
        ("minimum_capacity=many", "minimum_capacity"),
        ("minimum_capacity=-1", "minimum_capacity"),
        ("capacity_gte=99999999999", "capacity_gte"),
        ("site_id=campus", "site_id"),
        ("created_from=yesterday", "created_from"),
        ("created_from=2026-02-01&created_to=2026-01-01", "created_to"),
        ("include_deleted=yes", "include_deleted"),
        ("page=0", "page"),
        ("page_size=101", "page_size"),
        ("limit=201", "limit"),
        ("page=1&limit=5", "page"),
        ("q=%00", "q"),
        ("q=a&q=b", "q"),
        ("features=a&caracteristiques=b", "caracteristiques"),
    ] {
        let answer = app.get(&keeper, &format!("/resources?{query}")).await;
        if query == "sort=" {
            answer.expect(200); // nothing was said
            continue;
        }
        assert_eq!(answer.refused(400, "validation_error").details()["field"], field, "{query}");
    }
    let long = format!("/resources?q={}", "x".repeat(501));
    assert_eq!(app.get(&keeper, &long).await.refused(400, "validation_error").details()["field"], "q");
    let too_many = format!("/resources?features={}", vec!["x1"; 41].join(","));
    assert_eq!(app.get(&keeper, &too_many).await.refused(400, "validation_error").details()["field"], "features");
    app.finish().await;
}

#[tokio::test]
async fn sites_and_tags_and_policies_are_found_too() {
    let app = TestApp::start().await;
    let (keeper, _) = furnished(&app).await;
    let second = json!({ "name": "Annexe", "address": "Rue des Jardins" });
    app.post(&keeper, "/sites", &second).await.expect(201);
    let names = async |path: &str| -> Vec<Value> {
        let found = app.get(&keeper, path).await.expect(200).data("");
        found.as_array().unwrap().iter().map(|thing| thing["name"].clone()).collect()
    };
    assert_eq!(names("/sites").await, ["Annexe", "Campus"]);
    assert_eq!(names("/sites?sort=-name").await, ["Campus", "Annexe"]);
    assert_eq!(names("/sites?sort=created_at").await, ["Campus", "Annexe"]);
    assert_eq!(names("/sites?q=jardins").await, ["Annexe"]);
    let gone = app.get(&keeper, "/sites?q=jardins").await.expect(200).text("/0/id");
    app.delete(&keeper, &format!("/sites/{gone}")).await.expect(200);
    assert_eq!(names("/sites").await, ["Campus"]);
    assert_eq!(names("/sites?include_deleted=true").await, ["Annexe", "Campus"]);
    assert_eq!(names("/tags").await, ["Audio", "Video"]);
    assert_eq!(app.get(&keeper, "/tags").await.expect(200).int("/1/resource_count"), 1);
    for (path, field) in [("/sites?sort=address", "sort"), ("/tags?q=a", "q"), ("/policies?kind=room", "kind")] {
        let refused = app.get(&keeper, path).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field);
    }
    app.finish().await;
}
