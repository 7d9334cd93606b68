//! What an organization offers, written down by its keepers (E1–E6, E13–E15, B10): sites, a car park with its bays, a
//! camera with its copies.

use harness::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_car_park_is_made_with_its_bays() {
    let app = TestApp::start().await;
    let (keeper, member) = (app.keeper().await, app.rider().await);
    let site = json!({ "name": "Plateau", "address": "12 avenue Chardy", "lat": 5.32, "lon": -4.02, "plan_key": "plans/p.svg" });
    let site = app.post(&keeper, "/sites", &site).await.expect(201);
    assert_eq!((site.header("etag"), site.int("/unit_count")), (Some("\"1\""), 0));
    let site = site.text("/id");
    let body = json!({
        "kind": "parking", "name": "  Parking Nord ", "site_id": site, "features": ["Covered", "lit", "covered"],
        "location": { "building": "Tour A", "floor": "-1" }, "queue_discipline": "score",
        "units": [{ "label": "B-1", "position": { "x": 1.5, "y": 2 } }, { "label": "B-2", "features": ["charger"] },
                  { "label": "B-10", "status": "maintenance" }],
    });
    let made = app.post(&keeper, "/resources", &body).await.expect(201);
    let id = made.text("/id");
    assert_eq!(made.header("location"), Some(format!("/api/v1/resources/{id}").as_str()));
    assert_eq!((made.text("/name"), made.int("/unit_count")), ("Parking Nord".into(), 3));
    assert_eq!(made.data("/features"), json!(["covered", "lit"]));
    // everybody of the house sees it, with its bays in the order people count in
    let seen = app.get(&member, &format!("/resources/{id}")).await.expect(200);
    assert_eq!((seen.text("/location/floor"), seen.text("/site_id")), ("-1".into(), site.clone()));
    let units = app.get(&member, &format!("/resources/{id}/units")).await.expect(200);
    let labels: Vec<Value> = units.data("").as_array().unwrap().iter().map(|unit| unit["label"].clone()).collect();
    assert_eq!(labels, ["B-1", "B-2", "B-10"]);
    assert_eq!((units.data("/0/position"), units.data("/0/state")), (json!({ "x": 1.5, "y": 2.0 }), Value::Null));
    let counted = app.get(&member, &format!("/sites/{site}")).await.expect(200);
    assert_eq!((counted.int("/resource_count"), counted.int("/unit_count")), (1, 3));
    app.finish().await;
}

#[tokio::test]
async fn what_is_of_one_piece_has_one_unit_and_copies_are_counted() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    for (kind, count, units) in [
        ("parking", json!(null), 0),
        ("room", json!(null), 1),
        ("equipment", json!(null), 1),
        ("equipment", json!(5), 5),
        ("parking", json!(500), 500),
        ("machine", json!(0), 0),
    ] {
        let body = json!({ "kind": kind, "name": format!("{kind} {count}"), "unit_count": count });
        assert_eq!(app.post(&keeper, "/resources", &body).await.expect(201).int("/unit_count"), units, "{body}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_resource_is_described_anew_and_null_clears() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    app.post(&keeper, "/tags", &json!({ "name": "Video" })).await.expect(201);
    let body = json!({
        "kind": "equipment", "name": "Sony FX6", "serial_number": "SN-1", "capacity": 2, "tags": ["video"],
        "attributes": { "make": "Sony", "weight_kg": 0.9, "insured": true }, "price": { "per": "day", "amount": 5_000 },
    });
    let made = app.post(&keeper, "/resources", &body).await.expect(201);
    assert_eq!(made.data("/price"), json!({ "per": "day", "amount": 5_000, "currency": "XOF" }));
    assert_eq!((made.data("/tags"), made.data("/attributes/weight_kg")), (json!(["Video"]), json!(0.9)));
    let path = format!("/resources/{}", made.text("/id"));
    let patch = json!({ "serial_number": null, "price": null, "tags": [], "description": "Two batteries", "status": "maintenance" });
    let changed = app.patch(&keeper, &path, &patch).await.expect(200);
    assert_eq!(changed.header("etag"), Some("\"2\""));
    for gone in ["serial_number", "price"] {
        assert_eq!(changed.data(&format!("/{gone}")), Value::Null);
    }
    assert_eq!((changed.text("/name"), changed.int("/capacity")), ("Sony FX6".into(), 2));
    assert_eq!((changed.text("/status"), changed.data("/tags")), ("maintenance".into(), json!([])));
    // PUT means the same, and a change that changes nothing leaves no trace
    let before = app.picture().await;
    let same = app.ask(Method::PUT, &path).by(&keeper).header("if-match", "\"2\"").json(&json!({ "capacity": 2 }));
    assert_eq!(same.send().await.expect(200).header("etag"), Some("\"2\""));
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn a_name_stands_once_on_its_site() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let site = app.post(&keeper, "/sites", &json!({ "name": "Campus" })).await.expect(201).text("/id");
    app.post(&keeper, "/sites", &json!({ "name": "CAMPUS" })).await.refused(409, "conflict");
    let room = |name: &str, site: Value| json!({ "kind": "room", "name": name, "site_id": site });
    let first = app.resource(&keeper, &room("Salle 204", json!(site))).await;
    app.post(&keeper, "/resources", &room("salle 204", json!(site))).await.refused(409, "conflict");
    let elsewhere = app.resource(&keeper, &room("Salle 204", json!(null))).await;
    app.post(&keeper, "/resources", &room("Salle 204", json!(null))).await.refused(409, "conflict");
    app.patch(&keeper, &format!("/resources/{elsewhere}"), &json!({ "site_id": site })).await.refused(409, "conflict");
    // another organization's names are its own
    let other = app.other_organization("autocar").await;
    let stranger = app.person_in(other, "Ali", &["admin"]).await;
    app.resource(&stranger, &room("Salle 204", json!(null))).await;
    let foreign =
        app.post(&stranger, "/resources", &room("Salle 205", json!(site))).await.refused(400, "validation_error");
    assert_eq!(foreign.details()["field"], "site_id");
    app.delete(&keeper, &format!("/resources/{first}")).await.expect(200);
    app.patch(&keeper, &format!("/resources/{elsewhere}"), &json!({ "site_id": site })).await.expect(200);
    app.post(&keeper, &format!("/resources/{first}/restore"), &json!({})).await.refused(409, "conflict");
    app.finish().await;
}

#[tokio::test]
async fn units_are_added_changed_and_told_apart() {
    let app = TestApp::start().await;
    let (keeper, member) = (app.keeper().await, app.rider().await);
    let park = app.car_park(&keeper, "Parking Sud", &["1"]).await;
    let path = format!("/resources/{park}/units");
    let more = json!({ "units": [{ "label": "2", "barcode": "P-2" }, { "label": "3", "condition": "worn" }] });
    let made = app.post(&keeper, &path, &more).await.expect(201);
    assert_eq!((made.text("/0/label"), made.text("/1/condition")), ("2".into(), "worn".into()));
    let before = app.picture().await;
    for (twice, field) in [
        (json!([{ "label": "2" }]), "label"),
        (json!([{ "label": "8" }, { "label": "8" }]), "label"),
        (json!([{ "label": "9", "barcode": "P-2" }]), "barcode"),
    ] {
        let refused = app.post(&keeper, &path, &json!({ "units": twice })).await.refused(409, "conflict");
        assert!(refused.details()["reason"].as_str().unwrap().contains(field), "{twice}");
    }
    assert_eq!(app.picture().await, before);
    let second = app.unit(&keeper, &park, "2").await;
    let unit = format!("/units/{second}");
    assert_eq!(app.get(&member, "/units?barcode=P-2").await.expect(200).text("/0/id"), second);
    let changed =
        app.patch(&keeper, &unit, &json!({ "barcode": null, "position": { "x": 3, "y": 4 } })).await.expect(200);
    assert_eq!((changed.data("/barcode"), changed.data("/position/y")), (Value::Null, json!(4.0)));
    let cleared = app.patch(&keeper, &unit, &json!({ "position": null, "features": ["Charger"] })).await.expect(200);
    assert_eq!((cleared.data("/position"), cleared.data("/features")), (Value::Null, json!(["charger"])));
    app.patch(&keeper, &unit, &json!({ "label": "3" })).await.refused(409, "conflict");
    app.finish().await;
}

#[tokio::test]
async fn who_may_do_what() {
    let app = TestApp::start().await;
    let (member, staff, manager) =
        (app.rider().await, app.person("Ali", &["staff"]).await, app.person("Ibrahim", &["manager"]).await);
    let (site, room) = (json!({ "name": "Campus" }), json!({ "kind": "room", "name": "Salle 1" }));
    let (tag, policy) = (json!({ "name": "Audio" }), json!({ "name": "Rooms" }));
    for (path, body, member_may, staff_may, manager_may) in [
        ("/sites", &site, 403, 403, 201),
        ("/resources", &room, 403, 201, 409),
        ("/tags", &tag, 403, 201, 409),
        ("/policies", &policy, 403, 403, 403),
    ] {
        for (by, status) in [(&member, member_may), (&staff, staff_may), (&manager, manager_may)] {
            app.post(by, path, body).await.expect(status);
        }
    }
    let id = app.get(&member, "/resources").await.expect(200).text("/0/id");
    for path in [
        format!("/resources/{id}"),
        format!("/resources/{id}/units"),
        "/sites".into(),
        "/tags".into(),
        "/policies".into(),
    ] {
        app.get(&member, &path).await.expect(200);
    }
    let before = app.picture().await;
    app.patch(&member, &format!("/resources/{id}"), &json!({ "name": "Mine" })).await.refused(403, "forbidden");
    app.delete(&member, &format!("/resources/{id}")).await.refused(403, "forbidden");
    for list in ["/resources?include_deleted=true", "/units?include_deleted=true", "/sites?include_deleted=true"] {
        app.get(&member, list).await.refused(403, "forbidden");
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn rides_and_drivers_vehicles_are_not_in_the_inventory() {
    let app = TestApp::start().await;
    let (keeper, ride) = (app.keeper().await, app.ride(2, 3_000).await);
    let car =
        json!({ "make": "Toyota", "model": "Yaris", "color": "red", "plate_number": "1 AB 01", "seats_total": 5 });
    let car = app.post(&ride.driver, "/vehicles", &car).await.expect(201).text("/id");
    let seat: String =
        sqlx::query_scalar("select id::text from units where label = '1' limit 1").fetch_one(&app.owner).await.unwrap();
    let before = app.picture().await;
    for id in [&ride.id, &car] {
        app.get(&keeper, &format!("/resources/{id}")).await.refused(404, "not_found");
        app.get(&keeper, &format!("/resources/{id}/units")).await.refused(404, "not_found");
        app.delete(&keeper, &format!("/resources/{id}?force=cancel")).await.refused(404, "not_found");
        app.post(&keeper, &format!("/resources/{id}/restore"), &json!({})).await.refused(404, "not_found");
    }
    app.get(&keeper, &format!("/units/{seat}")).await.refused(404, "not_found");
    app.delete(&keeper, &format!("/units/{seat}")).await.refused(404, "not_found");
    assert_eq!(app.get(&keeper, "/resources?include_deleted=true").await.expect(200).data(""), json!([]));
    assert_eq!(app.get(&keeper, "/units").await.expect(200).data(""), json!([]));
    let body = json!({ "kind": "trip", "name": "A trip" });
    app.post(&keeper, "/resources", &body).await.refused(400, "validation_error");
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn each_change_of_the_inventory_is_one_event() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let left = async |name: &str| -> Vec<String> {
        sqlx::query_scalar("select entity_type || ' ' || action from audit_events where request_id = $1 order by id")
            .bind(name)
            .fetch_all(&app.owner)
            .await
            .unwrap()
    };
    let act = async |name: &str, method: Method, path: &str, body: Value| {
        let tag = app.get(&keeper, path).await.header("etag").unwrap_or("\"1\"").to_owned();
        let ask = app.ask(method, path).by(&keeper).header("x-request-id", name).header("if-match", tag);
        let answer = ask.json(&body).send().await;
        assert!(answer.status < 300, "{name}: {}", answer.body);
        answer
    };
    let post = Method::POST;
    let site = act("site", post.clone(), "/sites", json!({ "name": "Campus" })).await.text("/id");
    let room = json!({ "kind": "room", "name": "Salle 1", "units": [{ "label": "a" }, { "label": "b" }] });
    let room = act("room", post.clone(), "/resources", room).await.text("/id");
    let path = format!("/resources/{room}");
    act("move", Method::PATCH, &path, json!({ "site_id": site })).await;
    act("pause", Method::PATCH, &path, json!({ "status": "maintenance", "capacity": 4 })).await;
    let added =
        act("add", post.clone(), &format!("{path}/units"), json!({ "units": [{ "label": "c" }, { "label": "d" }] }))
            .await;
    let unit = format!("/units/{}", added.text("/0/id"));
    act("unit", Method::PATCH, &unit, json!({ "condition": "new" })).await;
    act("unit_gone", Method::DELETE, &unit, json!({})).await;
    act("unit_back", post.clone(), &format!("{unit}/restore"), json!({})).await;
    act("gone", Method::DELETE, &path, json!({})).await;
    act("back", post.clone(), &format!("{path}/restore"), json!({})).await;
    let tag = act("tag", post.clone(), "/tags", json!({ "name": "Audio" })).await.text("/id");
    act("tag_named", Method::PATCH, &format!("/tags/{tag}"), json!({ "name": "Sound" })).await;
    act("tag_gone", Method::DELETE, &format!("/tags/{tag}"), json!({})).await;
    let policy = act("policy", post, "/policies", json!({ "name": "Rooms" })).await.text("/id");
    act("rules", Method::PATCH, &format!("/policies/{policy}"), json!({ "rules": { "max_units": 1 } })).await;
    act("policy_gone", Method::DELETE, &format!("/policies/{policy}"), json!({})).await;
    for (name, events) in [
        ("site", vec!["site CREATE"]),
        ("room", vec!["resource CREATE"]),
        ("move", vec!["resource UPDATE"]),
        ("pause", vec!["resource STATUS_CHANGE"]),
        ("add", vec!["unit CREATE", "unit CREATE"]),
        ("unit", vec!["unit UPDATE"]),
        ("unit_gone", vec!["unit SOFT_DELETE"]),
        ("unit_back", vec!["unit RESTORE"]),
        ("gone", vec!["resource SOFT_DELETE"]),
        ("back", vec!["resource RESTORE"]),
        ("tag", vec!["tag CREATE"]),
        ("tag_named", vec!["tag UPDATE"]),
        ("tag_gone", vec!["tag SOFT_DELETE"]),
        ("policy", vec!["policy CREATE"]),
        ("rules", vec!["policy UPDATE"]),
        ("policy_gone", vec!["policy SOFT_DELETE"]),
    ] {
        assert_eq!(left(name).await, events, "{name}");
    }
    app.finish().await;
}
