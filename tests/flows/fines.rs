//! Fines are paid once, however often somebody tries, or waived by somebody who says why (SN7, J21).

use harness::{Person, TestApp, story::uuid};
use reqwest::Method;
use serde_json::{Value, json};

/// Somebody who did not come and owes 1 500 for it.
async fn fined() -> (TestApp, Person, String) {
    let app = TestApp::start().await;
    let rules = json!({ "release_after_minutes": 15, "no_show": { "fine": 1_500 } });
    let park = app.thing("parking", "Plateau", &["B-1"], rules).await;
    let awa = app.rider().await;
    app.reserve(&awa, &park, "09:00", "12:00").await;
    app.go_to(app.at(2, "09:16").await).await;
    app.drain().await;
    let fine = app.get(&awa, "/fines?status=due").await.expect(200).text("/0/id");
    (app, awa, fine)
}

async fn pay(app: &TestApp, by: &Person, path: &str, key: &str, body: Value) -> harness::Answer {
    app.ask(Method::POST, path).by(by).key(key).header("prefer", "wait=0").json(&body).send().await
}

#[tokio::test]
async fn a_fine_is_paid_once_whatever_is_pressed_twice() {
    let (app, awa, fine) = fined().await;
    let (koffi, path) = (app.rider().await, format!("/fines/{fine}/payments"));
    let wave = json!({ "method": "wave" });
    app.ask(Method::POST, &path).by(&awa).json(&wave).send().await.refused(400, "idempotency_key_required");
    pay(&app, &koffi, &path, "theirs", wave.clone()).await.refused(404, "not_found");
    let first = pay(&app, &awa, &path, "once", wave.clone()).await.expect(202);
    let payment = first.text("/subject/id");
    assert_eq!(pay(&app, &awa, &path, "once", wave.clone()).await.expect(202).text("/subject/id"), payment);
    let open = pay(&app, &awa, "/fines/payments", "twice", json!({ "fine_id": fine, "method": "wave" })).await;
    assert_eq!(open.refused(409, "payment_in_progress").details()["payment"], payment);
    app.drain().await;
    app.pay_checkout(&app.checkout_of(&payment)).await;
    let paid = app.get(&awa, &format!("/fines/{fine}")).await.expect(200);
    assert_eq!((paid.text("/status"), paid.int("/amount/amount")), ("paid".into(), 1_500));
    assert!(paid.data("/paid_at").is_string());
    assert_eq!((app.balance("fees").await, app.balance("provider").await), (-1_500, 1_500));
    assert_eq!(app.notices(&awa, "fine_paid").await, 1);
    let shown = app.payment(&awa, &payment).await;
    assert_eq!((&shown["purpose"], &shown["subject"]["type"]), (&json!("fine"), &json!("fine")));
    pay(&app, &awa, &path, "again", wave).await.refused(409, "already_paid");
    let staff = app.person("Kone", &["staff"]).await;
    app.post(&staff, &format!("/fines/{fine}/waive"), &json!({ "reason": "late" }))
        .await
        .refused(409, "state_conflict");
    app.finish().await;
}

#[tokio::test]
async fn a_fine_is_waived_with_a_reason_and_money_that_comes_later_goes_back() {
    let (app, awa, fine) = fined().await;
    let (staff, koffi) = (app.person("Kone", &["staff"]).await, app.rider().await);
    let (path, waive) = (format!("/fines/{fine}/payments"), format!("/fines/{fine}/waive"));
    let payment = pay(&app, &awa, &path, "once", json!({ "method": "wave" })).await.expect(202).text("/subject/id");
    app.drain().await;
    let checkout = app.checkout_of(&payment);
    app.post(&awa, &waive, &json!({ "reason": "please" })).await.refused(403, "forbidden");
    app.post(&staff, &waive, &json!({ "reason": "  " })).await.refused(400, "validation_error");
    app.get(&koffi, &format!("/fines/{fine}")).await.refused(404, "not_found");
    let waived = app.post(&staff, &waive, &json!({ "reason": "The road was closed" })).await.expect(200);
    assert_eq!(
        (waived.text("/status"), waived.text("/waived_reason")),
        ("waived".into(), "The road was closed".into())
    );
    app.post(&staff, &waive, &json!({ "reason": "again" })).await.refused(409, "state_conflict");
    app.pay_checkout(&checkout).await;
    assert_eq!((app.balance("fees").await, app.balance("provider").await), (0, 0), "it went back whole");
    assert_eq!(app.notices(&awa, "fine_money_returned").await, 1);
    pay(&app, &awa, &path, &uuid(), json!({ "method": "wave" })).await.refused(409, "nothing_due");
    app.finish().await;
}

#[tokio::test]
async fn people_see_their_own_fines_and_staff_see_all() {
    let (app, awa, fine) = fined().await;
    let (staff, koffi) = (app.person("Kone", &["staff"]).await, app.rider().await);
    assert_eq!(app.get(&koffi, "/fines").await.expect(200).data(""), json!([]));
    assert_eq!(app.get(&staff, "/fines").await.expect(200).text("/0/id"), fine);
    assert_eq!(app.get(&staff, "/fines?user=me").await.expect(200).data(""), json!([]));
    let hers = format!("/fines?user_id={}", awa.id);
    assert_eq!(app.get(&staff, &hers).await.expect(200).text("/0/id"), fine);
    app.get(&koffi, &hers).await.refused(403, "forbidden");
    app.get(&staff, "/fines?status=lost").await.refused(400, "validation_error");
    app.finish().await;
}
