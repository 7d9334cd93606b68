//! What a person means by a time stays what they mean (★3, CX21, SN45): times never shown or shown twice are answered with
//! the choices, and bookings follow their clocks when the law about these changes.

use domain::{bookings, jobs::Maintenance, localtime::ZONE_DATA};
use harness::{Person, TestApp, Thing};
use serde_json::{Value, json};

async fn paris(app: &TestApp, bays: &[&str]) -> Thing {
    app.thing_at(Some("Europe/Paris"), "parking", "Montparnasse", bays, json!({ "horizon_days": 730 })).await
}

async fn ask(app: &TestApp, by: &Person, thing: &Thing, from: &str, to: &str) -> harness::Answer {
    app.ask_booking(by, &json!({ "resource_id": thing.id, "start_at": from, "end_at": to })).await
}

#[tokio::test]
async fn a_time_never_shown_or_shown_twice_is_answered_with_the_choices_and_a_choice_is_booked() {
    let app = TestApp::start().await;
    let park = paris(&app, &["P-1"]).await;
    let awa = app.rider().await;
    let never = json!({ "resource_id": park.id, "start_at": "2027-03-28T02:30", "end_at": "2027-03-28T04:00" });
    let refused = app.refused_for_nothing(&awa, &never, 422, "invalid_local_time").await;
    assert_eq!(refused.details()["choices"], json!(["2027-03-28T01:59:00+01:00", "2027-03-28T03:00:00+02:00"]));
    let twice = json!({ "resource_id": park.id, "start_at": "2027-10-31T02:30", "end_at": "2027-10-31T04:00" });
    let refused = app.refused_for_nothing(&awa, &twice, 422, "invalid_local_time").await;
    let choices = refused.details()["choices"].clone();
    assert_eq!(choices, json!(["2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"]));
    for (choice, minutes) in [(0, 150), (1, 90)] {
        let booked = ask(&app, &awa, &park, choices[choice].as_str().unwrap(), "2027-10-31T04:00").await.expect(201);
        assert_eq!(booked.text("/local/start_at"), "2027-10-31T02:30:00");
        let at = |field: &str| booked.text(field).parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert_eq!((at("/end_at") - at("/start_at")).num_minutes(), minutes);
        // what was chosen stays chosen, whatever else of the booking changes
        let id = booked.text("/id");
        let moved = app.change(&awa, &id, &json!({ "unit_id": park.units[0] })).await.expect(200);
        assert_eq!(moved.text("/start_at"), booked.text("/start_at"));
        app.step(&awa, &id, "cancel").await.expect(200);
    }
    app.finish().await;
}

/// As if the booking had been resolved under a law that put the clocks an hour later.
async fn under_an_older_law(app: &TestApp, booking: &str) {
    app.forgive_unaudited();
    for sql in [
        "update bookings set start_at = start_at + interval '1 hour', end_at = end_at + interval '1 hour' where id = $1::uuid",
        "update claims set during = tstzrange(lower(during) + interval '1 hour', upper(during) + interval '1 hour')
         where source_id = $1::uuid and active",
        "delete from zone_updates where $1 <> ''",
    ] {
        sqlx::query(sql).bind(booking).execute(&app.owner).await.unwrap();
    }
}

async fn resolve(app: &TestApp) -> (i32, i32, i32) {
    app.sweep(&Maintenance::ResolveTimes).await;
    app.drain().await;
    sqlx::query_as("select looked_at, moved, kept from zone_updates where version = $1 and finished_at is not null")
        .bind(ZONE_DATA)
        .fetch_one(&app.owner)
        .await
        .unwrap()
}

async fn trail(app: &TestApp, booking: &str) -> Value {
    sqlx::query_scalar("select meta from audit_events where entity_id = $1::uuid and meta ->> 'reason' = 'zone_data'")
        .bind(booking)
        .fetch_one(&app.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn bookings_follow_their_clocks_when_the_law_changes_and_everybody_hears_of_it() {
    let app = TestApp::start().await;
    let park = paris(&app, &["P-1", "P-2"]).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let local = ask(&app, &awa, &park, "2027-06-01T14:00", "2027-06-01T16:00").await.expect(201).text("/id");
    let instant = ask(&app, &koffi, &park, "2027-06-01T12:00:00Z", "2027-06-01T14:00:00Z").await.expect(201);
    under_an_older_law(&app, &local).await;
    assert_eq!(resolve(&app).await, (1, 1, 0), "an instant is nobody's local time");
    let after = app.get(&awa, &format!("/bookings/{local}")).await.expect(200);
    assert_eq!((after.text("/start_at"), after.int("/version")), ("2027-06-01T12:00:00Z".into(), 2));
    assert_eq!(app.notices(&awa, "reservation_moved").await, 1);
    let still = app.get(&koffi, &format!("/bookings/{}", instant.text("/id"))).await.expect(200);
    assert_eq!(still.text("/start_at"), "2027-06-01T12:00:00Z");
    assert_eq!(app.notices(&koffi, "reservation_moved").await, 0);
    assert_eq!(trail(&app, &local).await, json!({ "reason": "zone_data", "version": ZONE_DATA, "moved": true }));
    // its hour is claimed, the one it had is free
    let full = ask(&app, &koffi, &park, "2027-06-01T14:00", "2027-06-01T15:00").await;
    full.refused(409, "booking_conflict");
    ask(&app, &koffi, &park, "2027-06-01T16:00", "2027-06-01T17:00").await.expect(201);
    assert_eq!(resolve(&app).await, (1, 1, 0), "once for each edition");
    app.finish().await;
}

#[tokio::test]
async fn whose_hour_is_taken_under_the_new_law_keeps_the_old_one_and_hears_what_the_clocks_call_it() {
    let app = TestApp::start().await;
    let park = paris(&app, &["P-1"]).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let local = ask(&app, &awa, &park, "2027-06-01T14:00", "2027-06-01T16:00").await.expect(201).text("/id");
    under_an_older_law(&app, &local).await;
    ask(&app, &koffi, &park, "2027-06-01T11:00:00Z", "2027-06-01T13:00:00Z").await.expect(201);
    assert_eq!(resolve(&app).await, (1, 0, 1));
    let after = app.get(&awa, &format!("/bookings/{local}")).await.expect(200);
    assert_eq!(after.text("/start_at"), "2027-06-01T13:00:00Z");
    assert_eq!(after.text("/local/start_at"), "2027-06-01T15:00:00");
    assert_eq!(app.notices(&awa, "reservation_moved").await, 1);
    assert_eq!(trail(&app, &local).await["moved"], false);
    let mut tx = app.db.begin(domain::db::Scope::system(app.org)).await.unwrap();
    let (found, more) = bookings::resolve_times(&mut tx, None).await.unwrap();
    assert_eq!((found.looked_at, found.moved + found.kept, more), (1, 0, None), "it is where it says it is");
    drop(tx);
    app.finish().await;
}
