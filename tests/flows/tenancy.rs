//! The wall between organizations (CX10, ★16): at the door by walking every described route, and below the
//! application by asking the database itself.

use chrono::TimeDelta;
use harness::{Person, TestApp};
use reqwest::Method;
use sandbox::Faults;
use serde_json::{Value, json};

/// One of everything an organization can hold.
struct House {
    org: String,
    member: Person,
    trip: String,
    vehicle: String,
    booking: String,
    payment: String,
    operation: String,
    document: String,
    notification: String,
    device: String,
    broadcast: String,
    copy: String,
}

async fn furnish(app: &TestApp, org: domain::ids::OrgId) -> House {
    let (driver, rider) =
        (app.person_in(org, "Koffi", &["driver"]).await, app.person_in(org, "Awa", &["member"]).await);
    let car =
        json!({ "make": "Toyota", "model": "Corolla", "color": "grey", "plate_number": "1 AB 01", "seats_total": 5 });
    let vehicle = app.post(&driver, "/vehicles", &car).await.expect(201).text("/id");
    let mut body = app.trip_body(3, 3_000).await;
    body["vehicle_id"] = json!(vehicle);
    let ride = app.ride_of(&driver, body).await;
    let stop = json!({ "stops": [{ "lat": 5.9, "lon": -4.8, "text": "Tiassalé" }] });
    app.post(&driver, &format!("/trips/{}/stops", ride.id), &stop).await.expect(200);
    let booking = app.book(&rider, &ride, 1).await;
    let operation = app.try_pay(&rider, &booking).await.expect(202);
    let payment = operation.text("/subject/id");
    app.drain().await;
    app.wave.pay(&app.checkout_of(&payment)).unwrap();
    app.advance(TimeDelta::seconds(20)).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    let licence = json!({ "doc_type": "passport", "doc_number": "CI-0012345", "front_key": "kyc/front.jpg" });
    let document = app.post(&rider, "/me/kyc", &licence).await.expect(201).text("/id");
    let notification = app.get(&rider, "/me/notifications").await.expect(200).text("/0/id");
    let device = app.get(&rider, "/me/devices").await.expect(200).text("/0/id");
    let manager = app.person_in(org, "Mariam", &["manager"]).await;
    let say = json!({ "audience": { "type": "everybody" }, "subject": "Bonjour", "body": "Bonjour.", "channels": [] });
    let said = app.ask(Method::POST, "/notifications").by(&manager).key("k").json(&say).send().await.expect(202);
    let broadcast = said.text("/subject/id");
    app.post(&rider, "/me/export", &json!({})).await.expect(202);
    app.drain().await;
    let copy = app.get(&rider, "/operations?page_size=1").await.expect(200).text("/0/result/export_id");
    let (org, member, operation) = (org.to_string(), rider, operation.text("/id"));
    let trip = ride.id;
    House { org, member, trip, vehicle, booking, payment, operation, document, notification, device, broadcast, copy }
}

async fn dead_job(app: &TestApp, org: &str) -> String {
    sqlx::query_scalar(
        "insert into queue.dead (id, queue, kind, org_id, reason, attempts, deaths, priority, payload, created_at)
         values (gen_random_uuid(), 'notifications', 'reminder.sweep', $1::uuid, 'test', 1, 0, 0,
                 '{\"kind\": \"reminder.sweep\"}', now()) returning id::text",
    )
    .bind(org)
    .fetch_one(&app.owner)
    .await
    .unwrap()
}

impl House {
    /// What this house puts in the place of a path's parameter; none for routes that are not about a tenant's things.
    fn address(&self, path: &str) -> Option<String> {
        let id = match path.trim_start_matches("/api/v1/").split('/').collect::<Vec<_>>()[..] {
            ["trips", ..] => &self.trip,
            ["vehicles", ..] => &self.vehicle,
            ["bookings", ..] => &self.booking,
            ["payments", ..] => &self.payment,
            ["operations", ..] => &self.operation,
            ["kyc", ..] => &self.document,
            ["me", "notifications", ..] => &self.notification,
            ["me", "devices", ..] => &self.device,
            ["me", "exports", ..] => &self.copy,
            ["broadcasts", ..] => &self.broadcast,
            ["auth", "sessions", ..] => return Some(path.replace("{id}", &self.member.session.to_string())),
            ["organizations", ..] => &self.org,
            // a provider proves itself with its signature; queues serve the whole installation, see below
            ["webhooks", ..] | ["ops", ..] => return None,
            _ => panic!("which house does {path} belong to? tell this test"),
        };
        Some(path.replace("{id}", id).replace("{user_id}", &self.member.id.to_string()))
    }
}

/// A body each route takes, so that only the id can be what is wrong.
fn body_for(method: &str, path: &str) -> Value {
    match (method, path.rsplit('/').next().unwrap()) {
        ("put", "roles") => json!({ "roles": ["member"] }),
        ("post", "stops") => json!({ "stops": [] }),
        ("post", "check-in") => json!({ "code": "123456" }),
        ("post", "reject") if path.contains("/kyc/") => json!({ "notes": "not readable" }),
        ("post", "devices") => json!({ "platform": "android", "push_token": "a" }),
        ("post", "payout-destinations") => json!({ "number": "+2250700000001" }),
        ("post", "verify") => json!({ "code": "123456" }),
        ("post", "kyc") => json!({ "doc_type": "passport", "doc_number": "CI-1", "front_key": "k" }),
        ("post", "notifications") => json!({ "audience": { "type": "everybody" }, "subject": "s", "body": "b" }),
        _ => json!({}),
    }
}

async fn knock(app: &TestApp, by: &Person, method: &str, path: &str, body: &Value) -> harness::Answer {
    let verb: Method = method.to_uppercase().parse().unwrap();
    let ask = app.ask(verb.clone(), path).by(by).key(harness::story::uuid()).header("if-match", "\"1\"");
    let with_body = verb != Method::GET && verb != Method::DELETE;
    if with_body { ask.json(body).send().await } else { ask.send().await }
}

/// Every described operation, as `(method, path)`.
async fn operations(app: &TestApp) -> Vec<(String, String)> {
    let document = app.ask(Method::GET, "/api/openapi.json").send().await.expect(200).body;
    let paths = document["paths"].as_object().unwrap().clone();
    let of = |(path, item): (String, Value)| {
        let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(move |method| (method, path.clone()))
    };
    paths.into_iter().flat_map(of).collect()
}

#[tokio::test]
async fn another_organizations_things_do_not_exist_for_anybody_here() {
    let app = TestApp::start().await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    let other = app.other_organization("autocar").await;
    let (theirs, ours) = (furnish(&app, other).await, furnish(&app, app.org).await);
    let admin = app.person("Ibrahim", &["admin"]).await;
    let before = app.picture().await;
    let mut walked = 0;
    for (method, path) in operations(&app).await.into_iter().filter(|(_, path)| path.contains('{')) {
        let Some(address) = theirs.address(&path) else { continue };
        let answer = knock(&app, &admin, &method, &address, &body_for(&method, &path)).await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"), "{method} {path}: {}", answer.body);
        walked += 1;
    }
    assert!(walked >= 33, "only {walked} routes were walked");
    let roles = format!("/organizations/{}/members/{}/roles", ours.org, theirs.member.id);
    knock(&app, &admin, "put", &roles, &json!({ "roles": ["member"] })).await.refused(404, "not_found");
    knock(&app, &admin, "get", "/organizations/autocar", &Value::Null).await.refused(404, "not_found");
    assert_eq!(app.picture().await, before);

    // and the same walk at home finds something: the 404s were about the wall, not about the paths
    for path in ["trips/{id}", "bookings/{id}", "payments/{id}", "operations/{id}", "organizations/{id}"] {
        let path = format!("/api/v1/{path}");
        knock(&app, &admin, "get", &ours.address(&path).unwrap(), &Value::Null).await.expect(200);
    }
    app.finish().await;
}

#[tokio::test]
async fn another_organizations_things_cannot_be_named_in_a_body() {
    let app = TestApp::start().await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    let other = app.other_organization("autocar").await;
    let theirs = furnish(&app, other).await;
    let admin = app.person("Ibrahim", &["admin", "driver"]).await;
    let before = app.picture().await;
    let mut trip = app.trip_body(2, 3_000).await;
    trip["vehicle_id"] = json!(theirs.vehicle);
    for (path, body) in [
        ("/bookings", json!({ "trip_id": theirs.trip, "seats": 1 })),
        ("/bookings/quote", json!({ "trip_id": theirs.trip, "seats": 1 })),
        ("/payments", json!({ "booking_id": theirs.booking, "method": "wave" })),
        ("/trips", trip),
        (
            "/notifications",
            json!({ "audience": { "type": "members", "user_ids": [theirs.member.id] }, "subject": "s", "body": "b" }),
        ),
    ] {
        knock(&app, &admin, "post", path, &body).await.refused(404, "not_found");
    }
    assert_eq!(app.picture().await, before);
    for list in ["/trips", "/bookings?role=all", "/payments", "/payouts", "/operations", "/kyc", "/vehicles"] {
        let listed = app.get(&admin, list).await.expect(200);
        assert_eq!(listed.data(""), json!([]), "{list}");
    }
    let found = app.get(&admin, "/trips/search?from=5.3575,-4.0083&to=6.8190,-5.2760").await.expect(200);
    assert_eq!(found.data(""), json!([]));
    app.finish().await;
}

#[tokio::test]
async fn only_the_operators_organization_steers_what_serves_all() {
    let app = TestApp::start().await;
    let other = app.other_organization("autocar").await;
    let admin = app.person_in(other, "Ibrahim", &["admin"]).await;
    let job = dead_job(&app, &other.to_string()).await;
    let before = app.picture().await;
    for (method, path) in operations(&app).await.into_iter().filter(|(_, path)| path.starts_with("/api/v1/ops/")) {
        let address = path.replace("{name}", "payments").replace("{id}", &job);
        let answer = knock(&app, &admin, &method, &address, &json!({})).await;
        assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{method} {path}: {}", answer.body);
    }
    assert_eq!(app.picture().await, before);
    app.finish_expecting_dead(1).await;
}

#[tokio::test]
async fn naming_another_organization_in_the_header_opens_nothing() {
    let app = TestApp::start().await;
    let other = app.other_organization("autocar").await;
    let admin = Person { org: other, ..app.person("Ibrahim", &["admin"]).await };
    // what belongs to the person alone, or to everybody
    let open = |path: &str| {
        let path = path.trim_start_matches("/api/v1");
        ["/auth", "/me/devices", "/webhooks", "/health", "/metrics"].iter().any(|start| path.starts_with(start))
            || ["/me", "/organizations", "/trips/search", "/payments/return"].contains(&path)
    };
    let before = app.picture().await;
    for (method, path) in operations(&app).await.into_iter().filter(|(_, path)| !open(path)) {
        let address = path.replace("{id}", &other.to_string()).replace("{user_id}", &admin.id.to_string());
        let address = address.replace("{name}", "payments");
        let answer = knock(&app, &admin, &method, &address, &body_for(&method, &path)).await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"), "{method} {path}: {}", answer.body);
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}
