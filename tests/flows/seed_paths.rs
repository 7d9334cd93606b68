//! Every path of the page of older paths is the canonical route itself (MODEL §11, CX12, CX27), and nothing else is.

use crate::document::document;
use api::seed_paths::{PATHS, PREFIX};
use harness::{Answer, TestApp, story::uuid};
use reqwest::Method;
use serde_json::{Value, json};

fn told(answer: &Answer) -> (u16, String, Option<String>) {
    (answer.status, answer.code().to_owned(), answer.header("content-type").map(str::to_owned))
}

#[tokio::test]
async fn every_older_path_is_answered_as_the_route_it_means() {
    let app = TestApp::start().await;
    let (document, admin) = (document(&app).await, app.keeper().await);
    let mut walked = 0;
    for row in PATHS {
        let verb = |method: &str| -> Method { method.parse().unwrap() };
        let id = uuid();
        let canonical = row.canonical().replace("{id}", &id);
        for stranger in [true, false] {
            if row.path == "/auth/logout" && !stranger {
                continue; // the first of the two would end the session of the second
            }
            let ask = |method: &str, path: &str| {
                let ask = app.ask_at(verb(method), path);
                if stranger { ask } else { ask.by(&admin) }
            };
            let meant = ask(row.to_method, &canonical).send().await;
            for prefix in ["", PREFIX] {
                let path = format!("{prefix}{}", row.path.replace("{id}", &id).replace("{user_id}", &id));
                let answer = ask(row.method, &path).send().await;
                // a client that knows no keys is not asked for one
                let keyless = row.keyless && path != canonical && meant.code() == "idempotency_key_required";
                // nor one that knows no versions
                let versionless = row.versionless && path != canonical && meant.code() == "precondition_required";
                let spared = keyless && answer.code() != "idempotency_key_required"
                    || versionless && answer.code() != "precondition_required";
                let same = spared || told(&answer) == told(&meant);
                assert!(same, "{} {path}: {:?}, meant {:?}", row.method, told(&answer), told(&meant));
                assert!(answer.status != 405 && answer.status < 500, "{} {path}: {}", row.method, answer.status);
                walked += 1;
            }
        }
        let described = &document["paths"][format!("{PREFIX}{}", row.path)][row.method.to_lowercase()];
        let own = !row.at_root && row.canonical() != format!("{PREFIX}{}", row.path);
        assert_eq!(described["deprecated"] == true, own, "{} {}", row.method, row.path);
    }
    println!("older paths={} asked={walked}", PATHS.len());
    app.finish().await;
}

#[tokio::test]
async fn a_path_that_is_on_no_page_stays_unknown() {
    let app = TestApp::start().await;
    let rider = app.rider().await;
    let before = app.picture().await;
    for path in
        ["/", "/parkings/", "/parkings/x/y", "/parkings/x/slots/", "/trips", "/me", "/reservations/me/x", "/api"]
    {
        app.ask_at(Method::GET, path).by(&rider).send().await.refused(404, "not_found");
    }
    for path in ["/parkings", "/api/v1/parkings", "/reservations"] {
        let answer = app.ask_at(Method::PUT, path).by(&rider).json(&json!({})).send().await;
        answer.refused(404, "not_found");
    }
    // what stands at the root stays there
    for path in ["/health/live", "/health/ready", "/metrics", "/api/openapi.json", "/api/docs/", "/docs"] {
        app.ask_at(Method::GET, path).send().await.expect(200);
    }
    let webhook = format!("{PREFIX}/webhooks/wave/{}", app.account);
    let forged = app.ask_at(Method::POST, &webhook).json(&json!({})).send().await;
    forged.refused(401, "webhook_invalid_signature");
    app.ask_at(Method::HEAD, "/parkings").by(&rider).send().await.expect(200);
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn one_key_is_one_request_by_whichever_path_it_came() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1"], json!({})).await;
    let (awa, date) = (app.rider().await, app.at(3, "00:00").await.date_naive());
    let book = async |path: &str, key: Option<&str>, body: &Value| {
        let ask = app.ask_at(Method::POST, path).by(&awa);
        let ask = if let Some(key) = key { ask.key(key) } else { ask };
        ask.json(body).send().await
    };
    let theirs = json!({ "date": date, "period": "day", "slot_id": park.units[0] });
    let ours = json!({ "date": date, "period": "day", "unit_id": park.units[0] });
    let first = book("/reservations", Some("once"), &theirs).await.expect(201);
    assert_eq!(first.header("location"), Some(format!("/api/v1/bookings/{}", first.text("/id")).as_str()));
    for (path, body) in [("/api/v1/reservations", &theirs), ("/bookings", &ours), ("/api/v1/bookings", &ours)] {
        assert_eq!(book(path, Some("once"), body).await.expect(201).data(""), first.data(""), "{path}");
    }
    assert_eq!(app.count("select count(*) from bookings").await, 1);
    // without a key each request is its own, and the bay is still had once
    book("/reservations", None, &theirs).await.refused(409, "booking_conflict");
    book("/bookings", None, &ours).await.refused(400, "idempotency_key_required");
    // one thing said in two ways is refused, and the field is named as it was sent
    let both = json!({ "date": date, "period": "day", "slot_id": park.units[0], "unit_id": park.units[0] });
    let refused = book("/reservations", None, &both).await.refused(400, "validation_error");
    assert_eq!(refused.details()["field"], "slot_id");
    let events = app.count("select count(*) from audit_events where entity_type = 'booking'").await;
    assert_eq!(events, 1);
    app.finish().await;
}

#[tokio::test]
async fn the_host_names_the_organization_of_a_client_that_cannot() {
    let app = TestApp::start().await;
    let other = app.other_organization("autocar").await;
    let body = |email: &str| json!({ "email": email, "password": "correct horse battery", "full_name": "Awa" });
    let register = async |host: &str, email: &str| {
        app.ask_at(Method::POST, "/auth/register").header("host", host).json(&body(email)).send().await
    };
    register("api.allocar.test", "a@b.test").await.refused(400, "org_required");
    register("nowhere.api.allocar.test", "a@b.test").await.refused(404, "not_found");
    register("autocar.api.allocar.test:443", "a@b.test").await.expect(201);
    assert_eq!(app.count("select count(*) from memberships").await, 1);
    // whoever belongs to several says which by the same address, and a foreign one is no house of theirs
    let awa = app.person_in(other, "Awa", &["member"]).await;
    let parkings =
        async |host: &str| app.ask_at(Method::GET, "/parkings").bearer(&awa.token).header("host", host).send().await;
    parkings("autocar.api.allocar.test").await.expect(200);
    parkings("api.allocar.test").await.expect(200);
    parkings("allocar.api.allocar.test").await.refused(404, "not_found");
    app.ask(Method::POST, "/auth/join").bearer(&awa.token).within(&app.slug).send().await.expect(200);
    parkings("allocar.api.allocar.test").await.expect(200);
    parkings("api.allocar.test").await.refused(400, "org_required");
    app.finish().await;
}

#[tokio::test]
async fn what_a_paper_says_in_an_address_is_said_in_a_body_with_us() {
    let app = TestApp::start().await;
    let (finance, awa) = (app.person("Mariam", &["finance"]).await, app.rider().await);
    let path = format!("/admin/users/{}/tickets", awa.id);
    let tickets = |body: Value| app.ask_at(Method::PUT, &path).by(&finance).key(uuid()).json(&body);
    let keyless = app.ask_at(Method::PUT, &path).by(&finance).json(&json!({ "delta": 5, "reason": "again" }));
    keyless.send().await.refused(400, "idempotency_key_required");
    tickets(json!({ "delta": 5 })).send().await.refused(400, "validation_error");
    let given = tickets(json!({ "delta": 5, "reason": "The machine swallowed them" })).send().await.expect(201);
    assert_eq!((given.text("/user_id"), given.text("/delta/currency")), (awa.id.to_string(), "TKT".into()), "K22");
    // who is named in the path may be named in the body as well, but nobody else
    let other = json!({ "delta": 5, "reason": "again", "user_id": finance.id });
    let refused = tickets(other).send().await.refused(400, "validation_error");
    assert_eq!(refused.details()["field"], "user_id");
    tickets(json!({ "delta": 5, "reason": "again", "user_id": awa.id })).send().await.expect(201);
    assert_eq!(app.get(&awa, "/wallet?currency=TKT").await.expect(200).int("/balance/amount"), 10);

    let export = |query: &str| app.ask_at(Method::GET, &format!("/admin/wallet/txns/export{query}")).by(&finance);
    export("").send().await.refused(400, "validation_error");
    export("?format=docx").send().await.refused(400, "validation_error");
    let asked = export("?format=csv").send().await.expect(202).text("/id");
    app.drain().await;
    let done = app.get(&finance, &format!("/operations/{asked}")).await.expect(200);
    assert_eq!((done.text("/kind"), done.text("/status")), ("report".into(), "succeeded".into()), "K7");
    app.ask_at(Method::GET, "/admin/wallet/txns/export?format=csv").by(&awa).send().await.refused(403, "forbidden");
    let looked = app.ask_at(Method::HEAD, "/admin/wallet/txns/export?format=csv").by(&finance).send().await;
    assert_eq!((looked.status, app.count("select count(*) from operations where kind = 'report'").await), (404, 1));
    app.finish().await;
}
