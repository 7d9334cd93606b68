//! A loan from request to return (G2, G3, G22, G27, G36, G37, SN6, L14): staff agree, hand out, take back; being late has
//! consequences, once.

use chrono::TimeDelta;
use domain::jobs::Reservations;
use harness::{Person, TestApp, Thing};
use serde_json::{Value, json};

struct Library {
    app: TestApp,
    cameras: Thing,
    student: Person,
    staff: Person,
}

async fn library() -> Library {
    let app = TestApp::start().await;
    let rules = json!({ "approval": "staff", "max_minutes": 4_320,
        "late_return": { "grace_minutes": 15, "penalty_points": 2, "fine_per_hour": 500, "fine_most": 2_000 } });
    let cameras = app.thing("equipment", "Camera", &["C-1", "C-2", "C-3"], rules).await;
    let (student, staff) = (app.person("Awa", &["student"]).await, app.person("Kone", &["staff"]).await);
    Library { app, cameras, student, staff }
}

impl Library {
    /// Two cameras on the day after tomorrow, 09:00 to 17:00.
    async fn request(&self) -> Value {
        let (start_at, end_at) = (self.app.at(2, "09:00").await, self.app.at(2, "17:00").await);
        let body = json!({ "items": [{ "resource_id": self.cameras.id, "quantity": 2 }], "start_at": start_at,
                           "end_at": end_at, "purpose": "Film club" });
        self.app.ask_booking(&self.student, &body).await.expect(201).data("")
    }

    /// The same, agreed to and handed out on time.
    async fn lent(&self) -> String {
        let id = self.request().await["id"].as_str().unwrap().to_owned();
        self.app.step(&self.staff, &id, "approve").await.expect(200);
        self.app.go_to(self.app.at(2, "09:00").await).await;
        self.app.step(&self.staff, &id, "hand-over").await.expect(200);
        id
    }
}

#[tokio::test]
async fn a_loan_is_agreed_to_handed_out_and_taken_back_in_parts() {
    let library = library().await;
    let Library { app, student, staff, .. } = &library;
    let asked = library.request().await;
    let id = asked["id"].as_str().unwrap();
    assert_eq!((&asked["status"], &asked["hold_expires_at"]), (&json!("pending"), &asked["start_at"]));
    assert_eq!(asked["due_at"], asked["end_at"]);
    app.step(student, id, "approve").await.refused(403, "forbidden");
    let firm = app.step(staff, id, "approve").await.expect(200);
    assert_eq!(firm.text("/status"), "confirmed");
    app.step(staff, id, "approve").await.refused(409, "state_conflict");
    app.step(staff, id, "hand-over").await.refused(409, "check_in_closed");
    app.step(staff, id, "return").await.refused(409, "state_conflict");
    app.go_to(app.at(2, "09:10").await).await;
    let code = app.get(student, &format!("/bookings/{id}/access-code")).await.expect(200).text("/digits");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    app.step(student, id, "hand-over").await.refused(403, "forbidden");
    app.post(staff, &format!("/bookings/{id}/hand-over"), &json!({ "code": wrong }))
        .await
        .refused(403, "access_code_invalid");
    let units: Vec<Value> =
        firm.data("/items").as_array().unwrap().iter().map(|item| item["unit_id"].clone()).collect();
    let out = json!({ "code": code, "items": [{ "unit_id": units[0], "condition": "worn", "remark": "A scratch" }] });
    let lent = app.post(staff, &format!("/bookings/{id}/hand-over"), &out).await.expect(200);
    assert_eq!(lent.text("/status"), "in_use");
    assert_eq!(
        (lent.text("/items/0/condition_out"), lent.text("/items/1/condition_out")),
        ("worn".into(), "good".into())
    );
    app.step(student, id, "end").await.refused(409, "state_conflict");
    let first = json!({ "items": [{ "unit_id": units[0], "condition": "damaged" }] });
    let part = app.post(staff, &format!("/bookings/{id}/return"), &first).await.expect(200);
    assert_eq!((part.text("/status"), part.text("/items/0/condition_in")), ("in_use".into(), "damaged".into()));
    assert_eq!(app.count("select count(*) from claims where active").await, 1, "the first is free already");
    let looks = "select count(*) from units where condition = 'damaged' and status = 'active'";
    assert_eq!(app.count(looks).await, 1, "its sheet says so; whether it is lent again is for its keepers to say");
    let trail = "select count(*) from audit_events where entity_type = 'unit' and after ->> 'condition' = 'damaged'
                 and before ->> 'condition' = 'good' and meta ->> 'returned_by' is not null";
    assert_eq!(app.count(trail).await, 1);
    app.assert_promises().await;
    app.post(staff, &format!("/bookings/{id}/return"), &first).await.refused(409, "conflict");
    app.post(staff, &format!("/bookings/{id}/return"), &json!({ "items": [{ "unit_id": library.cameras.units[2] }] }))
        .await
        .refused(400, "validation_error");
    let back = app.step(staff, id, "return").await.expect(200);
    assert_eq!(back.text("/status"), "completed");
    assert!(back.data("/items").as_array().unwrap().iter().all(|item| item["returned_at"].is_string()));
    for kind in ["reservation_received", "reservation_confirmed", "loan_handed_over", "loan_returned"] {
        assert_eq!(app.notices(student, kind).await, 1, "{kind}");
    }
    assert_eq!((app.points(student).await, app.get(student, "/fines").await.data("")), (0, json!([])));
    library.app.finish().await;
}

#[tokio::test]
async fn a_late_loan_is_noticed_once_and_costs_once() {
    for lost in [false, true] {
        let library = library().await;
        let Library { app, student, staff, .. } = &library;
        let id = library.lent().await;
        app.go_to(app.at(0, "17:01").await).await;
        if lost {
            sqlx::query("delete from queue.jobs where kind = 'booking.overdue'").execute(&app.owner).await.unwrap();
        }
        app.sweep(&Reservations::SweepDeadlines).await;
        app.sweep(&Reservations::SweepDeadlines).await;
        let late = app.booking(student, &id).await;
        assert!(late["overdue_at"].is_string(), "{late}");
        assert_eq!(app.notices(student, "loan_overdue").await, 1);
        app.go_to(app.at(0, "18:30").await).await; // 75 minutes after the grace: two hours begun
        app.step(staff, &id, "return").await.expect(200);
        assert_eq!(app.points(student).await, 2);
        let fines = app.get(student, "/fines").await.expect(200);
        assert_eq!((fines.int("/0/amount/amount"), fines.text("/0/reason")), (1_000, "late_return".into()));
        assert_eq!(app.notices(student, "fine_due").await, 1);
        library.app.finish().await;
    }
}

#[tokio::test]
async fn a_loan_nobody_picks_up_is_given_away_at_its_end() {
    let library = library().await;
    let Library { app, student, staff, .. } = &library;
    let id = library.request().await["id"].as_str().unwrap().to_owned();
    app.step(staff, &id, "approve").await.expect(200);
    app.go_to(app.at(2, "17:01").await).await;
    app.step(staff, &id, "hand-over").await.refused(409, "check_in_closed");
    app.drain().await;
    assert_eq!(app.booking(student, &id).await["status"], "no_show");
    library.app.finish().await;
}

#[tokio::test]
async fn a_request_is_declined_or_runs_out_and_its_units_are_free() {
    let library = library().await;
    let Library { app, student, staff, .. } = &library;
    let first = library.request().await["id"].as_str().unwrap().to_owned();
    app.post(student, &format!("/bookings/{first}/reject"), &json!({})).await.refused(403, "forbidden");
    let no = app.post(staff, &format!("/bookings/{first}/reject"), &json!({ "reason": "exams" })).await.expect(200);
    assert_eq!((no.text("/status"), no.text("/reason")), ("rejected".into(), "exams".into()));
    let second = library.request().await["id"].as_str().unwrap().to_owned();
    app.go_to(app.at(2, "09:00").await + TimeDelta::seconds(1)).await;
    app.step(staff, &second, "approve").await.refused(410, "hold_expired");
    app.drain().await;
    assert_eq!(app.booking(student, &second).await["status"], "expired");
    assert_eq!(app.count("select count(*) from claims where active").await, 0);
    assert_eq!(app.notices(student, "reservation_rejected").await, 1);
    assert_eq!(app.notices(student, "reservation_expired").await, 1);
    library.app.finish().await;
}

#[tokio::test]
async fn a_draft_takes_nothing_until_it_is_submitted() {
    let library = library().await;
    let Library { app, student, cameras, .. } = &library;
    let other = app.rider().await;
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "17:00").await);
    let draft = json!({ "items": [{ "unit_id": cameras.units[0] }, { "resource_id": cameras.id, "quantity": 1 }],
                        "start_at": start_at, "end_at": end_at, "draft": true });
    let id = app.ask_booking(student, &draft).await.expect(201).text("/id");
    assert_eq!(app.booking(student, &id).await["status"], "draft");
    assert_eq!(app.count("select count(*) from claims").await, 0);
    let take = json!({ "unit_id": cameras.units[0], "start_at": start_at, "end_at": end_at });
    let rival = app.ask_booking(&other, &take).await.expect(201).text("/id");
    app.step(&other, &id, "submit").await.refused(404, "not_found");
    app.step(student, &id, "submit").await.refused(409, "booking_conflict");
    assert_eq!(app.booking(student, &id).await["status"], "draft", "nothing changed");
    app.step(&other, &rival, "cancel").await.expect(200);
    let handed_in = app.step(student, &id, "submit").await.expect(200);
    assert_eq!((handed_in.text("/status"), handed_in.int("/quantity")), ("pending".into(), 2));
    app.step(student, &id, "submit").await.refused(409, "state_conflict");
    library.app.finish().await;
}

#[tokio::test]
async fn things_under_different_rules_are_booked_apart() {
    let library = library().await;
    let Library { app, student, cameras, .. } = &library;
    let room = app.thing("room", "Baobab", &["Baobab"], json!({})).await;
    let (start_at, end_at) = (app.at(2, "09:00").await, app.at(2, "17:00").await);
    let both = json!({ "items": [{ "resource_id": room.id }, { "resource_id": cameras.id }], "start_at": start_at,
                       "end_at": end_at });
    app.refused_for_nothing(student, &both, 400, "validation_error").await;
    library.app.finish().await;
}
