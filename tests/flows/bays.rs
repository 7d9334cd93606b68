//! Bays of a car park: half-days on the clocks of the place, ranges, several at once, and what the policy forbids
//! (G1, G8–G18, CX17, CX21, CX47).

use chrono::TimeDelta;
use domain::jobs::Reservations;
use harness::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn a_day_excludes_a_morning_and_a_cancelled_one_can_be_had_again() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2"], json!({})).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let date = app.at(3, "00:00").await.date_naive();
    let ask = |period: &str| json!({ "unit_id": park.units[0], "date": date, "period": period });
    let morning = app.ask_booking(&awa, &ask("morning")).await.expect(201);
    assert_eq!((morning.text("/status"), morning.text("/kind")), ("confirmed".into(), "parking".into()));
    assert_eq!((morning.text("/period"), morning.text("/items/0/unit_label")), ("morning".into(), "B-1".into()));
    assert_eq!(morning.text("/local/start_at"), format!("{date}T08:00:00"));
    let refused = app.refused_for_nothing(&koffi, &ask("day"), 409, "booking_conflict").await;
    assert_eq!(refused.details()["available"], 0);
    assert_eq!(refused.details()["waitlist"], "POST /waitlist");
    app.ask_booking(&koffi, &ask("afternoon")).await.expect(201);
    let id = morning.text("/id");
    app.step(&koffi, &id, "cancel").await.refused(404, "not_found");
    app.step(&awa, &id, "cancel").await.expect(200);
    app.ask_booking(&koffi, &ask("morning")).await.expect(201);
    app.ask_booking(&awa, &ask("morning")).await.refused(409, "booking_conflict");
    assert_eq!(app.notices(&awa, "reservation_confirmed").await, 1);
    assert_eq!(app.notices(&awa, "reservation_cancelled").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn several_units_are_had_all_or_nothing() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2", "B-3"], json!({})).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "11:00").await);
    let items = |items: Value| json!({ "items": items, "start_at": start_at, "end_at": end_at });
    let two = items(json!([{ "unit_id": park.units[2] }, { "resource_id": park.id, "quantity": 1 }]));
    let booked = app.ask_booking(&awa, &two).await.expect(201);
    assert_eq!((booked.int("/quantity"), booked.data("/seat_labels")), (2, json!(["B-1", "B-3"])));
    let more = items(json!([{ "resource_id": park.id, "quantity": 2 }]));
    let refused = app.refused_for_nothing(&koffi, &more, 409, "booking_conflict").await;
    assert_eq!((&refused.details()["available"], &refused.details()["requested"]), (&json!(1), &json!(2)));
    let named = items(json!([{ "unit_id": park.units[1] }, { "unit_id": park.units[2] }]));
    app.refused_for_nothing(&koffi, &named, 409, "booking_conflict").await;
    app.ask_booking(&koffi, &items(json!([{ "unit_id": park.units[1] }]))).await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn each_rule_of_the_policy_refuses_by_its_name_and_changes_nothing() {
    let app = TestApp::start().await;
    let rules = json!({ "lead_minutes": 60, "horizon_days": 30, "max_minutes": 480, "max_units": 2 });
    let park = app.thing("parking", "Plateau", &["B-1", "B-2", "B-3"], rules).await;
    let awa = app.rider().await;
    let soon = (app.now().await + TimeDelta::minutes(30)).format("%Y-%m-%dT%H:00:00Z").to_string();
    let at = |day: &str, time: &str| format!("{day}T{time}:00Z");
    let day = app.at(2, "00:00").await.format("%Y-%m-%d").to_string();
    let far = app.at(40, "00:00").await.format("%Y-%m-%d").to_string();
    let past = (app.now().await - TimeDelta::days(2)).format("%Y-%m-%d").to_string();
    for (from, to, more, rule) in [
        (at(&day, "09:00"), at(&day, "09:00"), json!({}), "min_minutes"),
        (at(&day, "10:00"), at(&day, "09:00"), json!({}), "min_minutes"),
        (at(&day, "09:00"), at(&day, "09:15"), json!({}), "min_minutes"),
        (at(&day, "09:00"), at(&day, "17:15"), json!({}), "max_minutes"),
        (at(&past, "09:00"), at(&past, "10:00"), json!({}), "lead_minutes"),
        (at(&far, "09:00"), at(&far, "10:00"), json!({}), "horizon_days"),
        (at(&day, "09:05"), at(&day, "10:00"), json!({}), "grid_minutes"),
        (at(&day, "09:00"), at(&day, "10:00"), json!({ "quantity": 3 }), "max_units"),
    ] {
        let mut body = json!({ "resource_id": park.id, "start_at": from, "end_at": to });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = app.refused_for_nothing(&awa, &body, 422, "policy_violation").await;
        assert_eq!(refused.details()["rule"], rule, "{body}");
        assert!(refused.details()["limit"].is_i64() && refused.details()["value"].is_i64(), "{}", refused.body);
    }
    let beside = json!({ "resource_id": park.id, "start_at": at(&day, "09:05"), "end_at": at(&day, "10:00") });
    let nearest = app.ask_booking(&awa, &beside).await.details()["nearest"].clone();
    assert_eq!(nearest, json!([at(&day, "09:00"), at(&day, "09:15")]), "CX55");
    let too_soon = json!({ "resource_id": park.id, "start_at": soon, "end_at": at(&day, "00:30") });
    app.ask_booking(&awa, &too_soon).await.refused(422, "policy_violation");
    app.finish().await;
}

#[tokio::test]
async fn malformed_requests_are_refused_and_change_nothing() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1"], json!({})).await;
    let ride = app.ride(2, 1_000).await;
    let awa = app.rider().await;
    let other = app.other_organization("autocar").await;
    let stranger = app.person_in(other, "Ama", &["member"]).await;
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "11:00").await);
    let with = |more: Value| {
        let mut body = json!({ "start_at": start_at, "end_at": end_at });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let many: Vec<Value> = (0..100).map(|_| json!({ "resource_id": park.id })).collect();
    for body in [
        with(json!({})),
        with(json!({ "resource_id": park.id, "quantity": 0 })),
        with(json!({ "resource_id": park.id, "quantity": 61 })),
        with(json!({ "items": [] })),
        with(json!({ "items": many })),
        with(json!({ "items": [{ "unit_id": park.units[0] }, { "unit_id": park.units[0] }] })),
        with(json!({ "resource_id": park.id, "participants": 0 })),
        with(json!({ "resource_id": park.id, "purpose": "x".repeat(1_001) })),
        with(json!({ "resource_id": park.id, "note": "a\0b" })),
        with(json!({ "resource_id": park.id, "colour": "red" })),
        with(json!({ "items": [{ "resource_id": park.id }, { "resource_id": ride.id }] })),
        with(json!({ "resource_id": park.id, "date": "2026-12-01", "period": "day" })),
        json!({ "resource_id": park.id }),
        json!({ "resource_id": park.id, "date": "2026-12-01", "period": "night" }),
        json!({ "resource_id": park.id, "date": "+99999-12-01", "period": "day" }),
        json!({ "resource_id": park.id, "start_at": "1850-01-01T09:00", "end_at": "1850-01-01T10:00" }),
    ] {
        app.refused_for_nothing(&awa, &body, 400, "validation_error").await;
    }
    let unknown = with(json!({ "unit_id": harness::story::uuid() }));
    app.refused_for_nothing(&awa, &unknown, 404, "not_found").await;
    let foreign = with(json!({ "items": [{ "unit_id": park.units[0] }] }));
    app.refused_for_nothing(&stranger, &foreign, 404, "not_found").await;
    sqlx::query("update units set status = 'retired'").execute(&app.owner).await.unwrap();
    app.refused_for_nothing(&awa, &with(json!({ "unit_id": park.units[0] })), 409, "state_conflict").await;
    app.refused_for_nothing(&awa, &with(json!({ "resource_id": park.id })), 409, "booking_conflict").await;
    sqlx::query("update units set deleted_at = app_now()").execute(&app.owner).await.unwrap();
    app.refused_for_nothing(&awa, &with(json!({ "unit_id": park.units[0] })), 404, "not_found").await;
    sqlx::query("update resources set status = 'maintenance' where kind = 'parking'")
        .execute(&app.owner)
        .await
        .unwrap();
    app.refused_for_nothing(&awa, &with(json!({ "resource_id": park.id })), 409, "state_conflict").await;
    sqlx::query("update resources set deleted_at = app_now() where kind = 'parking'")
        .execute(&app.owner)
        .await
        .unwrap();
    app.refused_for_nothing(&awa, &with(json!({ "resource_id": park.id })), 404, "not_found").await;
    app.finish().await;
}

#[tokio::test]
async fn local_times_mean_the_clocks_of_the_place() {
    let app = TestApp::start().await;
    let rules = json!({ "horizon_days": 730 });
    let park = app.thing_at(Some("Europe/Paris"), "parking", "Montparnasse", &["P-1"], rules).await;
    let awa = app.rider().await;
    let day = json!({ "resource_id": park.id, "date": "2027-03-28", "period": "day" });
    let booked = app.ask_booking(&awa, &day).await.expect(201);
    assert_eq!(
        (booked.text("/start_at"), booked.text("/timezone")),
        ("2027-03-28T06:00:00Z".into(), "Europe/Paris".into())
    );
    let never = json!({ "resource_id": park.id, "start_at": "2027-03-28T02:30", "end_at": "2027-03-28T04:00" });
    let refused = app.refused_for_nothing(&awa, &never, 422, "invalid_local_time").await;
    assert_eq!(refused.details()["choices"].as_array().unwrap().len(), 2);
    app.finish().await;
}

#[tokio::test]
async fn set_up_and_clean_up_are_part_of_what_is_taken() {
    let app = TestApp::start().await;
    let rules = json!({ "buffer_before_minutes": 15, "buffer_after_minutes": 30 });
    let room = app.thing("room", "Baobab", &["Baobab"], rules).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    app.reserve(&awa, &room, "09:00", "10:00").await;
    app.try_reserve(&koffi, &room, "10:30", "11:30").await.refused(409, "booking_conflict");
    app.reserve(&koffi, &room, "10:45", "11:30").await;
    app.finish().await;
}

#[tokio::test]
async fn who_books_for_somebody_else_needs_the_right_and_both_hear_of_it() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1"], json!({})).await;
    let (desk, awa) = (app.person("Desk", &["staff"]).await, app.rider().await);
    let stranger = app.person_in(app.other_organization("autocar").await, "Ama", &["member"]).await;
    let date = app.at(2, "00:00").await.date_naive();
    let ask =
        |who: String| json!({ "resource_id": park.id, "date": date, "period": "day", "beneficiary_user_id": who });
    app.refused_for_nothing(&awa, &ask(desk.id.to_string()), 403, "forbidden").await;
    app.refused_for_nothing(&desk, &ask(stranger.id.to_string()), 404, "not_found").await;
    let booked = app.ask_booking(&desk, &ask(awa.id.to_string())).await.expect(201);
    assert_eq!((booked.text("/beneficiary_id"), booked.text("/creator_id")), (awa.id.to_string(), desk.id.to_string()));
    assert_eq!(app.notices(&awa, "reservation_confirmed").await, 1);
    assert_eq!(app.notices(&desk, "booked_for_other").await, 1);
    app.get(&awa, &format!("/bookings/{}/access-code", booked.text("/id"))).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn who_comes_uses_it_and_who_leaves_early_frees_it() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1"], json!({ "release_after_minutes": 30 })).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let id = app.reserve(&awa, &park, "09:00", "12:00").await;
    app.step(&awa, &id, "check-in").await.refused(409, "check_in_closed");
    app.go_to(app.at(2, "09:05").await).await;
    let code = app.get(&awa, &format!("/bookings/{id}/access-code")).await.expect(200).text("/digits");
    app.step(&koffi, &id, "check-in").await.refused(404, "not_found");
    app.step(&awa, &id, "end").await.refused(409, "state_conflict");
    let used = app.post(&awa, &format!("/bookings/{id}/check-in"), &json!({ "code": code })).await.expect(200);
    assert_eq!(used.text("/status"), "in_use");
    app.step(&awa, &id, "check-in").await.expect(200);
    app.go_to(app.at(0, "10:00").await).await;
    app.step(&awa, &id, "cancel").await.refused(409, "state_conflict");
    assert_eq!(app.step(&awa, &id, "end").await.expect(200).text("/status"), "completed");
    let (start_at, end_at) = (app.at(0, "10:15").await, app.at(0, "11:15").await);
    let again = json!({ "resource_id": park.id, "start_at": start_at, "end_at": end_at });
    let next = app.ask_booking(&koffi, &again).await.expect(201).text("/id");
    app.go_to(app.at(0, "11:20").await).await;
    app.drain().await;
    assert_eq!(app.booking(&koffi, &next).await["status"], "no_show", "nobody came for it");
    app.finish().await;
}

#[tokio::test]
async fn nobody_came_is_one_event_with_its_consequences() {
    for lost in [false, true] {
        let app = TestApp::start().await;
        let rules = json!({ "release_after_minutes": 30, "no_show": { "penalty_points": 2, "fine": 1_000 } });
        let park = app.thing("parking", "Plateau", &["B-1"], rules).await;
        let (awa, koffi) = (app.rider().await, app.rider().await);
        let id = app.reserve(&awa, &park, "09:00", "12:00").await;
        app.go_to(app.at(2, "09:29").await).await;
        app.drain().await;
        assert_eq!(app.booking(&awa, &id).await["status"], "confirmed");
        app.go_to(app.at(0, "09:31").await).await;
        app.step(&awa, &id, "check-in").await.refused(409, "check_in_closed");
        if lost {
            sqlx::query("delete from queue.jobs where kind = 'booking.no_show'").execute(&app.owner).await.unwrap();
            app.sweep(&Reservations::SweepDeadlines).await;
        } else {
            app.drain().await;
        }
        app.sweep(&Reservations::SweepDeadlines).await;
        assert_eq!(app.booking(&awa, &id).await["status"], "no_show");
        assert_eq!((app.points(&awa).await, app.notices(&awa, "reservation_released").await), (2, 1));
        assert_eq!(app.get(&awa, "/fines").await.expect(200).int("/0/amount/amount"), 1_000);
        let now_free =
            json!({ "resource_id": park.id, "start_at": app.at(0, "09:45").await, "end_at": app.at(0, "11:45").await });
        app.ask_booking(&koffi, &now_free).await.expect(201);
        app.finish().await;
    }
}

#[tokio::test]
async fn a_bay_is_free_again_when_its_time_is_over() {
    for lost in [false, true] {
        let app = TestApp::start().await;
        let park = app.thing("parking", "Plateau", &["B-1"], json!({})).await;
        let awa = app.rider().await;
        let id = app.reserve(&awa, &park, "09:00", "12:00").await;
        app.go_to(app.at(2, "12:01").await).await;
        if lost {
            sqlx::query("delete from queue.jobs where kind = 'booking.finish'").execute(&app.owner).await.unwrap();
            app.sweep(&Reservations::SweepDeadlines).await;
        } else {
            app.drain().await;
        }
        assert_eq!(app.booking(&awa, &id).await["status"], "completed");
        assert_eq!(app.count("select count(*) from claims where active").await, 0);
        app.finish().await;
    }
}

#[tokio::test]
async fn giving_up_follows_the_policy_and_staff_may_always() {
    let app = TestApp::start().await;
    let rules = json!({ "cancellation": [{ "before_minutes": 120, "allowed": false }] });
    let park = app.thing("parking", "Plateau", &["B-1"], rules).await;
    let (awa, desk) = (app.rider().await, app.person("Desk", &["staff"]).await);
    let id = app.reserve(&awa, &park, "09:00", "12:00").await;
    app.go_to(app.at(2, "07:30").await).await;
    let before = app.booking(&awa, &id).await;
    let refused = app.step(&awa, &id, "cancel").await.refused(422, "policy_violation");
    assert_eq!((&refused.details()["rule"], &refused.details()["limit"]), (&json!("cancellation"), &json!(120)));
    let away = json!({ "start_at": app.at(1, "09:00").await, "end_at": app.at(1, "12:00").await });
    app.change(&awa, &id, &away).await.refused(422, "policy_violation");
    assert_eq!(app.booking(&awa, &id).await, before);
    let reason = json!({ "reason": "flooded" });
    let gone = app.post(&desk, &format!("/bookings/{id}/cancel"), &reason).await.expect(200);
    assert_eq!((gone.text("/status"), gone.text("/reason")), ("cancelled".into(), "flooded".into()));
    app.finish().await;
}
