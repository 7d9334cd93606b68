//! Reminders cannot lie: what is no longer true is dropped, what is true is told once (Q4, R5, ★14).

use chrono::TimeDelta;
use harness::{Person, Ride, TestApp};
use serde_json::json;

async fn paid_ride(app: &TestApp) -> (Ride, Person, String) {
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    let (booking, _) = app.paid_booking(&rider, &ride, 1).await;
    (ride, rider, booking)
}

async fn reminders(app: &TestApp, to: &Person) -> i64 {
    app.notices(to, "reminder").await
}

#[tokio::test]
async fn two_reminders_and_neither_twice() {
    let app = TestApp::start().await;
    let (ride, rider, _) = paid_ride(&app).await;
    let second = app.rider().await;
    app.paid_booking(&second, &ride, 1).await;
    for (wait, expected) in
        [(TimeDelta::hours(23), 0), (TimeDelta::hours(1) + TimeDelta::minutes(1), 1), (TimeDelta::hours(22), 2)]
    {
        app.advance(wait).await;
        app.drain().await;
        app.sweep(&domain::jobs::Notifications::SweepReminders).await;
        app.drain().await;
        for person in [&rider, &second, &ride.driver] {
            assert_eq!(reminders(&app, person).await, expected, "the driver hears once per trip");
        }
    }
    // ran again by hand, it still tells nobody twice
    let bookings: Vec<(uuid::Uuid, chrono::DateTime<chrono::Utc>)> =
        sqlx::query_as("select id, start_at from bookings").fetch_all(&app.owner).await.unwrap();
    for (booking, start_at) in bookings {
        let mut tx = app.db.begin(domain::db::Scope::system(app.org)).await.unwrap();
        tx.enqueue(&domain::jobs::Notifications::RemindBooking {
            booking: booking.into(),
            start_at,
            minutes_before: 120,
        });
        tx.commit().await.unwrap();
    }
    app.drain().await;
    assert_eq!(reminders(&app, &rider).await, 2);
    app.finish().await;
}

#[tokio::test]
async fn nobody_is_reminded_of_a_ride_that_was_given_up() {
    let app = TestApp::start().await;
    let (ride, rider, booking) = paid_ride(&app).await;
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.advance(TimeDelta::hours(47)).await;
    app.drain().await;
    assert_eq!((reminders(&app, &rider).await, reminders(&app, &ride.driver).await), (0, 0));

    let (ride, rider, _) = paid_ride(&app).await;
    app.post(&ride.driver, &format!("/trips/{}/cancel", ride.id), &json!({})).await.expect(200);
    app.advance(TimeDelta::hours(47)).await;
    app.drain().await;
    assert_eq!((reminders(&app, &rider).await, reminders(&app, &ride.driver).await), (0, 0));
    app.finish().await;
}

#[tokio::test]
async fn a_reminder_of_the_old_time_is_dropped_when_the_ride_moved() {
    let app = TestApp::start().await;
    let (ride, rider, booking) = paid_ride(&app).await;
    // an operator moved it by hand; the timers of the old time are still there
    for sql in [
        "update trips set departure_at = departure_at + interval '6 hours', arrival_eta = arrival_eta + interval '6 hours'",
        "update bookings set start_at = start_at + interval '6 hours', end_at = end_at + interval '6 hours'",
        "update claims set during = tstzrange(lower(during) + interval '6 hours', upper(during) + interval '6 hours')",
    ] {
        sqlx::query(sql).execute(&app.owner).await.unwrap();
    }
    app.advance(TimeDelta::hours(24) + TimeDelta::seconds(1)).await;
    app.drain().await;
    assert_eq!(reminders(&app, &rider).await, 0);
    // the sweep finds the new time
    app.advance(TimeDelta::hours(5) + TimeDelta::minutes(30)).await;
    app.sweep(&domain::jobs::Notifications::SweepReminders).await;
    app.advance(TimeDelta::minutes(30)).await;
    app.drain().await;
    assert_eq!((reminders(&app, &rider).await, reminders(&app, &ride.driver).await), (1, 1));
    let named = app.booking(&rider, &booking).await["start_at"].as_str().unwrap().to_owned();
    let told = app.get(&rider, "/me/notifications").await.expect(200);
    let hour = &named[11..16];
    assert!(told.text("/0/body").contains(hour), "{} names {hour}", told.text("/0/body"));
    app.forgive_unaudited();
    app.finish().await;
}

#[tokio::test]
async fn a_reminder_already_written_is_held_back_when_the_ride_is_given_up_meanwhile() {
    let app = TestApp::start().await;
    let (_, rider, booking) = paid_ride(&app).await;
    app.advance(TimeDelta::hours(24) + TimeDelta::seconds(1)).await;
    // the reminder is written while the carriers of messages are away …
    let mut tx = app.db.begin(domain::db::Scope::system(app.org)).await.unwrap();
    let id = booking.parse().unwrap();
    let start_at = sqlx::query_scalar("select start_at from bookings").fetch_one(&app.owner).await.unwrap();
    domain::notifications::remind_booking(&mut tx, id, start_at, 1_440).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(reminders(&app, &rider).await, 1);
    // … and the ride is given up before they come back
    app.post(&rider, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    let held_back = app.deliveries(&rider, "reminder").await;
    assert!(
        held_back.iter().all(|(_, status, error)| status == "dropped" && error.as_deref() == Some("no longer true"))
    );
    assert!(!held_back.is_empty() && app.texts_to(&rider.phone).iter().all(|text| !text.text.contains("rappel")));
    app.finish().await;
}

#[tokio::test]
async fn a_removed_trip_still_gives_late_money_back() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.knobs().next(
        "checkout.expire",
        1,
        sandbox::Faults {
            refuse: Some(sandbox::Refuse {
                status: 409,
                code: "checkout-session-already-paid".into(),
                retry_after: None,
            }),
            ..sandbox::Faults::default()
        },
    );
    let path = format!("/trips/{}", ride.id);
    app.ask(reqwest::Method::DELETE, &path).by(&ride.driver).send().await.expect(200);
    app.wave.pay(&checkout).unwrap(); // the payer confirmed in the same moment
    app.delivered(&checkout, 1).await;
    app.drain().await;
    app.advance(TimeDelta::seconds(30)).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "cancelled");
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    assert_eq!(app.wave.state().refunds().len(), 1);
    assert_eq!(app.notices(&rider, "money_returned").await, 1);
    assert_eq!((app.balance("escrow").await, app.balance("suspense").await), (0, 0));
    app.finish().await;
}

#[tokio::test]
async fn the_sweep_finds_what_each_bookings_own_rules_have_planned() {
    let app = TestApp::start().await;
    let own = app.thing("room", "Baobab", &["1"], json!({ "reminders": [30] })).await;
    let none = app.thing("room", "Fromager", &["1"], json!({ "reminders": [] })).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    app.reserve(&awa, &own, "09:00", "10:00").await;
    app.reserve(&koffi, &none, "09:00", "10:00").await;
    app.drain().await;
    sqlx::query("delete from queue.jobs where kind = 'reminder.due'").execute(&app.owner).await.unwrap();
    for (time, expected) in [("07:15", 0), ("08:15", 0), ("08:31", 1)] {
        let days = u64::from(time == "07:15") * 2;
        app.go_to(app.at(days, time).await).await;
        app.sweep(&domain::jobs::Notifications::SweepReminders).await;
        app.drain().await;
        assert_eq!(app.notices(&awa, "reservation_reminder").await, expected, "{time}");
    }
    assert_eq!(app.notices(&koffi, "reservation_reminder").await, 0, "whose rules remind of nothing");
    app.finish().await;
}
