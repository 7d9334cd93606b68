//! What makes no sense about the inventory is refused by the name of its field and changes nothing.

use harness::TestApp;
use reqwest::Method;
use serde_json::{Map, Value, json};

#[tokio::test]
async fn a_resource_has_bounds() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let id = app.resource(&keeper, &json!({ "kind": "room", "name": "Salle 204" })).await;
    let path = format!("/resources/{id}");
    let many: Map<String, Value> = (0..41).map(|n| (format!("a{n}"), json!(n))).collect();
    let before = app.picture().await;
    for (field, named, wrong) in [
        ("name", "name", json!("ab")),
        ("name", "name", json!("  a  ")),
        ("name", "name", json!("n".repeat(201))),
        ("name", "name", json!("line\nbreak")),
        ("name", "body", json!("nul\u{0}nul")),
        ("description", "description", json!("d".repeat(4_001))),
        ("status", "status", json!("broken")),
        ("status", "status", json!(7)),
        ("site_id", "site_id", json!("campus")),
        ("site_id", "site_id", json!(uuid::Uuid::new_v4())),
        ("policy_id", "policy_id", json!(uuid::Uuid::new_v4())),
        ("serial_number", "serial_number", json!("")),
        ("serial_number", "serial_number", json!("s".repeat(101))),
        ("capacity", "capacity", json!(0)),
        ("capacity", "capacity", json!(100_001)),
        ("capacity", "capacity", json!(2.5)),
        ("features", "features", json!(vec!["x"; 41])),
        ("features", "features", json!(["a,b"])),
        ("features", "features", json!("wifi")),
        ("attributes", "attributes", json!(many)),
        ("attributes", "attributes.deep", json!({ "deep": { "er": 1 } })),
        ("attributes", "attributes.long", json!({ "long": "x".repeat(501) })),
        ("attributes", "attributes", json!({ "": 1 })),
        ("attributes", "attributes", json!([])),
        ("location", "location.floor", json!({ "floor": "" })),
        ("location", "location.door", json!({ "door": "1" })),
        ("image_keys", "image_keys", json!(vec!["k"; 21])),
        ("image_keys", "image_keys", json!([""])),
        ("tags", "tags", json!(["nowhere"])),
        ("tags", "tags", json!(vec!["t"; 21])),
        ("price", "price.per", json!({ "per": "minute", "amount": 1 })),
        ("price", "price.currency", json!({ "per": "hour", "amount": 1, "currency": "EUR" })),
        ("price", "price.amount", json!({ "per": "hour", "amount": 0.5 })),
        ("price", "price.amount", json!({ "per": "hour" })),
        ("queue_discipline", "queue_discipline", json!("luck")),
        ("version", "version", json!(7)),
        ("org_id", "org_id", json!(app.org.to_string())),
    ] {
        let mut body = json!({ "kind": "room", "name": "Salle 205" });
        body[field] = wrong.clone();
        let refused = app.post(&keeper, "/resources", &body).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], named, "{field} {wrong}");
        let refused = app.patch(&keeper, &path, &json!({ field: wrong })).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], named, "{field} {wrong}");
    }
    for amount in [json!(-1), json!(1_000_000_000_001_i64)] {
        let body = json!({ "kind": "room", "name": "Salle 205", "price": { "per": "hour", "amount": amount } });
        app.post(&keeper, "/resources", &body).await.refused(400, "validation_error");
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn units_have_bounds_and_come_all_or_none() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let park = app.car_park(&keeper, "Parking Nord", &["1"]).await;
    let unit = app.unit(&keeper, &park, "1").await;
    let before = app.picture().await;
    for (field, wrong) in [
        ("label", json!("")),
        ("label", json!("l".repeat(61))),
        ("barcode", json!("")),
        ("barcode", json!("b".repeat(101))),
        ("condition", json!("haunted")),
        ("status", json!("free")),
        ("position", json!({ "x": 1 })),
        ("position", json!({ "x": 1e7, "y": 0 })),
        ("features", json!([""])),
        ("colour", json!("red")),
    ] {
        let mut bad = json!({ "label": "7" });
        bad[field] = wrong.clone();
        let body = json!({ "units": [{ "label": "6" }, bad] });
        let refused =
            app.post(&keeper, &format!("/resources/{park}/units"), &body).await.refused(400, "validation_error");
        let named = refused.details()["field"].as_str().unwrap();
        assert!(named.contains(field), "{named} {wrong}");
        app.patch(&keeper, &format!("/units/{unit}"), &json!({ field: wrong })).await.refused(400, "validation_error");
    }
    let path = format!("/resources/{park}/units");
    let crowd: Vec<Value> = (0..501).map(|n| json!({ "label": format!("c{n}") })).collect();
    app.post(&keeper, &path, &json!({ "units": crowd })).await.refused(400, "validation_error");
    app.post(&keeper, &path, &json!({ "units": [] })).await.refused(400, "validation_error");
    app.post(&keeper, &path, &json!({ "units": "ten" })).await.refused(400, "validation_error");
    let flood: Vec<Value> = (0..10_000).map(|n| json!({ "label": format!("c{n}") })).collect();
    app.post(&keeper, &path, &json!({ "units": flood })).await.refused(413, "body_too_large");
    for wrong in [json!({ "unit_count": 501 }), json!({ "unit_count": -1 }), json!({ "unit_count": 1, "units": [] })] {
        let mut body = json!({ "kind": "parking", "name": "Parking Sud" });
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        app.post(&keeper, "/resources", &body).await.refused(400, "validation_error");
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn a_site_and_a_tag_have_bounds() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let site = app.post(&keeper, "/sites", &json!({ "name": "Campus" })).await.expect(201).text("/id");
    let tag = app.post(&keeper, "/tags", &json!({ "name": "Audio" })).await.expect(201).text("/id");
    let before = app.picture().await;
    for (wrong, named) in [
        (json!({ "name": "ab" }), "name"),
        (json!({ "address": "a".repeat(501) }), "address"),
        (json!({ "timezone": "Africa/Wakanda" }), "timezone"),
        (json!({ "lat": 1.0 }), "lon"),
        (json!({ "lon": 1.0 }), "lat"),
        (json!({ "lat": 90.1, "lon": 0.0 }), "lat"),
        (json!({ "lat": 0.0, "lon": -180.1 }), "lon"),
        (json!({ "plan_key": "" }), "plan_key"),
        (json!({ "total_slots": 9 }), "total_slots"),
    ] {
        let mut body = json!({ "name": "Annexe" });
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let refused = app.post(&keeper, "/sites", &body).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], named, "{wrong}");
        let refused = app.patch(&keeper, &format!("/sites/{site}"), &wrong).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], named, "{wrong}");
    }
    for wrong in
        [json!({ "name": "" }), json!({ "name": "t".repeat(61) }), json!({}), json!({ "name": "x", "color": 1 })]
    {
        app.post(&keeper, "/tags", &wrong).await.refused(400, "validation_error");
        let rename = app.ask(Method::PATCH, &format!("/tags/{tag}")).by(&keeper).json(&wrong);
        rename.send().await.refused(400, "validation_error");
    }
    app.post(&keeper, "/tags", &json!({ "name": "AUDIO" })).await.refused(409, "conflict");
    for id in ["7", "the-red-one", &uuid::Uuid::new_v4().to_string()] {
        for path in ["sites", "resources", "units", "policies"] {
            app.get(&keeper, &format!("/{path}/{id}")).await.refused(404, "not_found");
            app.delete(&keeper, &format!("/{path}/{id}")).await.refused(404, "not_found");
        }
        app.delete(&keeper, &format!("/tags/{id}")).await.refused(404, "not_found");
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn a_change_of_the_inventory_names_the_version_it_saw() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let site = app.post(&keeper, "/sites", &json!({ "name": "Campus" })).await.expect(201).text("/id");
    let room = app.resource(&keeper, &json!({ "kind": "room", "name": "Salle 204" })).await;
    let unit = app.unit(&keeper, &room, "1").await;
    let before = app.picture().await;
    for (path, body) in [
        (format!("/sites/{site}"), json!({ "name": "Annexe" })),
        (format!("/resources/{room}"), json!({ "name": "Salle 205" })),
        (format!("/units/{unit}"), json!({ "label": "2" })),
    ] {
        let patch = app.ask(Method::PATCH, &path).by(&keeper).json(&body);
        patch.send().await.refused(428, "precondition_required");
        for method in [Method::PATCH, Method::DELETE] {
            let stale = app.ask(method, &path).by(&keeper).header("if-match", "\"9\"").json(&body).send().await;
            assert_eq!(stale.refused(412, "version_mismatch").details()["current"], 1, "{path}");
        }
    }
    assert_eq!(app.picture().await, before);
    // the same key makes one room
    let body = json!({ "kind": "room", "name": "Salle 206" });
    let make = async || app.ask(Method::POST, "/resources").by(&keeper).key("room-206").json(&body).send().await;
    assert_eq!(make().await.expect(201).text("/id"), make().await.expect(201).text("/id"));
    app.finish().await;
}
