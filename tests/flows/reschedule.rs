//! SN13: a booking moves in one step, and whatever refuses leaves the old time as it was.

use harness::TestApp;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_old_time_is_never_lost() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1"], json!({})).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let mine = app.reserve(&awa, &park, "09:00", "10:00").await;
    app.reserve(&koffi, &park, "11:00", "12:00").await;
    let before = app.booking(&awa, &mine).await;
    let taken = json!({ "start_at": app.at(2, "10:30").await, "end_at": app.at(2, "11:30").await });
    let picture = app.picture().await;
    let refused = app.change(&awa, &mine, &taken).await.refused(409, "booking_conflict");
    assert_eq!(refused.details()["available"], 0);
    for (patch, status, code) in [
        (json!({ "end_at": app.at(2, "09:00").await }), 422, "policy_violation"),
        (json!({ "start_at": app.at(2, "09:07").await }), 422, "policy_violation"),
        (json!({ "quantity": 2 }), 409, "booking_conflict"),
        (json!({ "quantity": 0 }), 400, "validation_error"),
        (json!({ "start_at": "soon" }), 400, "validation_error"),
        (json!({ "period": "day", "end_at": app.at(2, "12:00").await }), 400, "validation_error"),
        (json!({ "colour": "red" }), 400, "validation_error"),
    ] {
        app.change(&awa, &mine, &patch).await.refused(status, code);
    }
    assert_eq!(app.picture().await, picture);
    assert_eq!(app.booking(&awa, &mine).await, before);
    let free = json!({ "start_at": app.at(2, "09:30").await, "end_at": app.at(2, "11:00").await, "note": "later" });
    let moved = app.change(&awa, &mine, &free).await.expect(200);
    assert_eq!((moved.data("/start_at"), moved.text("/note")), (free["start_at"].clone(), "later".into()));
    assert_eq!(moved.data("/items/0/unit_id"), before["items"][0]["unit_id"], "the same bay, where it is free");
    assert_eq!(app.notices(&awa, "reservation_moved").await, 1);
    app.reserve(&koffi, &park, "08:30", "09:30").await;
    app.finish().await;
}

#[tokio::test]
async fn a_change_names_the_version_it_saw() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1"], json!({})).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let id = app.reserve(&awa, &park, "09:00", "10:00").await;
    let path = format!("/bookings/{id}");
    let ask = |method: Method| app.ask(method, &path).by(&awa).json(&json!({ "note": "hello" }));
    ask(Method::PATCH).send().await.refused(428, "precondition_required");
    ask(Method::PATCH).header("if-match", "\"7\"").send().await.refused(412, "version_mismatch");
    let changed = ask(Method::PUT).header("if-match", "\"1\"").send().await.expect(200);
    assert_eq!((changed.header("etag"), changed.text("/note")), (Some("\"2\""), "hello".into()));
    ask(Method::PATCH).header("if-match", "\"1\"").send().await.refused(412, "version_mismatch");
    let stranger = app.ask(Method::PATCH, &path).by(&koffi).header("if-match", "\"2\"").json(&json!({ "note": "x" }));
    stranger.send().await.refused(404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn a_half_day_stays_one_and_a_bay_can_be_swapped_for_another() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1", "B-2"], json!({})).await;
    let other = app.thing("parking", "Cocody", &["X-1"], json!({})).await;
    let awa = app.rider().await;
    let date = app.at(3, "00:00").await.date_naive();
    let body = json!({ "unit_id": park.units[0], "date": date, "period": "morning" });
    let id = app.ask_booking(&awa, &body).await.expect(201).text("/id");
    let later = app.change(&awa, &id, &json!({ "period": "afternoon" })).await.expect(200);
    assert_eq!(
        (later.text("/period"), later.text("/local/start_at")),
        ("afternoon".into(), format!("{date}T13:00:00"))
    );
    let swapped = app.change(&awa, &id, &json!({ "unit_id": park.units[1] })).await.expect(200);
    assert_eq!((swapped.text("/items/0/unit_label"), swapped.text("/period")), ("B-2".into(), "afternoon".into()));
    app.change(&awa, &id, &json!({ "unit_id": other.units[0] })).await.refused(400, "validation_error");
    app.change(&awa, &id, &json!({ "quantity": 2 })).await.refused(400, "validation_error");
    app.finish().await;
}

#[tokio::test]
async fn what_staff_agreed_to_is_moved_by_staff_and_a_loan_can_be_kept_longer() {
    let app = TestApp::start().await;
    let cameras = app.thing("equipment", "Camera", &["C-1", "C-2"], json!({ "approval": "staff" })).await;
    let (student, staff) = (app.person("Awa", &["student"]).await, app.person("Kone", &["staff"]).await);
    let id = app.reserve(&student, &cameras, "09:00", "11:00").await;
    let longer = json!({ "end_at": app.at(2, "12:00").await });
    assert_eq!(app.change(&student, &id, &longer).await.expect(200).text("/status"), "pending", "nobody agreed yet");
    app.step(&staff, &id, "approve").await.expect(200);
    let more = json!({ "end_at": app.at(2, "13:00").await });
    app.change(&student, &id, &more).await.refused(403, "forbidden");
    app.go_to(app.at(2, "09:00").await).await;
    app.step(&staff, &id, "hand-over").await.expect(200);
    let start = json!({ "start_at": app.at(0, "10:00").await });
    app.change(&staff, &id, &start).await.refused(409, "state_conflict");
    let kept = app.change(&staff, &id, &json!({ "end_at": app.at(0, "13:00").await })).await.expect(200);
    assert_eq!((kept.text("/status"), kept.data("/due_at")), ("in_use".into(), kept.data("/end_at")));
    assert!(kept.data("/items/0/handed_over_at").is_string(), "what was handed out is not forgotten");
    app.go_to(app.at(0, "12:30").await).await;
    app.drain().await;
    assert!(app.booking(&student, &id).await["overdue_at"].is_null(), "the old deadline says nothing any more");
    app.go_to(app.at(0, "13:01").await).await;
    app.drain().await;
    assert!(app.booking(&student, &id).await["overdue_at"].is_string());
    app.change(&student, &id, &json!({ "end_at": app.at(0, "15:00").await })).await.refused(409, "state_conflict");
    app.step(&staff, &id, "return").await.expect(200);
    app.change(&staff, &id, &json!({ "end_at": app.at(0, "16:00").await })).await.refused(409, "state_conflict");
    app.finish().await;
}

#[tokio::test]
async fn of_a_ride_only_the_note_changes() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(2, 1_000).await, app.rider().await);
    let id = app.book(&rider, &ride, 1).await;
    app.change(&rider, &id, &json!({ "end_at": app.at(3, "12:00").await })).await.refused(400, "validation_error");
    app.change(&rider, &id, &json!({ "quantity": 2 })).await.refused(400, "validation_error");
    assert_eq!(app.change(&rider, &id, &json!({ "note": "blue bag" })).await.expect(200).text("/note"), "blue bag");
    app.finish().await;
}
