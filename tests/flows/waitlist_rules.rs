//! Waiting is booking later: the same rules, the same price, the same timers (SN28, SN31, G1), and the line goes first
//! whatever frees a unit (H8).

use chrono::TimeDelta;
use harness::{Person, TestApp, Thing};
use serde_json::{Value, json};

/// Somebody has the only unit from nine to ten; answers their booking.
async fn taken(app: &TestApp, thing: &Thing) -> (Person, String) {
    let who = app.rider().await;
    let booking = app.reserve(&who, thing, "09:00", "10:00").await;
    (who, booking)
}

async fn wish(app: &TestApp, thing: &Thing, from: &str, to: &str) -> Value {
    json!({ "resource_id": thing.id, "start_at": app.at(2, from).await, "end_at": app.at(2, to).await })
}

async fn cancel(app: &TestApp, (who, booking): &(Person, String)) {
    app.step(who, booking, "cancel").await.expect(200);
}

#[tokio::test]
async fn what_a_person_may_not_book_they_may_not_wait_for_nor_accept() {
    let app = TestApp::start().await;
    let rules = json!({ "max_active_bookings": 1, "allow_own_overlap": false });
    let (park, other) = (
        app.thing("parking", "Plateau", &["B-1"], rules.clone()).await,
        app.thing("parking", "Marcory", &["M-1", "M-2"], rules).await,
    );
    let holder = taken(&app, &park).await;
    let awa = app.rider().await;
    let wish = wish(&app, &park, "09:00", "10:00").await;
    let has = app.reserve(&awa, &other, "09:30", "10:30").await;
    let refused = app.try_wait(&awa, &wish).await.refused(422, "policy_violation");
    assert_eq!(refused.details()["rule"], "max_active_bookings");
    app.step(&awa, &has, "cancel").await.expect(200);

    let entry = app.try_wait(&awa, &wish).await.expect(201).text("/id");
    let has = app.reserve(&awa, &other, "09:30", "10:30").await; // since then
    cancel(&app, &holder).await;
    app.drain().await;
    let refused = app.answer(&awa, &entry, "accept", &json!({})).await.refused(422, "policy_violation");
    assert_eq!(refused.details()["rule"], "max_active_bookings");
    assert_eq!(app.entry(&awa, &entry).await["status"], "offered", "it can be made room for");
    app.step(&awa, &has, "cancel").await.expect(200);
    app.answer(&awa, &entry, "accept", &json!({})).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn nobody_waits_to_be_in_two_places() {
    let app = TestApp::start().await;
    let rules = json!({ "allow_own_overlap": false, "blocked_from_penalty_points": 3 });
    let park = app.thing("parking", "Plateau", &["B-1"], rules.clone()).await;
    let other = app.thing("parking", "Marcory", &["M-1"], rules).await;
    let holder = taken(&app, &park).await;
    let awa = app.rider().await;
    let has = app.reserve(&awa, &other, "09:30", "10:30").await;
    let wish = wish(&app, &park, "09:00", "10:00").await;
    let refused = app.try_wait(&awa, &wish).await.refused(422, "policy_violation");
    assert_eq!(refused.details()["rule"], "allow_own_overlap");
    app.step(&awa, &has, "cancel").await.expect(200);
    let entry = app.try_wait(&awa, &wish).await.expect(201).text("/id");
    app.reserve(&awa, &other, "09:30", "10:30").await;
    cancel(&app, &holder).await;
    app.drain().await;
    let refused = app.answer(&awa, &entry, "accept", &json!({})).await.refused(422, "policy_violation");
    assert_eq!(refused.details()["rule"], "allow_own_overlap");
    let blocked = app.rider().await;
    sqlx::query("update memberships set penalty_points = 3 where user_id = $1")
        .bind(blocked.id.0)
        .execute(&app.owner)
        .await
        .unwrap();
    let refused = app.try_wait(&blocked, &wish).await.refused(422, "policy_violation");
    assert_eq!(refused.details()["rule"], "blocked_from_penalty_points");
    app.finish().await;
}

#[tokio::test]
async fn half_days_and_local_times_are_waited_for_and_cost_what_they_cost() {
    let app = TestApp::start().await;
    let zone = Some("Europe/Paris");
    let room = app.thing_at(zone, "room", "Salle des fêtes", &["1"], json!({})).await;
    app.price(&room, "hour", 1_000).await;
    let (holder, awa) = (app.rider().await, app.rider().await);
    let date = app.at(40, "00:00").await.date_naive();
    let morning = json!({ "resource_id": room.id, "date": date, "period": "morning", "purpose": "Choir" });
    let held = app.ask_booking(&holder, &morning).await.expect(201).text("/id");
    let refused = app.ask_booking(&awa, &morning).await.refused(409, "booking_conflict");
    assert_eq!(refused.details()["waitlist"], "POST /waitlist");
    let entry = app.try_wait(&awa, &morning).await.expect(201); // one tap: the same body
    let (booking, entry) = (entry.text("/booking_id"), entry.text("/id"));
    let shown = app.get(&awa, &format!("/bookings/{booking}")).await.expect(200).data("");
    assert_eq!((&shown["period"], &shown["timezone"]), (&json!("morning"), &json!("Europe/Paris")));
    assert_eq!(shown["local"]["start_at"], format!("{date}T08:00:00"));
    assert_eq!((&shown["price"]["amount"], &shown["status"]), (&json!(4_000), &json!("waitlisted")));
    let lines: Value = sqlx::query_scalar("select price_lines from bookings where id = $1::uuid")
        .bind(&booking)
        .fetch_one(&app.owner)
        .await
        .unwrap();
    assert_eq!((&lines[0]["label"], &lines[0]["resource_id"]), (&json!("room"), &json!(room.id)));
    app.step(&holder, &held, "cancel").await.expect(200);
    app.drain().await;
    app.answer(&awa, &entry, "accept", &json!({})).await.expect(200);
    let shown = app.get(&awa, &format!("/bookings/{booking}")).await.expect(200).data("");
    assert_eq!((&shown["status"], &shown["payment_status"]), (&json!("approved"), &json!("due")));
    assert_eq!(shown["seat_labels"], json!(["1"]));
    for (with, body) in [
        ("a time that is not", json!({ "resource_id": room.id, "start_at": "soon", "end_at": "later" })),
        ("half a time", json!({ "resource_id": room.id, "start_at": "2027-01-04T09:00" })),
        ("two ways", json!({ "resource_id": room.id, "date": date, "start_at": "2027-01-04T09:00" })),
        ("no time", json!({ "resource_id": room.id })),
    ] {
        let refused = app.try_wait(&awa, &body).await.refused(400, "validation_error");
        assert!(refused.details().is_object() || refused.details().is_array(), "{with}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_booking_out_of_the_line_ends_by_its_own_timers() {
    let app = TestApp::start().await;
    let room = app.thing("room", "Baobab", &["1", "2"], json!({ "release_after_minutes": 15 })).await;
    let holders = [taken(&app, &room).await, taken(&app, &room).await];
    let (comes, stays_away) = (app.rider().await, app.rider().await);
    let wish = wish(&app, &room, "09:00", "10:00").await;
    let mut booked = Vec::new();
    for who in [&comes, &stays_away] {
        let entry = app.try_wait(who, &wish).await.expect(201);
        booked.push((entry.text("/id"), entry.text("/booking_id")));
    }
    for holder in &holders {
        cancel(&app, holder).await;
    }
    app.drain().await;
    for (who, (entry, _)) in [&comes, &stays_away].into_iter().zip(&booked) {
        app.answer(who, entry, "accept", &json!({})).await.expect(200);
    }
    app.go_to(app.at(2, "07:01").await).await;
    app.drain().await;
    assert_eq!(app.notices(&comes, "reservation_reminder").await, 1, "two hours before");
    app.go_to(app.at(0, "08:59").await).await;
    app.step(&comes, &booked[0].1, "check-in").await.expect(200);
    app.advance(TimeDelta::minutes(17)).await;
    app.drain().await; // no sweep ran
    let status = |who, id: String| {
        let app = &app;
        async move { app.get(who, &format!("/bookings/{id}")).await.expect(200).text("/status") }
    };
    assert_eq!(status(&stays_away, booked[1].1.clone()).await, "no_show");
    assert_eq!(status(&comes, booked[0].1.clone()).await, "in_use");
    app.advance(TimeDelta::minutes(45)).await;
    app.drain().await;
    assert_eq!(status(&comes, booked[0].1.clone()).await, "completed");
    app.finish().await;
}

#[tokio::test]
async fn a_unit_that_comes_or_comes_back_finds_the_line() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2"], json!({})).await;
    let wish = wish(&app, &park, "09:00", "10:00").await;
    let gone = format!("/units/{}", park.units[1]);
    app.delete(&keeper, &gone).await.expect(200);
    taken(&app, &park).await;
    let mut line = Vec::new();
    for _ in 0..4 {
        let who = app.rider().await;
        let entry = app.try_wait(&who, &wish).await.expect(201).text("/id");
        line.push((who, entry));
    }
    app.drain().await;
    let offered = async |at: usize, why: &str| {
        app.drain().await;
        for (index, (who, entry)) in line.iter().enumerate() {
            let wanted = if index <= at { "offered" } else { "waiting" };
            assert_eq!(app.entry(who, entry).await["status"], wanted, "{index}: {why}");
        }
    };
    app.post(&keeper, &format!("{gone}/restore"), &json!({})).await.expect(200);
    offered(0, "restored").await;
    let body = json!({ "units": [{ "label": "B-3" }, { "label": "B-4", "status": "maintenance" }] });
    app.post(&keeper, &format!("/resources/{}/units", park.id), &body).await.expect(201);
    offered(1, "added").await;
    let fixed = app.unit(&keeper, &park.id, "B-4").await;
    app.patch(&keeper, &format!("/units/{fixed}"), &json!({ "status": "active" })).await.expect(200);
    offered(2, "in service again").await;
    let path = format!("/resources/{}", park.id);
    app.patch(&keeper, &path, &json!({ "status": "maintenance" })).await.expect(200);
    let body = json!({ "units": [{ "label": "B-5" }] });
    app.post(&keeper, &format!("{path}/units"), &body).await.expect(201);
    offered(2, "the whole of it is closed").await;
    app.patch(&keeper, &path, &json!({ "status": "active" })).await.expect(200);
    offered(3, "open again").await;
    app.finish().await;
}

#[tokio::test]
async fn nobody_passes_the_line_before_its_job_ran() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2"], json!({})).await;
    let (holder, other) = (taken(&app, &park).await, taken(&app, &park).await);
    let (first, passer) = (app.rider().await, app.rider().await);
    let wish = wish(&app, &park, "09:00", "10:00").await;
    let entry = app.try_wait(&first, &wish).await.expect(201).text("/id");
    let draft =
        json!({ "resource_id": park.id, "start_at": wish["start_at"], "end_at": wish["end_at"], "draft": true });
    let draft = app.ask_booking(&passer, &draft).await.expect(201).text("/id");
    let later = app.reserve(&passer, &park, "10:00", "11:00").await;
    cancel(&app, &holder).await;
    // one bay is free, and it is the first in line's; the job has not run
    app.ask_booking(&passer, &wish).await.refused(409, "booking_conflict");
    app.step(&passer, &draft, "submit").await.refused(409, "booking_conflict");
    let moved = json!({ "start_at": wish["start_at"], "end_at": wish["end_at"] });
    app.change(&passer, &later, &moved).await.refused(409, "booking_conflict");
    assert_eq!(app.entry(&first, &entry).await["status"], "waiting", "who was refused changed nothing");
    cancel(&app, &other).await;
    // two are free: one for the line, one for whoever asks, in one commit
    app.ask_booking(&passer, &wish).await.expect(201);
    assert_eq!(app.entry(&first, &entry).await["status"], "offered");
    assert_eq!(app.count("select count(*) from offers").await, 1);
    app.drain().await;
    assert_eq!(app.count("select count(*) from offers").await, 1, "the job found it done");
    // an offer whose time is over is nobody's, whether or not its timer came
    app.advance(TimeDelta::minutes(11)).await;
    let late = app.rider().await;
    app.ask_booking(&late, &wish).await.expect(201);
    assert_eq!(app.entry(&first, &entry).await["status"], "expired");
    app.finish().await;
}
