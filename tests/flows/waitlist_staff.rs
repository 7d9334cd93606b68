//! H5, H7, H10, SN16, FT-22: staff arbitrate, in the open.

use harness::TestApp;
use serde_json::json;

#[tokio::test]
async fn staff_pass_others_only_with_a_reason_and_it_is_audited() {
    let app = TestApp::start().await;
    let (bays, _) = app.full(1, "score").await;
    let (first, second) = (app.rider().await, app.rider().await);
    let staff = app.person("Aya", &["staff"]).await;
    let (a, b) = (app.wait(&first, &bays).await, app.wait(&second, &bays).await);
    app.answer(&first, &a, "offer", &json!({})).await.refused(403, "forbidden");
    app.answer(&staff, &b, "offer", &json!({ "reason": "x" })).await.refused(409, "booking_conflict");
    app.say("update claims set active = false; update bookings set status = 'cancelled' where status = 'confirmed'")
        .await;
    let refused = app.answer(&staff, &b, "offer", &json!({})).await.refused(400, "validation_error");
    assert_eq!(refused.details()["field"], "reason");
    app.answer(&staff, &b, "offer", &json!({ "reason": "  " })).await.refused(400, "validation_error");
    let offered = app.answer(&staff, &b, "offer", &json!({ "reason": "Exam on Friday" })).await.expect(200);
    assert_eq!((offered.text("/offer/status"), offered.data("/offer/by_hand")), ("open".into(), json!(true)));
    let audited = "select count(*) from audit_events where entity_type = 'offer' and action = 'CREATE'
                   and actor_type = 'admin' and after ->> 'reason' = 'Exam on Friday'";
    assert_eq!(app.count(audited).await, 1);
    app.answer(&staff, &b, "offer", &json!({})).await.refused(409, "state_conflict");
    let decisions = app.get(&staff, &format!("/waitlist/{a}/decisions")).await.expect(200);
    assert_eq!(
        (decisions.text("/0/reason"), decisions.text("/0/decided_by")),
        ("Exam on Friday".into(), staff.id.to_string())
    );
    assert_eq!(decisions.data("/0/replayed"), json!(true));

    app.answer(&staff, &a, "expire", &json!({})).await.refused(409, "state_conflict");
    app.answer(&first, &b, "expire", &json!({})).await.refused(403, "forbidden");
    app.answer(&staff, &b, "expire", &json!({})).await.expect(200);
    app.drain().await;
    assert_eq!(app.entry(&first, &a).await["status"], "offered");
    app.finish().await;
}

#[tokio::test]
async fn a_refusal_says_why_and_frees_what_was_offered() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "score").await;
    let (first, second) = (app.rider().await, app.rider().await);
    let staff = app.person("Aya", &["staff"]).await;
    let (a, b) = (app.wait(&first, &bays).await, app.wait(&second, &bays).await);
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    app.answer(&staff, &a, "refuse", &json!({})).await.refused(400, "validation_error");
    app.answer(&staff, &a, "refuse", &json!({ "reason": " " })).await.refused(400, "validation_error");
    app.answer(&staff, &a, "refuse", &json!({ "reason": "r".repeat(1_001) })).await.refused(400, "validation_error");
    app.answer(&staff, &a, "refuse", &json!({ "reason": "Kept for the exam week" })).await.expect(200);
    app.drain().await;
    let gone = app.entry(&first, &a).await;
    assert_eq!((&gone["status"], &gone["booking_status"]), (&json!("declined"), &json!("rejected")));
    assert_eq!((&gone["reason"], &gone["offer"]["status"]), (&json!("Kept for the exam week"), &json!("withdrawn")));
    assert_eq!(app.notices(&first, "waitlist_refused").await, 1);
    assert_eq!(app.entry(&second, &b).await["status"], "offered");
    let decisions = app.get(&staff, &format!("/waitlist/{a}/decisions")).await.expect(200);
    assert_eq!((decisions.text("/0/kind"), decisions.data("/0/replayed")), ("refused".into(), json!(true)));
    app.finish().await;
}

#[tokio::test]
async fn something_else_is_booked_at_once_or_gone() {
    let app = TestApp::start().await;
    let (bays, _) = app.full(1, "score").await;
    let (who, rival) = (app.rider().await, app.rider().await);
    let staff = app.person("Aya", &["staff"]).await;
    let entry = app.wait(&who, &bays).await;
    let other = app.bays(1, "none").await;
    let mut proposal = other.wish();
    app.answer(&staff, &entry, "propose", &proposal).await.refused(400, "validation_error");
    proposal["reason"] = json!("The park across the street");
    app.answer(&who, &entry, "propose", &proposal).await.refused(403, "forbidden");
    let proposed = app.answer(&staff, &entry, "propose", &proposal).await.expect(200);
    let which = json!({ "alternative_id": proposed.text("/alternatives/0/id") });
    assert_eq!(app.count("select count(*) from claims where active").await, 1, "it holds nothing");
    app.drain().await;
    assert_eq!(app.notices(&who, "alternative_proposed").await, 1);

    let taken = app.occupy(&other, &rival).await;
    app.answer(&rival, &entry, "accept", &which).await.refused(404, "not_found");
    app.answer(&who, &entry, "accept", &which).await.refused(409, "booking_conflict");
    let waits = app.entry(&who, &entry).await;
    assert_eq!((&waits["status"], &waits["alternatives"][0]["status"]), (&json!("waiting"), &json!("open")));
    app.give_back(&other, &taken).await;
    let booked = app.answer(&who, &entry, "accept", &which).await.expect(200);
    assert_eq!((booked.text("/status"), booked.text("/booking_status")), ("accepted".into(), "confirmed".into()));
    let booking = app.booking(&who, &booked.text("/booking_id")).await;
    assert_eq!(booking["status"], "confirmed");
    app.answer(&who, &entry, "accept", &which).await.refused(409, "state_conflict");
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn declining_something_else_leaves_the_wish_in_line() {
    let app = TestApp::start().await;
    let (bays, _) = app.full(1, "score").await;
    let (who, staff) = (app.rider().await, app.person("Aya", &["staff"]).await);
    let entry = app.wait(&who, &bays).await;
    let mut proposal = bays.later(4).wish();
    proposal["reason"] = json!("Four hours later");
    let proposed = app.answer(&staff, &entry, "propose", &proposal).await.expect(200);
    let which = json!({ "alternative_id": proposed.text("/alternatives/0/id") });
    app.answer(&who, &entry, "decline", &which).await.expect(200);
    app.answer(&who, &entry, "accept", &which).await.refused(409, "state_conflict");
    let waits = app.entry(&who, &entry).await;
    assert_eq!((&waits["status"], &waits["alternatives"][0]["status"]), (&json!("waiting"), &json!("declined")));
    for _ in 0..5 {
        app.answer(&staff, &entry, "propose", &proposal).await.expect(200);
    }
    app.answer(&staff, &entry, "propose", &proposal).await.refused(422, "policy_violation");
    app.leave(&who, &entry).await.expect(200);
    assert_eq!(app.count("select count(*) from alternatives where status = 'withdrawn'").await, 5);
    app.finish().await;
}
