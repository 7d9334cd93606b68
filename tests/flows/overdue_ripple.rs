//! A late return and whoever comes next (SN34, ★11): they get another unit before they come, or hear that theirs is not
//! back. Nobody meets an empty shelf unwarned.

use chrono::TimeDelta;
use domain::jobs::Reservations;
use harness::{Person, TestApp, Thing};
use serde_json::json;

struct Library {
    app: TestApp,
    cameras: Thing,
    staff: Person,
    late: Person,
    next: Person,
}

/// Somebody has the first camera until 17:00 of the day after tomorrow, and does not bring it back.
async fn library(cameras: &[&str]) -> Library {
    let app = TestApp::start().await;
    let cameras = app.thing("equipment", "Camera", cameras, json!({ "max_minutes": 4_320 })).await;
    let (staff, late, next) = (
        app.person("Kone", &["staff"]).await,
        app.person("Awa", &["student"]).await,
        app.person("Yves", &["student"]).await,
    );
    let library = Library { app, cameras, staff, late, next };
    let lent = library.booked(&library.late, "C-1", 2, "09:00", "17:00").await;
    library.app.go_to(library.app.at(2, "09:00").await).await;
    library.app.step(&library.staff, &lent, "hand-over").await.expect(200);
    library
}

impl Library {
    /// A booking of whichever camera comes first; it must be this one.
    async fn booked(&self, by: &Person, label: &str, days: u64, from: &str, to: &str) -> String {
        let (start_at, end_at) = (self.app.at(days, from).await, self.app.at(days, to).await);
        let body = json!({ "resource_id": self.cameras.id, "start_at": start_at, "end_at": end_at });
        let made = self.app.ask_booking(by, &body).await.expect(201);
        assert_eq!(made.text("/items/0/unit_label"), label);
        made.text("/id")
    }

    async fn label(&self, booking: &str) -> String {
        self.app.get(&self.next, &format!("/bookings/{booking}")).await.expect(200).text("/items/0/unit_label")
    }

    async fn told(&self, kind: &str) -> usize {
        self.app.deliveries(&self.next, kind).await.len()
    }
}

#[tokio::test]
async fn whoever_comes_next_gets_another_before_they_come() {
    let library = library(&["C-1", "C-2"]).await;
    let app = &library.app;
    let booking = library.booked(&library.next, "C-1", 1, "09:00", "12:00").await; // tomorrow morning
    app.advance(TimeDelta::hours(8)).await; // 17:00, and nothing came back
    app.drain().await;
    assert_eq!(library.label(&booking).await, "C-2");
    assert!(library.told("unit_replaced").await > 0);
    assert_eq!(library.told("unit_not_back").await, 0);
    let why = "select count(*) from audit_events where entity_type = 'booking' and meta ->> 'reason' = 'not_back'";
    assert_eq!(app.count(why).await, 1);
    // and it is done once
    let before = app.picture().await;
    app.sweep(&Reservations::SweepDeadlines).await;
    assert_eq!(app.picture().await["public.bookings"], before["public.bookings"]);
    library.app.finish().await;
}

#[tokio::test]
async fn where_there_is_no_other_they_are_told_once_and_helped_when_one_comes() {
    let library = library(&["C-1"]).await;
    let app = &library.app;
    let booking = library.booked(&library.next, "C-1", 1, "09:00", "12:00").await;
    app.advance(TimeDelta::hours(8)).await;
    app.drain().await;
    let once = library.told("unit_not_back").await;
    assert!(once > 0);
    assert_eq!(library.label(&booking).await, "C-1");
    for _ in 0..2 {
        app.sweep(&Reservations::SweepDeadlines).await;
        app.drain().await;
    }
    assert_eq!(library.told("unit_not_back").await, once, "said once is enough");
    // a second camera is bought overnight
    let keeper = app.keeper().await;
    let more = json!({ "units": [{ "label": "C-2" }] });
    app.post(&keeper, &format!("/resources/{}/units", library.cameras.id), &more).await.expect(201);
    app.sweep(&Reservations::SweepDeadlines).await;
    app.drain().await;
    assert_eq!(library.label(&booking).await, "C-2");
    assert!(library.told("unit_replaced").await > 0);
    library.app.finish().await;
}

#[tokio::test]
async fn who_comes_later_or_named_this_very_one_is_not_moved() {
    let library = library(&["C-1", "C-2"]).await;
    let app = &library.app;
    let far = library.booked(&library.next, "C-1", 3, "09:00", "12:00").await;
    let (start_at, end_at) = (app.at(1, "09:00").await, app.at(1, "10:00").await);
    let body = json!({ "unit_id": library.cameras.units[0], "start_at": start_at, "end_at": end_at });
    let pinned = app.ask_booking(&library.next, &body).await.expect(201).text("/id");
    app.advance(TimeDelta::hours(8)).await;
    app.drain().await;
    assert_eq!((library.label(&far).await, library.label(&pinned).await), ("C-1".into(), "C-1".into()));
    assert!(library.told("unit_not_back").await > 0, "of the one they named");
    assert_eq!(library.told("unit_replaced").await, 0);
    // the sweep finds the other when its day comes near, though its own job is long gone
    app.advance(TimeDelta::hours(48)).await;
    app.sweep(&Reservations::SweepDeadlines).await;
    app.drain().await;
    assert_eq!(library.label(&far).await, "C-2");
    library.app.finish().await;
}
