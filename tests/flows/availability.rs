//! What is free, and why the rest is not (F4–F6, SN11, SN43, ★9, E14).

use harness::{TestApp, Thing};
use serde_json::{Value, json};

fn names(listed: &Value) -> Vec<String> {
    let name = |found: &Value| found["name"].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn what_is_free_for_eight_people_with_a_projector_and_why_the_rest_is_not() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let site = app.post(&keeper, "/sites", &json!({ "name": "Plateau" })).await.expect(201).text("/id");
    let room = async |name: &str, capacity: i32, more: Value| {
        let mut body =
            json!({ "kind": "room", "name": name, "capacity": capacity, "site_id": site, "features": ["projector"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.resource(&keeper, &body).await
    };
    let taken = room("Acacia", 10, json!({})).await;
    let free = room("Baobab", 8, json!({})).await;
    room("Cola", 4, json!({})).await;
    room("Dattier", 20, json!({ "status": "maintenance" })).await;
    room("Ébène", 20, json!({ "features": [] })).await;
    let closed = room("Fromager", 20, json!({})).await;
    let night = room("Gommier", 20, json!({})).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let (start_at, end_at) = (app.at(2, "14:00").await, app.at(2, "16:00").await);
    let book = |room: &str| json!({ "resource_id": room, "start_at": start_at, "end_at": end_at });
    app.ask_booking(&koffi, &book(&taken)).await.expect(201);
    let closure = json!({ "kind": "event", "reason": "Gala", "start_at": start_at, "end_at": end_at });
    app.post(&keeper, &format!("/resources/{closed}/closures"), &closure).await.expect(201);
    let week: Vec<Value> = (1..=7).map(|day| json!({ "weekday": day, "opens": "20:00", "closes": "23:00" })).collect();
    let hours = format!("/resources/{night}/opening-hours");
    app.ask(reqwest::Method::PUT, &hours).by(&keeper).json(&json!({ "weekly": week })).send().await.expect(200);

    let day = start_at.date_naive();
    let path =
        format!("/availability?from={day}T14:00&to={day}T16:00&people=8&features=Projector&kind=room&site={site}");
    let found = app.get(&awa, &path).await.expect(200);
    assert_eq!(names(&found.data("")), ["Baobab"]);
    assert_eq!((found.text("/0/resource_id"), found.int("/0/free_units")), (free.clone(), 1));
    let all = app.get(&awa, &format!("{path}&explain=true")).await.expect(200);
    let why: Vec<(String, Value, Value)> = all
        .data("")
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap().into(),
                one["refusal"]["code"].clone(),
                one["refusal"]["details"]["rule"].clone(),
            )
        })
        .collect();
    let expected = [
        ("Acacia", json!("booking_conflict"), json!(null)),
        ("Baobab", json!(null), json!(null)),
        ("Cola", json!("policy_violation"), json!("capacity")),
        ("Dattier", json!("state_conflict"), json!(null)),
        ("Fromager", json!("booking_conflict"), json!(null)),
        ("Gommier", json!("policy_violation"), json!("opening_hours")),
    ];
    assert_eq!(why, expected.map(|(name, code, rule)| (name.to_owned(), code, rule)));
    assert_eq!((all.text("/0/held_by/source"), all.text("/4/held_by/reason")), ("booking".into(), "Gala".into()));
    assert!(!all.body.to_string().contains(&koffi.id.to_string()), "whose it is is nobody's business");
    let two = app.get(&awa, &format!("{path}&explain=true&page_size=2&page=2")).await.expect(200);
    assert_eq!(names(&two.data("")), ["Cola", "Dattier"]);
    for (query, field) in [
        ("from=2027-01-01T10:00", "end_at"),
        ("people=8", "start_at"),
        ("from=a&to=b", "start_at"),
        ("from=2027-01-01T10:00&to=2027-01-01T11:00&people=0", "people"),
        ("from=2027-01-01T10:00&to=2027-01-01T11:00&quantity=61", "quantity"),
        ("from=2027-01-01T10:00&to=2027-01-01T11:00&colour=red", "colour"),
    ] {
        let refused = app.get(&awa, &format!("/availability?{query}")).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{query}");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_for_some_people_only_is_not_found_and_not_booked_by_others() {
    let app = TestApp::start().await;
    let rules = json!({ "reserved_features": { "accessible": ["driver"] } });
    let park = app.thing("parking", "Plateau", &["B-1", "B-2"], rules).await;
    let lab = app.thing("room", "Labo", &["Labo"], json!({ "eligible_roles": ["compliance"] })).await;
    sqlx::query("update units set features = '{accessible}' where label = 'B-1'").execute(&app.owner).await.unwrap();
    let (awa, ali) = (app.rider().await, app.person("Ali", &["driver", "compliance"]).await);
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "11:00").await);
    let ask = |mut what: Value| {
        what["start_at"] = json!(start_at);
        what["end_at"] = json!(end_at);
        what
    };
    let named = ask(json!({ "unit_id": park.units[0] }));
    let refused = app.refused_for_nothing(&awa, &named, 422, "policy_violation").await;
    assert_eq!(
        (&refused.details()["rule"], &refused.details()["limit"]),
        (&json!("reserved_features"), &json!(["driver"]))
    );
    let refused = app.refused_for_nothing(&awa, &ask(json!({ "resource_id": lab.id })), 422, "policy_violation").await;
    assert_eq!(refused.details()["rule"], "eligible_roles");
    let day = start_at.date_naive();
    let path = format!("/availability?from={day}T09:00&to={day}T11:00");
    let found = app.get(&awa, &path).await.expect(200);
    assert_eq!((names(&found.data("")), found.int("/0/free_units")), (vec!["Plateau".to_owned()], 1));
    let any = ask(json!({ "resource_id": park.id }));
    assert_eq!(app.ask_booking(&awa, &any).await.expect(201).text("/items/0/unit_label"), "B-2");
    app.refused_for_nothing(&awa, &any, 409, "booking_conflict").await;
    let found = app.get(&ali, &path).await.expect(200);
    assert_eq!(names(&found.data("")), ["Labo", "Plateau"]);
    app.ask_booking(&ali, &named).await.expect(201);
    app.ask_booking(&ali, &ask(json!({ "resource_id": lab.id }))).await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn a_resource_shows_its_figures_its_next_bookings_and_its_days() {
    let app = TestApp::start().await;
    let room: Thing = app.thing("room", "Baobab", &["Baobab"], json!({})).await;
    let (keeper, awa, koffi) = (app.keeper().await, app.rider().await, app.rider().await);
    let week: Vec<Value> = (1..=7).map(|day| json!({ "weekday": day, "opens": "09:00", "closes": "19:00" })).collect();
    let off = app.at(4, "00:00").await.date_naive();
    let hours = json!({ "weekly": week, "days": [{ "day": off, "name": "Tabaski", "hours": [] }] });
    let path = format!("/resources/{}/opening-hours", room.id);
    app.ask(reqwest::Method::PUT, &path).by(&keeper).json(&hours).send().await.expect(200);
    app.reserve(&awa, &room, "09:00", "11:00").await;
    app.reserve(&koffi, &room, "11:00", "12:00").await;
    let given_up = app.reserve(&koffi, &room, "14:00", "15:00").await;
    app.step(&koffi, &given_up, "cancel").await.expect(200);
    for day in [3, 5] {
        let (start_at, end_at) = (app.at(day, "00:00").await, app.at(day, "20:00").await);
        let body = json!({ "kind": "maintenance", "start_at": start_at, "end_at": end_at });
        app.post(&keeper, &format!("/resources/{}/closures", room.id), &body).await.expect(201);
    }
    let shown = app.get(&awa, &format!("/resources/{}?include=stats,upcoming,availability", room.id)).await.expect(200);
    let stats = shown.data("/stats");
    assert_eq!(
        stats,
        json!({ "total_bookings": 3, "active_bookings": 0, "upcoming_bookings": 2, "occupancy_7_days": 5.0,
                              "booked_hours_30_days": 3.0, "mean_minutes": 90.0 })
    );
    assert_eq!(app.get(&awa, &format!("/resources/{}/stats", room.id)).await.expect(200).data(""), stats);
    let next = shown.data("/upcoming");
    assert_eq!((next.as_array().unwrap().len(), &next[0]["mine"], &next[1]["mine"]), (2, &json!(true), &json!(false)));
    assert_eq!(next[1]["booking_id"], json!(null));
    let days = shown.data("/availability");
    let of =
        |day: usize| (days[day]["available"].clone(), days[day]["reason"].clone(), days[day]["free_slots"].clone());
    assert_eq!(days.as_array().unwrap().len(), 7);
    assert_eq!(of(1), (json!(true), json!(null), json!(10)));
    assert_eq!(of(2), (json!(true), json!(null), json!(7)));
    assert_eq!(of(3), (json!(false), json!("closure"), json!(0)));
    assert_eq!((of(4), &days[4]["note"]), ((json!(false), json!("closed"), json!(0)), &json!("Tabaski")));
    let free = app.at(2, "12:00").await;
    assert_eq!(days[2]["free"][0]["start_at"], json!(free));
    let month = app.get(&awa, &format!("/resources/{}/availability?days=31&from={off}", room.id)).await.expect(200);
    assert_eq!((month.data("").as_array().unwrap().len(), month.text("/0/note")), (31, "Tabaski".into()));
    app.get(&awa, &format!("/resources/{}?include=secrets", room.id)).await.refused(400, "validation_error");
    app.get(&awa, &format!("/resources/{}/availability?days=0", room.id)).await.refused(400, "validation_error");
    app.finish().await;
}
