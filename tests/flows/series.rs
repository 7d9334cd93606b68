//! Bookings that come again (SN10, ★10): every date is judged by itself, whoever asks chooses what becomes of those that
//! are taken, and what waited joins the series when it frees up.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use harness::{Answer, Person, TestApp, Thing, uuid};
use reqwest::Method;
use serde_json::{Value, json};

/// The first Monday at least so many days from today.
async fn monday(app: &TestApp, days: u64) -> NaiveDate {
    let day = app.now().await.date_naive() + Days::new(days);
    day + Days::new(u64::from((7 - day.weekday().num_days_from_monday()) % 7))
}

async fn ask(app: &TestApp, by: &Person, body: &Value) -> Answer {
    app.ask(Method::POST, "/booking-series").by(by).key(uuid()).json(body).send().await
}

fn mondays(thing: &Thing, first: NaiveDate, weeks: u64, on_conflict: &str) -> Value {
    json!({ "resource_id": thing.id, "weekdays": ["monday"], "first_date": first, "until": first + Days::new(7 * (weeks - 1)),
            "start_time": "09:00", "end_time": "10:00", "on_conflict": on_conflict, "purpose": "Revue" })
}

async fn room(app: &TestApp, zone: Option<&str>) -> Thing {
    app.thing_at(zone, "room", "Baobab", &["1"], json!({ "allow_own_overlap": false })).await
}

/// Somebody has the room on this day.
async fn taken(app: &TestApp, by: &Person, thing: &Thing, day: NaiveDate) -> String {
    let body = json!({ "resource_id": thing.id, "start_at": format!("{day}T09:30"), "end_at": format!("{day}T11:00") });
    app.ask_booking(by, &body).await.expect(201).text("/id")
}

fn states(series: &Answer) -> Vec<String> {
    let dates = series.data("/occurrences");
    dates.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn nine_oclock_stays_nine_oclock_when_the_clocks_change() {
    let app = TestApp::start().await;
    let (awa, room) = (app.rider().await, room(&app, Some("Europe/Paris")).await);
    // from now over the next change of clocks, whenever the test runs
    let first = monday(&app, 1).await;
    let body = mondays(&room, first, 30, "fail");
    let made = ask(&app, &awa, &body).await.expect(201);
    assert_eq!(states(&made), vec!["booked"; 30]);
    let starts = made.data("/occurrences");
    let mut hours: Vec<String> = Vec::new();
    for one in starts.as_array().unwrap() {
        let booking = app.get(&awa, &format!("/bookings/{}", one["booking_id"].as_str().unwrap())).await.expect(200);
        assert!(booking.text("/local/start_at").ends_with("T09:00:00"), "{booking:?}");
        let start: DateTime<Utc> = one["start_at"].as_str().unwrap().parse().unwrap();
        hours.push(start.format("%H").to_string());
    }
    hours.sort();
    hours.dedup();
    assert_eq!(hours, ["07", "08"], "both sides of a change of clocks");
    let booking = made.text("/occurrences/0/booking_id");
    let of_it = app.get(&awa, &format!("/booking-series?booking_id={booking}")).await.expect(200);
    assert_eq!(of_it.text("/0/id"), made.text("/id"));
    app.finish().await;
}

#[tokio::test]
async fn all_or_nothing_tells_every_date_and_books_none() {
    let app = TestApp::start().await;
    let (awa, koffi, room) = (app.rider().await, app.rider().await, room(&app, None).await);
    let first = monday(&app, 2).await;
    taken(&app, &koffi, &room, first + Days::new(7)).await;
    let before = app.picture().await;
    let refused = ask(&app, &awa, &mondays(&room, first, 3, "fail")).await.refused(409, "series_conflict");
    assert_eq!(refused.details()["possible"], 2);
    assert_eq!(refused.details()["refused"][0]["date"], json!(first + Days::new(7)));
    assert_eq!(refused.details()["refused"][0]["code"], "booking_conflict");
    assert_eq!(app.picture().await, before, "nothing of it stays");
    // the others, where that is wanted
    let some = ask(&app, &awa, &mondays(&room, first, 3, "skip")).await.expect(201);
    assert_eq!(states(&some), ["booked", "refused", "booked"]);
    assert_eq!(some.text("/occurrences/1/refusal"), "booking_conflict");
    // and of nothing at all there is no series
    ask(&app, &awa, &mondays(&room, first, 3, "skip")).await.refused(409, "series_conflict");
    let stranger = app.get(&koffi, &format!("/booking-series/{}", some.text("/id"))).await;
    stranger.refused(404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn what_waited_joins_the_series_once_when_it_frees_up() {
    let app = TestApp::start().await;
    let (awa, koffi, room) = (app.rider().await, app.rider().await, room(&app, None).await);
    let first = monday(&app, 2).await;
    let in_the_way = taken(&app, &koffi, &room, first + Days::new(7)).await;
    let made = ask(&app, &awa, &mondays(&room, first, 3, "queue")).await.expect(201);
    assert_eq!(states(&made), ["booked", "waiting", "booked"]);
    let path = format!("/booking-series/{}", made.text("/id"));
    app.step(&koffi, &in_the_way, "cancel").await.expect(200);
    app.drain().await;
    let healed = app.get(&awa, &path).await.expect(200);
    assert_eq!(states(&healed), ["booked", "booked", "booked"]);
    assert_eq!(healed.text("/occurrences/1/status"), "confirmed");
    assert_eq!(healed.text("/occurrences/1/booking_id"), made.text("/occurrences/1/booking_id"), "the same booking");
    let told = app.deliveries(&awa, "offer_made").await;
    assert!(told.is_empty(), "nobody is asked what they said already: {told:?}");
    assert_eq!(app.count("select count(*) from bookings where series_id is not null").await, 3);
    app.drain().await;
    assert_eq!(states(&app.get(&awa, &path).await.expect(200)), ["booked", "booked", "booked"]);
    app.finish().await;
}

#[tokio::test]
async fn a_date_its_person_may_not_have_any_more_is_left_to_them() {
    let app = TestApp::start().await;
    let (awa, koffi, baobab) = (app.rider().await, app.rider().await, room(&app, None).await);
    let other = app.thing("room", "Fromager", &["1"], json!({ "allow_own_overlap": false })).await;
    let day = monday(&app, 2).await;
    let in_the_way = taken(&app, &koffi, &baobab, day).await;
    let made = ask(&app, &awa, &mondays(&baobab, day, 2, "queue")).await.expect(201);
    taken(&app, &awa, &other, day).await; // meanwhile she is elsewhere at that time
    app.step(&koffi, &in_the_way, "cancel").await.expect(200);
    app.drain().await;
    let series = app.get(&awa, &format!("/booking-series/{}", made.text("/id"))).await.expect(200);
    assert_eq!(states(&series), ["waiting", "booked"]);
    assert_eq!(app.count("select count(*) from offers where status = 'open'").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn one_date_some_or_all_are_changed() {
    let app = TestApp::start().await;
    let (awa, koffi, room) = (app.rider().await, app.rider().await, room(&app, None).await);
    let first = monday(&app, 2).await;
    let made = ask(&app, &awa, &mondays(&room, first, 4, "fail")).await.expect(201);
    let path = format!("/booking-series/{}", made.text("/id"));
    // one: as the booking it is
    let one = made.text("/occurrences/0/booking_id");
    let moved = json!({ "start_at": format!("{first}T12:00"), "end_at": format!("{first}T13:00") });
    app.change(&awa, &one, &moved).await.expect(200);
    // following: a series of its own
    let third = first + Days::new(14);
    let patch = json!({ "from": third, "start_time": "14:00", "end_time": "15:00", "purpose": "Revue longue" });
    app.ask(Method::PATCH, &path).by(&koffi).json(&patch).send().await.refused(404, "not_found");
    let later = app.ask(Method::PATCH, &path).by(&awa).json(&patch).send().await.expect(200);
    assert_ne!(later.text("/id"), made.text("/id"));
    assert_eq!((later.text("/start_time"), later.text("/first_date")), ("14:00:00".into(), third.to_string()));
    assert_eq!(states(&later), ["booked", "booked"]);
    assert!(later.text("/occurrences/0/start_at").starts_with(&format!("{third}T14:00")));
    let rest = app.get(&awa, &path).await.expect(200);
    assert_eq!(states(&rest), ["booked", "booked"]);
    assert!(rest.text("/occurrences/0/start_at").starts_with(&format!("{first}T12:00")), "moved by hand");
    // all, where one is in the way: none moves, or the others do
    let second = first + Days::new(7);
    let body =
        json!({ "resource_id": room.id, "start_at": format!("{second}T16:00"), "end_at": format!("{second}T17:00") });
    app.ask_booking(&koffi, &body).await.expect(201);
    let four = json!({ "start_time": "16:00", "end_time": "17:00" });
    let before = app.picture().await;
    app.ask(Method::PATCH, &path).by(&awa).json(&four).send().await.refused(409, "series_conflict");
    assert_eq!(app.picture().await, before);
    let some = json!({ "start_time": "16:00", "end_time": "17:00", "on_conflict": "skip" });
    let some = app.ask(Method::PATCH, &path).by(&awa).json(&some).send().await.expect(200);
    assert!(some.text("/occurrences/0/start_at").starts_with(&format!("{first}T16:00")));
    assert!(some.text("/occurrences/1/start_at").starts_with(&format!("{second}T09:00")), "it kept what it had");
    assert_eq!(some.text("/occurrences/1/refusal"), "booking_conflict");
    app.finish().await;
}

#[tokio::test]
async fn some_or_all_are_given_up_and_what_may_not_be_stays() {
    let app = TestApp::start().await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let rules = json!({ "cancellation": [{ "before_minutes": 4_320, "allowed": false }] });
    let room = app.thing("room", "Baobab", &["1"], rules).await;
    let first = monday(&app, 4).await;
    let made = ask(&app, &awa, &mondays(&room, first, 4, "queue")).await.expect(201);
    let path = format!("/booking-series/{}", made.text("/id"));
    let last = json!({ "from": first + Days::new(21) });
    app.post(&koffi, &format!("{path}/cancel"), &last).await.refused(404, "not_found");
    let fewer = app.post(&awa, &format!("{path}/cancel"), &last).await.expect(200);
    assert_eq!(states(&fewer), ["booked", "booked", "booked", "ended"]);
    assert_eq!(fewer.text("/until"), (first + Days::new(20)).to_string());
    app.go_to(first.and_hms_opt(7, 0, 0).unwrap().and_utc()).await;
    app.drain().await;
    let ended = app.post(&awa, &format!("{path}/cancel"), &json!({})).await.expect(200);
    assert_eq!(states(&ended), ["booked", "ended", "ended", "ended"]);
    assert_eq!(ended.text("/occurrences/0/refusal"), "policy_violation");
    assert!(ended.data("/cancelled_at").is_string());
    app.post(&awa, &format!("{path}/cancel"), &json!({})).await.refused(409, "state_conflict");
    app.finish().await;
}

#[tokio::test]
async fn nonsense_is_refused_before_anything_is_booked() {
    let app = TestApp::start().await;
    let (awa, room) = (app.rider().await, room(&app, None).await);
    let first = monday(&app, 2).await;
    let before = app.picture().await;
    for (field, value) in [
        ("weekdays", json!([])),
        ("weekdays", json!(["lundi"])),
        ("until", json!(first - Days::new(1))),
        ("until", json!("2199-12-31")),
        ("every_weeks", json!(0)),
        ("start_time", json!("25:00")),
        ("on_conflict", json!("perhaps")),
        ("quantity", json!(0)),
        ("participants", json!(0)),
        ("purpose", json!("x".repeat(1_001))),
    ] {
        let mut body = mondays(&room, first, 2, "skip");
        body[field] = value;
        ask(&app, &awa, &body).await.refused(400, "validation_error");
    }
    let mut unknown = mondays(&room, first, 2, "skip");
    unknown["resource_id"] = json!(uuid());
    ask(&app, &awa, &unknown).await.refused(404, "not_found");
    let body = mondays(&room, first, 2, "skip");
    app.post(&awa, "/booking-series", &body).await.refused(400, "idempotency_key_required");
    let mut theirs = body.clone();
    theirs["beneficiary_user_id"] = json!(app.rider().await.id);
    ask(&app, &awa, &theirs).await.refused(403, "forbidden");
    let after = app.picture().await;
    let changed: Vec<_> =
        before.iter().filter(|(table, rows)| after[*table] != **rows).map(|(table, _)| table.as_str()).collect();
    let of_the_person =
        ["devices", "identities", "membership_roles", "memberships", "sessions", "users", "audit_events"];
    assert!(changed.iter().all(|table| of_the_person.contains(&table.trim_start_matches("public."))), "{changed:?}");
    app.finish().await;
}
