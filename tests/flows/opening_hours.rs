//! Nothing is booked while it is closed (F1–F3, B7, E9, SN12): a site's week, a resource's own, nights, seasons and days
//! that differ; what is lent is fetched and brought back in opening hours.

use harness::{Person, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

async fn put(app: &TestApp, by: &Person, path: &str, body: &Value) -> harness::Answer {
    app.ask(Method::PUT, &format!("{path}/opening-hours")).by(by).json(body).send().await
}

fn every_day(opens: &str, closes: &str) -> Vec<Value> {
    (1..=7).map(|weekday| json!({ "weekday": weekday, "opens": opens, "closes": closes })).collect()
}

#[tokio::test]
async fn a_resource_is_booked_within_its_own_hours_else_its_sites() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let site = app.post(&keeper, "/sites", &json!({ "name": "Plateau" })).await.expect(201).text("/id");
    let room = json!({ "kind": "room", "name": "Baobab", "site_id": site });
    let room = app.resource(&keeper, &room).await;
    let awa = app.rider().await;
    let day = app.at(2, "00:00").await.date_naive();
    let ask = |from: &str, to: &str| json!({ "resource_id": room, "start_at": format!("{day}T{from}"), "end_at": format!("{day}T{to}") });
    app.ask_booking(&awa, &ask("03:00", "04:00")).await.expect(201);
    let of_site = json!({ "weekly": every_day("08:00", "18:00"),
                          "days": [{ "day": day, "name": "Inventaire", "hours": [{ "opens": "08:00", "closes": "12:00" }] }] });
    let set = put(&app, &keeper, &format!("/sites/{site}"), &of_site).await.expect(200);
    assert_eq!((set.int("/weekly/6/weekday"), set.text("/days/0/name")), (7, "Inventaire".into()));
    let again = put(&app, &keeper, &format!("/sites/{site}"), &of_site).await.expect(200);
    assert_eq!(again.data(""), set.data(""));
    let refused = app.refused_for_nothing(&awa, &ask("11:00", "13:00"), 422, "policy_violation").await;
    let details = refused.details();
    assert_eq!((&details["rule"], &details["occasion"]), (&json!("opening_hours"), &json!("Inventaire")));
    assert_eq!(details["limit"], json!([{ "opens": "08:00", "closes": "12:00" }]));
    assert_eq!(details["value"], json!([format!("{day}T11:00:00"), format!("{day}T13:00:00")]));
    app.ask_booking(&awa, &ask("11:00", "12:00")).await.expect(201);
    // its own week wins over the site's, not over the day the site says differs
    let own = json!({ "weekly": every_day("20:00", "02:00") });
    put(&app, &keeper, &format!("/resources/{room}"), &own).await.expect(200);
    app.refused_for_nothing(&awa, &ask("21:00", "22:00"), 422, "policy_violation").await;
    put(&app, &keeper, &format!("/sites/{site}"), &json!({ "weekly": every_day("08:00", "18:00") })).await.expect(200);
    app.refused_for_nothing(&awa, &ask("09:00", "10:00"), 422, "policy_violation").await;
    let night = json!({ "resource_id": room, "start_at": format!("{day}T23:00"), "end_at": format!("{}T01:30", day.succ_opt().unwrap()) });
    app.ask_booking(&awa, &night).await.expect(201);
    let shown = app.get(&awa, &format!("/resources/{room}/opening-hours")).await.expect(200);
    assert_eq!((shown.text("/weekly/0/closes"), shown.text("/site/weekly/0/closes")), ("02:00".into(), "18:00".into()));
    // a booking that moves is judged again
    let id = app.ask_booking(&awa, &ask("21:00", "22:00")).await.expect(201).text("/id");
    let moved = json!({ "start_at": format!("{day}T09:00"), "end_at": format!("{day}T10:00") });
    app.change(&awa, &id, &moved).await.refused(422, "policy_violation");
    put(&app, &keeper, &format!("/resources/{room}"), &json!({})).await.expect(200);
    app.change(&awa, &id, &moved).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn what_is_lent_is_fetched_and_brought_back_in_opening_hours() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let camera = app.thing("equipment", "Sony FX6", &["C-1"], json!({ "max_minutes": 10_080 })).await;
    put(&app, &keeper, &format!("/resources/{}", camera.id), &json!({ "weekly": every_day("08:00", "18:00") }))
        .await
        .expect(200);
    let awa = app.rider().await;
    let ask = async |from: (u64, &str), to: (u64, &str)| {
        let (start_at, end_at) = (app.at(from.0, from.1).await, app.at(to.0, to.1).await);
        app.ask_booking(&awa, &json!({ "resource_id": camera.id, "start_at": start_at, "end_at": end_at })).await
    };
    ask((2, "17:00"), (3, "07:00")).await.refused(422, "policy_violation");
    ask((2, "19:00"), (3, "09:00")).await.refused(422, "policy_violation");
    ask((2, "17:00"), (3, "18:00")).await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn malformed_hours_are_refused_and_only_keepers_set_them() {
    let app = TestApp::start().await;
    let (keeper, awa) = (app.keeper().await, app.rider().await);
    let site = app.post(&keeper, "/sites", &json!({ "name": "Plateau" })).await.expect(201).text("/id");
    let path = format!("/sites/{site}");
    let weekly = |interval: Value| json!({ "weekly": [interval] });
    for (body, field) in [
        (weekly(json!({ "weekday": 0, "opens": "08:00", "closes": "12:00" })), "weekly.weekday"),
        (weekly(json!({ "weekday": 8, "opens": "08:00", "closes": "12:00" })), "weekly.weekday"),
        (weekly(json!({ "weekday": 1, "opens": "08:00", "closes": "08:00" })), "weekly"),
        (weekly(json!({ "weekday": 1, "opens": "24:00", "closes": "08:00" })), "weekly"),
        (weekly(json!({ "weekday": 1, "opens": "8", "closes": "12:00" })), "weekly"),
        (
            weekly(
                json!({ "weekday": 1, "opens": "08:00", "closes": "12:00", "valid_from": "2027-02-01", "valid_to": "2027-01-01" }),
            ),
            "weekly.valid_to",
        ),
        (json!({ "days": [{ "day": "2027-01-01", "hours": [] }, { "day": "2027-01-01", "hours": [] }] }), "days.day"),
        (json!({ "days": [{ "day": "9999-01-01", "hours": [] }] }), "days.day"),
        (json!({ "days": [{ "day": "2027-01-01", "name": "", "hours": [] }] }), "days.name"),
    ] {
        let refused = put(&app, &keeper, &path, &body).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{body}");
    }
    put(&app, &awa, &path, &json!({})).await.refused(403, "forbidden");
    put(&app, &keeper, &format!("/sites/{}", harness::uuid()), &json!({})).await.refused(404, "not_found");
    app.finish().await;
}
