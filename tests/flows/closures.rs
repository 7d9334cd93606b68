//! Something closes though people have booked it (F1–F3, CX35, SN33): they get a unit as good where there is one, and hear
//! of it either way; the database refuses whatever would be booked into it.

use harness::{Answer, Person, TestApp, Thing};
use serde_json::{Value, json};

async fn close(app: &TestApp, by: &Person, thing: &Thing, hours: (&str, &str), more: Value) -> Answer {
    let (start_at, end_at) = (app.at(2, hours.0).await, app.at(2, hours.1).await);
    let mut body = json!({ "kind": "maintenance", "reason": "New projector", "start_at": start_at, "end_at": end_at });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.post(by, &format!("/resources/{}/closures", thing.id), &body).await
}

async fn unit_of(app: &TestApp, by: &Person, booking: &str) -> String {
    app.get(by, &format!("/bookings/{booking}")).await.expect(200).text("/items/0/unit_label")
}

#[tokio::test]
async fn who_booked_a_unit_that_closes_gets_another_one_as_good() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2", "B-3"], json!({})).await;
    sqlx::query("update units set features = '{charger}' where label in ('B-1', 'B-3')")
        .execute(&app.owner)
        .await
        .unwrap();
    let (keeper, awa, koffi) = (app.keeper().await, app.rider().await, app.rider().await);
    let ask =
        json!({ "unit_id": park.units[0], "start_at": app.at(2, "09:00").await, "end_at": app.at(2, "11:00").await });
    let booking = app.ask_booking(&awa, &ask).await.expect(201).text("/id");
    let closed = close(&app, &keeper, &park, ("10:00", "12:00"), json!({ "unit_id": park.units[0] })).await.expect(201);
    assert_eq!((closed.text("/moved/0/id"), closed.data("/cancelled")), (booking.clone(), json!([])));
    assert_eq!(unit_of(&app, &awa, &booking).await, "B-3", "B-2 has no charger");
    assert_eq!(app.notices(&awa, "reservation_moved").await, 1);
    let named =
        json!({ "unit_id": park.units[0], "start_at": app.at(2, "11:00").await, "end_at": app.at(2, "13:00").await });
    app.refused_for_nothing(&koffi, &named, 409, "booking_conflict").await;
    // nothing else has a charger then: the next one stands in the way
    let refused = close(&app, &keeper, &park, ("08:00", "10:00"), json!({ "unit_id": park.units[2] })).await;
    let refused = refused.refused(409, "bookings_in_the_way");
    assert_eq!(refused.details()["bookings"][0]["id"], booking);
    assert_eq!(unit_of(&app, &awa, &booking).await, "B-3");
    let cancel = json!({ "unit_id": park.units[2], "on_bookings": "cancel" });
    let closed = close(&app, &keeper, &park, ("08:00", "10:00"), cancel).await.expect(201);
    assert_eq!(closed.text("/cancelled/0/id"), booking);
    let after = app.get(&awa, &format!("/bookings/{booking}")).await.expect(200);
    assert_eq!((after.text("/status"), after.text("/reason")), ("cancelled".into(), "resource_closed".into()));
    assert_eq!(app.notices(&awa, "booking_closed_out").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_closure_comes_again_until_its_end_and_may_be_taken_back() {
    let app = TestApp::start().await;
    let room = app.thing_at(Some("Europe/Paris"), "room", "Baobab", &["Baobab"], json!({ "horizon_days": 730 })).await;
    let (keeper, awa) = (app.keeper().await, app.rider().await);
    // every Sunday noon around the day the clocks of Paris go back
    let body = json!({ "kind": "event", "start_at": "2027-10-24T12:00", "end_at": "2027-10-24T14:00", "repeats": "weekly",
                       "until": "2027-11-07" });
    let path = format!("/resources/{}/closures", room.id);
    let closure = app.post(&keeper, &path, &body).await.expect(201).text("/id");
    let ask = |day: &str, from: &str| json!({ "resource_id": room.id, "start_at": format!("{day}T{from}:00"), "end_at": format!("{day}T{from}:30") });
    for day in ["2027-10-24", "2027-10-31", "2027-11-07"] {
        app.refused_for_nothing(&awa, &ask(day, "12"), 409, "booking_conflict").await;
        app.refused_for_nothing(&awa, &ask(day, "13"), 409, "booking_conflict").await;
    }
    app.ask_booking(&awa, &ask("2027-11-14", "12")).await.expect(201);
    app.ask_booking(&awa, &ask("2027-10-31", "14")).await.expect(201);
    // what is closed twice is closed until both are taken back
    let holiday = json!({ "kind": "holiday", "start_at": "2027-10-31T13:00", "end_at": "2027-10-31T14:00" });
    let other = app.post(&keeper, &path, &holiday).await.expect(201).text("/id");
    assert_eq!(app.get(&awa, &path).await.expect(200).data("").as_array().unwrap().len(), 2);
    app.delete(&awa, &format!("/closures/{closure}")).await.refused(403, "forbidden");
    app.delete(&keeper, &format!("/closures/{closure}")).await.expect(200);
    app.delete(&keeper, &format!("/closures/{closure}")).await.refused(404, "not_found");
    app.ask_booking(&awa, &ask("2027-10-31", "12")).await.expect(201);
    app.refused_for_nothing(&awa, &ask("2027-10-31", "13"), 409, "booking_conflict").await;
    app.delete(&keeper, &format!("/closures/{other}")).await.expect(200);
    app.ask_booking(&awa, &ask("2027-10-31", "13")).await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn a_site_closes_with_all_that_stands_on_it_or_comes_there() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let site = app.post(&keeper, "/sites", &json!({ "name": "Plateau" })).await.expect(201).text("/id");
    let room = |name: &str| json!({ "kind": "room", "name": name, "site_id": site });
    let old = app.resource(&keeper, &room("Baobab")).await;
    let (start_at, end_at) = (app.at(3, "00:00").await, app.at(4, "00:00").await);
    let body = json!({ "kind": "holiday", "start_at": start_at, "end_at": end_at });
    app.post(&keeper, &format!("/sites/{site}/closures"), &body).await.expect(201);
    let new = app.resource(&keeper, &room("Rônier")).await;
    let elsewhere = app.resource(&keeper, &json!({ "kind": "room", "name": "Kapokier" })).await;
    let awa = app.rider().await;
    let ask = async |room: &str| {
        let (start_at, end_at) = (app.at(3, "09:00").await, app.at(3, "10:00").await);
        app.ask_booking(&awa, &json!({ "resource_id": room, "start_at": start_at, "end_at": end_at })).await
    };
    ask(&old).await.refused(409, "booking_conflict");
    ask(&new).await.refused(409, "booking_conflict");
    app.patch(&keeper, &format!("/resources/{new}"), &json!({ "site_id": null })).await.expect(200);
    ask(&new).await.expect(201);
    app.patch(&keeper, &format!("/resources/{elsewhere}"), &json!({ "site_id": site })).await.expect(200);
    ask(&elsewhere).await.refused(409, "booking_conflict");
    app.finish().await;
}

#[tokio::test]
async fn malformed_closures_are_refused_and_only_keepers_close() {
    let app = TestApp::start().await;
    let room = app.thing("room", "Baobab", &["Baobab"], json!({})).await;
    let (keeper, awa) = (app.keeper().await, app.rider().await);
    for (more, field) in [
        (json!({ "kind": "strike" }), "kind"),
        (json!({ "start_at": "soon" }), "start_at"),
        (json!({ "end_at": "2026-01-01T00:00:00Z" }), "end_at"),
        (json!({ "start_at": "2020-01-01T00:00:00Z", "end_at": "2020-01-02T00:00:00Z" }), "end_at"),
        (json!({ "repeats": "daily" }), "until"),
        (json!({ "until": "2027-01-01" }), "repeats"),
        (json!({ "repeats": "monthly", "until": "2027-01-01" }), "repeats"),
        (json!({ "repeats": "daily", "until": "2199-01-01" }), "until"),
        (json!({ "reason": "x".repeat(1_001) }), "reason"),
        (json!({ "on_bookings": "ignore" }), "on_bookings"),
    ] {
        let refused =
            close(&app, &keeper, &room, ("09:00", "10:00"), more.clone()).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{more}");
    }
    let foreign = json!({ "unit_id": harness::uuid() });
    close(&app, &keeper, &room, ("09:00", "10:00"), foreign).await.refused(404, "not_found");
    close(&app, &awa, &room, ("09:00", "10:00"), json!({})).await.refused(403, "forbidden");
    app.finish().await;
}
