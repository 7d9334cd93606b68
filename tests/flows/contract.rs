//! The OpenAPI document and the product say the same (T18, CX28): every described route is there and as open as it is
//! said to be, the examples work, and the answers have the described shape.

use crate::document::{document, example, meant, resolve};
use harness::{Answer, Person, TestApp, story::uuid};
use reqwest::Method;
use serde_json::{Map, Value, json};

/// The example body of a route, with what only this installation knows put in.
fn body(document: &Value, path: &str, ours: &Value) -> Value {
    let schema =
        &document["paths"][format!("/api/v1{path}")]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let mut body = example(document, schema).unwrap_or_else(|| panic!("{path} shows no example"));
    for (field, value) in ours.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

async fn try_it(app: &TestApp, by: &Person, path: &str, body: &Value) -> Answer {
    app.ask(Method::POST, path).by(by).key(uuid()).header("prefer", "wait=0").json(body).send().await
}

#[tokio::test]
async fn every_described_route_is_there_and_as_open_as_it_says() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let address = path.replace("{provider}", "wave").replace("{account_id}", &app.account.to_string());
            let address = address.replace("{id}", &uuid()).replace("{user_id}", &uuid()).replace("{name}", "payments");
            let verb: Method = method.to_uppercase().parse().unwrap();
            let answer = app.ask(verb, &address).send().await;
            let open = operation["security"].as_array().is_some_and(|ways| ways.contains(&json!({})));
            if open {
                let hidden = path.starts_with("/wh/"); // to who was not given it, the address does not exist
                assert!(
                    hidden || ![404, 405, 500, 501].contains(&answer.status),
                    "{method} {path}: {} {}",
                    answer.status,
                    answer.body
                );
                assert_ne!(answer.code(), "auth_required", "{method} {path} is said to be open");
            } else {
                assert_eq!((answer.status, answer.code()), (401, "auth_required"), "{method} {path}");
            }
            described += 1;
        }
    }
    assert!(described > 60, "{described}");
    app.finish().await;
}

#[tokio::test]
async fn the_examples_of_the_document_work_as_they_stand() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let (driver, rider) = (app.driver().await, app.rider().await);
    let nothing = json!({});
    let keeper = app.keeper().await;
    for path in ["/sites", "/resources", "/tags", "/policies"] {
        try_it(&app, &keeper, path, &body(&document, path, &nothing)).await.expect(201);
    }
    let resource = app.get(&keeper, "/resources").await.expect(200).text("/0/id");
    let units = body(&document, "/resources/{id}/units", &nothing);
    try_it(&app, &keeper, &format!("/resources/{resource}/units"), &units).await.expect(201);
    for path in ["/vehicles", "/me/devices", "/me/kyc", "/me/payout-destinations"] {
        try_it(&app, &driver, path, &body(&document, path, &nothing)).await.expect(201);
    }
    let admin = app.person("Ibrahim", &["admin"]).await;
    for noun in ["roles", "invitations"] {
        let path = format!("/organizations/{{id}}/{noun}");
        let of_ours = path.replace("{id}", &app.slug);
        try_it(&app, &admin, &of_ours, &body(&document, &path, &nothing)).await.expect(201);
    }
    let trip = try_it(&app, &driver, "/trips", &body(&document, "/trips", &nothing)).await.expect(201).text("/id");
    let stops = body(&document, "/trips/{id}/stops", &nothing);
    try_it(&app, &driver, &format!("/trips/{trip}/stops"), &stops).await.expect(200);
    try_it(&app, &driver, &format!("/trips/{trip}/publish"), &nothing).await.expect(200);
    let of_trip = json!({ "trip_id": trip });
    for (path, status) in [("/bookings/quote", 200), ("/bookings", 201)] {
        try_it(&app, &rider, path, &body(&document, path, &of_trip)).await.expect(status);
    }
    let booking = app.get(&rider, "/bookings").await.expect(200).text("/0/id");
    try_it(&app, &driver, &format!("/bookings/{booking}/approve"), &nothing).await.expect(200);
    let pay = body(&document, "/payments", &json!({ "booking_id": booking }));
    try_it(&app, &rider, "/payments", &pay).await.expect(202);
    let admin = app.person("Ibrahim", &["admin"]).await;
    try_it(&app, &admin, "/notifications", &body(&document, "/notifications", &nothing)).await.expect(202);
    let cancel = body(&document, "/bookings/{id}/cancel", &nothing);
    try_it(&app, &rider, &format!("/bookings/{booking}/cancel"), &cancel).await.expect(200);
    for (path, status) in
        [("/auth/register", 201), ("/auth/login", 200), ("/auth/otp/send", 200), ("/auth/password/forgot", 200)]
    {
        try_it(&app, &rider, path, &body(&document, path, &nothing)).await.expect(status);
    }
    app.drain().await;
    app.finish().await;
}

/// Where a value differs from its schema: what is missing, what nobody described, what has another type.
fn differences(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let nullable = |schema: &Value| {
        let types = schema["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
        types || schema["oneOf"].as_array().is_some_and(|variants| variants.iter().any(|v| v["type"] == "null"))
    };
    if value.is_null() {
        let fine = nullable(resolve(document, schema)) || schema.as_object().is_none_or(Map::is_empty);
        return if fine { Vec::new() } else { vec![format!("{at} is null")] };
    }
    let schema = meant(document, schema);
    if let Some(parts) = schema["allOf"].as_array() {
        return all_of(document, parts, value, at);
    }
    match value {
        Value::Object(fields) => {
            let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let missing =
                required.filter(|name| !fields.contains_key(*name)).map(|name| format!("{at}/{name} is missing"));
            let mut found: Vec<String> = missing.collect();
            for (name, value) in fields {
                match properties.get(name) {
                    Some(schema) => found.extend(differences(document, schema, value, &format!("{at}/{name}"))),
                    None => found.push(format!("{at}/{name} is not described")),
                }
            }
            found
        }
        Value::Array(items) => {
            let of = |(n, item)| differences(document, &schema["items"], item, &format!("{at}/{n}"));
            items.iter().enumerate().flat_map(of).collect()
        }
        scalar => {
            let names: &[&str] = match scalar {
                Value::String(_) => &["string"],
                Value::Bool(_) => &["boolean"],
                _ => &["integer", "number"],
            };
            let said = schema["type"].to_string();
            let fine = schema.get("type").is_none() || names.iter().any(|name| said.contains(name));
            if fine { Vec::new() } else { vec![format!("{at} is {scalar}, described as {said}")] }
        }
    }
}

/// Parts of a whole: a field is described when one of them describes it.
fn all_of(document: &Value, parts: &[Value], value: &Value, at: &str) -> Vec<String> {
    let mut whole = json!({ "properties": {}, "required": [] });
    for part in parts.iter().map(|part| meant(document, part)) {
        for (name, schema) in part["properties"].as_object().into_iter().flatten() {
            whole["properties"][name] = schema.clone();
        }
        let required = part["required"].as_array().cloned().unwrap_or_default();
        whole["required"].as_array_mut().unwrap().extend(required);
    }
    differences(document, &whole, value, at)
}

#[tokio::test]
async fn answers_have_the_shape_that_is_described() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let (ride, rider, admin) =
        (app.ride(3, 3_000).await, app.rider().await, app.person("Ibrahim", &["admin", "driver"]).await);
    let car =
        json!({ "make": "Toyota", "model": "Yaris", "color": "red", "plate_number": "1 AB 01", "seats_total": 5 });
    let vehicle = app.post(&admin, "/vehicles", &car).await.expect(201).text("/id");
    let paper = json!({ "doc_type": "passport", "doc_number": "CI-1", "front_key": "k" });
    app.post(&rider, "/me/kyc", &paper).await.expect(201);
    let guest = json!({ "email": "guest@x.test", "letter": false });
    app.post(&admin, &format!("/organizations/{}/invitations", app.slug), &guest).await.expect(201);
    let somebody = rider.id.to_string();
    let (booking, payment) = app.paid_booking(&rider, &ride, 1).await;
    let operation = app.get(&rider, "/operations").await.expect(200).text("/0/id");
    let site =
        app.post(&admin, "/sites", &json!({ "name": "Campus", "lat": 5.3, "lon": -4.0 })).await.expect(201).text("/id");
    let resource = json!({ "kind": "equipment", "name": "Sony FX6", "site_id": site, "price": { "per": "day", "amount": 5 },
                           "location": { "floor": "2" }, "attributes": { "make": "Sony" } });
    let resource = app.resource(&admin, &resource).await;
    let unit = app.unit(&admin, &resource, "1").await;
    let department = json!({ "name": "Research", "site_id": site, "annual_budget": 1_000_000 });
    let department = app.post(&admin, "/departments", &department).await.expect(201).text("/id");
    app.ask(Method::PUT, &format!("/me/favourites/{resource}")).by(&rider).send().await.expect(200);
    app.patch(&admin, &format!("/units/{unit}"), &json!({ "position": { "x": 1, "y": 2 } })).await.expect(200);
    app.post(&admin, "/tags", &json!({ "name": "Audio" })).await.expect(201);
    let policy = app.post(&admin, "/policies", &json!({ "name": "Cameras" })).await.expect(201).text("/id");
    app.sweep(&domain::jobs::Maintenance::CheckInvariants).await;
    let say = json!({ "audience": { "type": "everybody" }, "subject": "s", "body": "b" });
    let broadcast = try_it(&app, &admin, "/notifications", &say).await.expect(202).text("/subject/id");
    app.drain().await;
    let job: uuid::Uuid =
        sqlx::query_scalar("select id from queue.history limit 1").fetch_one(&app.owner).await.unwrap();
    let job = job.to_string();
    for (by, path, id) in [
        (&rider, "/sites", ""),
        (&rider, "/sites/{id}", site.as_str()),
        (&rider, "/resources", ""),
        (&rider, "/resources/search?q=sony", ""),
        (&rider, "/me/favourites", ""),
        (&rider, "/departments", ""),
        (&rider, "/departments/{id}", department.as_str()),
        (&admin, "/reports/usage?from=2020-01-01&to=2020-12-31", ""),
        (&rider, "/resources/{id}", resource.as_str()),
        (&rider, "/resources/{id}/units", resource.as_str()),
        (&rider, "/units?status_at=now", ""),
        (&rider, "/units/{id}", unit.as_str()),
        (&rider, "/tags", ""),
        (&rider, "/policies", ""),
        (&rider, "/policies/{id}", policy.as_str()),
        (&rider, "/me", ""),
        (&rider, "/me/devices", ""),
        (&rider, "/me/kyc", ""),
        (&rider, "/me/notifications?limit=1", ""),
        (&rider, "/me/preferences", ""),
        (&admin, "/broadcasts/{id}", broadcast.as_str()),
        (&ride.driver, "/me/payout-destinations", ""),
        (&rider, "/auth/sessions", ""),
        (&rider, "/organizations", ""),
        (&rider, "/organizations/{id}", app.slug.as_str()),
        (&admin, "/organizations/{id}/members", app.slug.as_str()),
        (&admin, "/organizations/{id}/roles", app.slug.as_str()),
        (&admin, "/organizations/{id}/invitations", app.slug.as_str()),
        (&admin, "/users", ""),
        (&admin, "/users/{id}", somebody.as_str()),
        (&admin, "/users/{id}/profile", somebody.as_str()),
        (&admin, "/users/search?q=awa", ""),
        (&admin, "/audit", ""),
        (&rider, "/me/activity", ""),
        (&rider, "/bookings/{id}/history", booking.as_str()),
        (&rider, "/trips/{id}", ride.id.as_str()),
        (&rider, "/trips/search?from=5.3575,-4.0083&to=6.819,-5.276", ""),
        (&ride.driver, "/trips", ""),
        (&admin, "/vehicles", ""),
        (&admin, "/vehicles/{id}", vehicle.as_str()),
        (&rider, "/bookings", ""),
        (&rider, "/bookings/{id}", booking.as_str()),
        (&rider, "/bookings/{id}/access-code", booking.as_str()),
        (&rider, "/payments", ""),
        (&rider, "/payments/{id}", payment.as_str()),
        (&rider, "/operations", ""),
        (&rider, "/operations/{id}", operation.as_str()),
        (&rider, "/wallet", ""),
        (&admin, "/kyc", ""),
        (&admin, "/payouts", ""),
        (&admin, "/ops/queues", ""),
        (&admin, "/ops/jobs?state=finished&count=true", ""),
        (&admin, "/ops/jobs/{id}", job.as_str()),
        (&admin, "/ops/invariants", ""),
    ] {
        let answer = app.get(by, &path.replace("{id}", id)).await.expect(200);
        let described = format!("/api/v1{}", path.split('?').next().unwrap());
        let response =
            &document["paths"][&described]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(response.is_object(), "{path} is not described");
        let found = differences(&document, response, &answer.body, path);
        assert!(found.is_empty(), "{found:#?}");
    }
    let refused = app.get(&rider, &format!("/trips/{}", uuid())).await.refused(404, "not_found");
    let schema = &document["components"]["responses"]["Error"]["content"]["application/json"]["schema"];
    assert_eq!(differences(&document, schema, &refused.body, "error"), Vec::<String>::new());
    app.finish().await;
}
