//! Calendars of others (Z7): subscribing by a secret that can be taken back, read by a parser that is not ours, and
//! handing over events that are booked once.

use chrono::{Datelike, Days, NaiveDate};
use harness::{Answer, Person, TestApp};
use icalendar::{Calendar, CalendarDateTime, Component, DatePerhapsTime};
use reqwest::Method;
use serde_json::json;

fn parsed(answer: &Answer) -> Calendar {
    assert!(answer.header("content-type").unwrap().starts_with("text/calendar"));
    let text = answer.body.as_str().unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "a line is too long");
    text.parse().unwrap()
}

/// The next last Sunday of a March, when the clocks of Paris are put forward, that has not come yet.
fn clocks_forward(today: NaiveDate) -> NaiveDate {
    let last = |year: i32| {
        let end = NaiveDate::from_ymd_opt(year, 3, 31).unwrap();
        end - Days::new(u64::from(end.weekday().num_days_from_sunday()))
    };
    let this = last(today.year());
    if this > today { this } else { last(today.year() + 1) }
}

/// The address of a new feed, without our host.
async fn feed(app: &TestApp, by: &Person, body: serde_json::Value) -> (String, String) {
    let made = app.post(by, "/me/calendar-feeds", &body).await.expect(201);
    let url = made.text("/url");
    let path = url.strip_prefix("https://api.allocar.test").unwrap().to_owned();
    (made.text("/id"), path)
}

#[tokio::test]
async fn an_event_keeps_its_identity_and_counts_its_changes() {
    let app = TestApp::start().await;
    let awa = app.rider().await;
    let room = app.thing_at(Some("Europe/Paris"), "room", "Salle Baobab", &["1"], json!({})).await;
    let sunday = clocks_forward(app.now().await.date_naive());
    let monday = sunday + Days::new(1);
    let body = json!({ "resource_id": room.id, "start_at": format!("{monday}T09:00"), "end_at": format!("{monday}T10:30"),
                       "purpose": "Revue; point, bref" });
    let booking = app.ask_booking(&awa, &body).await.expect(201).text("/id");
    let (id, path) = feed(&app, &awa, json!({})).await;
    let show = async || app.ask_at(Method::GET, &path).send().await;
    let calendar = parsed(&show().await.expect(200));
    let event = calendar.events().next().unwrap();
    let uid = format!("{booking}@api.allocar.test");
    assert_eq!((event.get_uid(), event.get_sequence()), (Some(uid.as_str()), Some(0)));
    assert_eq!(event.get_summary(), Some("Salle Baobab – Revue; point, bref"));
    assert_eq!(event.property_value("STATUS"), Some("CONFIRMED"));
    // the first Monday of summer time: nine o'clock on the clocks of Paris, which the calendar itself explains
    let start = DatePerhapsTime::DateTime(CalendarDateTime::WithTimezone {
        date_time: monday.and_hms_opt(9, 0, 0).unwrap(),
        tzid: "Europe/Paris".into(),
    });
    assert_eq!(event.get_start(), Some(start));
    let change = format!("DTSTART:{}T020000", sunday.format("%Y%m%d"));
    let text = show().await.body.as_str().unwrap().to_owned();
    for line in ["BEGIN:VTIMEZONE", "TZID:Europe/Paris", change.as_str(), "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"] {
        assert!(text.contains(&format!("{line}\r\n")), "{line} in {text}");
    }
    app.change(&awa, &booking, &json!({ "start_at": format!("{monday}T11:00"), "end_at": format!("{monday}T12:00") }))
        .await
        .expect(200);
    let moved = parsed(&show().await.expect(200));
    let moved = moved.events().next().unwrap();
    assert_eq!((moved.get_uid(), moved.get_sequence()), (Some(uid.as_str()), Some(1)));
    app.step(&awa, &booking, "cancel").await.expect(200);
    let gone = parsed(&show().await.expect(200));
    assert_eq!(gone.events().next().unwrap().property_value("STATUS"), Some("CANCELLED"));
    // the secret is nowhere but in the address, and can be taken back
    let listed = app.get(&awa, "/me/calendar-feeds").await.expect(200);
    assert_eq!((listed.text("/0/id"), listed.data("/0/url")), (id.clone(), json!(null)));
    app.delete(&app.rider().await, &format!("/me/calendar-feeds/{id}")).await.refused(404, "not_found");
    app.delete(&awa, &format!("/me/calendar-feeds/{id}")).await.expect(200);
    show().await.refused(401, "token_invalid");
    app.ask_at(Method::GET, "/api/v1/calendars/x.ics").send().await.refused(401, "token_invalid");
    app.finish().await;
}

#[tokio::test]
async fn a_resource_shows_when_it_is_taken_and_not_by_whom() {
    let app = TestApp::start().await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let room = app.thing("room", "Salle Baobab", &["1"], json!({})).await;
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "10:00").await);
    let body = json!({ "resource_id": room.id, "start_at": start_at, "end_at": end_at, "purpose": "Entretien annuel" });
    app.ask_booking(&awa, &body).await.expect(201);
    let (_, path) = feed(&app, &koffi, json!({ "resource_id": room.id })).await;
    let answer = app.ask_at(Method::GET, &path).send().await.expect(200);
    let calendar = parsed(&answer);
    assert_eq!(calendar.events().next().unwrap().get_summary(), Some("Salle Baobab"));
    assert!(!answer.body.as_str().unwrap().contains("Entretien"));
    let own = app.get(&koffi, &format!("/resources/{}/calendar.ics", room.id)).await.expect(200);
    assert_eq!(parsed(&own).events().count(), 1);
    assert_eq!(parsed(&app.get(&koffi, "/me/calendar.ics").await.expect(200)).events().count(), 0);
    // who does not belong here any more sees nothing by an old address
    let admin = app.keeper().await;
    app.delete(&admin, &format!("/users/{}", koffi.id)).await.expect(200);
    app.ask_at(Method::GET, &path).send().await.refused(401, "token_invalid");
    app.finish().await;
}

fn calendar(events: &[(&str, i32, &str, &str, &str)]) -> String {
    let events: String = events
        .iter()
        .map(|(uid, sequence, start, end, more)| {
            format!("BEGIN:VEVENT\r\nUID:{uid}\r\nSEQUENCE:{sequence}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART{start}\r\nDTEND{end}\r\nSUMMARY:Cours {uid}\r\n{more}END:VEVENT\r\n")
        })
        .collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{events}END:VCALENDAR\r\n")
}

#[tokio::test]
async fn what_is_handed_over_is_booked_once_moved_and_called_off() {
    let app = TestApp::start().await;
    let awa = app.rider().await;
    let room = app.thing_at(Some("Europe/Paris"), "room", "Salle Baobab", &["1"], json!({})).await;
    let day = app.at(3, "00:00").await.format("%Y%m%d").to_string();
    let hand = async |text: String| {
        let ask = app.ask(Method::POST, &format!("/resources/{}/calendar-import", room.id)).by(&awa);
        ask.body("text/calendar; charset=utf-8", text).send().await
    };
    let outcomes = |answer: &Answer| -> Vec<String> {
        answer.data("").as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap().to_owned()).collect()
    };
    let local = |hour: u32| format!(";TZID=Europe/Paris:{day}T{hour:02}0000");
    let (nine, ten, eleven, noon) = (local(9), local(10), local(11), local(12));
    let first = hand(calendar(&[
        ("a", 0, &nine, &ten, ""),
        ("b", 0, &nine, &ten, ""),
        ("c", 0, &eleven, &noon, "RRULE:FREQ=DAILY\r\n"),
    ]))
    .await
    .expect(200);
    assert_eq!(outcomes(&first), ["booked", "refused", "refused"]);
    assert_eq!(first.text("/1/refusal"), "booking_conflict");
    let booking = first.text("/0/booking_id");
    let made = app.get(&awa, &format!("/bookings/{booking}")).await.expect(200);
    assert_eq!(made.text("/purpose"), "Cours a");
    assert!(made.text("/local/start_at").ends_with("09:00:00"));
    let again = hand(calendar(&[("a", 0, &nine, &ten, "")])).await.expect(200);
    assert_eq!(outcomes(&again), ["unchanged"]);
    let moved = hand(calendar(&[("a", 1, &eleven, &noon, ""), ("b", 1, &nine, &ten, "")])).await.expect(200);
    assert_eq!(outcomes(&moved), ["moved", "booked"]);
    assert_eq!(moved.text("/0/booking_id"), booking);
    let gone = hand(calendar(&[("a", 2, &eleven, &noon, "STATUS:CANCELLED\r\n")])).await.expect(200);
    assert_eq!(outcomes(&gone), ["cancelled"]);
    assert_eq!(app.get(&awa, &format!("/bookings/{booking}")).await.expect(200).text("/status"), "cancelled");
    for wrong in ["", "hello", "BEGIN:VCALENDAR\r\nEND:VEVENT"] {
        hand(wrong.to_owned()).await.refused(400, "validation_error");
    }
    let as_json = app.post(&awa, &format!("/resources/{}/calendar-import", room.id), &json!({})).await;
    as_json.refused(415, "unsupported_media_type");
    app.finish().await;
}
