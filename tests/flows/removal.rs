//! Nothing that somebody has, will have or waits for is taken away unnoticed (E16, CX24): the bookings in the way are
//! listed, or cancelled and told when that is asked for; and what was removed comes back.

use chrono::TimeDelta;
use harness::TestApp;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn bookings_in_the_way_are_listed_and_nothing_changes() {
    let app = TestApp::start().await;
    let (keeper, awa) = (app.keeper().await, app.rider().await);
    let park = app.car_park(&keeper, "Parking Nord", &["1", "2"]).await;
    let (first, second) = (app.unit(&keeper, &park, "1").await, app.unit(&keeper, &park, "2").await);
    let later = app.booked(&awa, &first, "confirmed", 30, 34).await;
    let sooner = app.booked(&awa, &second, "pending", 2, 6).await;
    // these stand in nobody's way: over, given up, never handed in
    app.booked(&awa, &first, "confirmed", -8, -4).await;
    app.booked(&awa, &first, "cancelled", 2, 4).await;
    app.booked(&awa, &first, "draft", 2, 4).await;
    let before = app.picture().await;
    let refused = app.delete(&keeper, &format!("/resources/{park}")).await.refused(409, "bookings_in_the_way");
    assert_eq!(refused.details()["total"], 2);
    let told: Vec<&str> =
        refused.details()["bookings"].as_array().unwrap().iter().map(|b| b["id"].as_str().unwrap()).collect();
    assert_eq!(told, [sooner.as_str(), later.as_str()]);
    assert_eq!(refused.details()["bookings"][0]["status"], "pending");
    let refused = app.delete(&keeper, &format!("/units/{first}")).await.refused(409, "bookings_in_the_way");
    assert_eq!((&refused.details()["total"], &refused.details()["bookings"][0]["id"]), (&json!(1), &json!(later)));
    for wrong in ["force=yes", "force=cancel&force=cancel", "soft=true"] {
        app.delete(&keeper, &format!("/resources/{park}?{wrong}")).await.refused(400, "validation_error");
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn whoever_is_in_the_way_is_cancelled_when_asked_for_and_hears_of_it() {
    let app = TestApp::start().await;
    let (keeper, awa, ali) = (app.keeper().await, app.rider().await, app.rider().await);
    let park = app.car_park(&keeper, "Parking Nord", &["1", "2", "3"]).await;
    let (first, second) = (app.unit(&keeper, &park, "1").await, app.unit(&keeper, &park, "2").await);
    let mine = app.booked(&awa, &first, "confirmed", 2, 6).await;
    let theirs = app.booked(&ali, &second, "approved", 2, 6).await;
    let gone = app.delete(&keeper, &format!("/units/{first}?force=cancel")).await.expect(200);
    assert!(gone.data("/deleted_at").is_string());
    assert_eq!((app.notices(&awa, "booking_withdrawn").await, app.notices(&ali, "booking_withdrawn").await), (1, 0));
    app.delete(&keeper, &format!("/resources/{park}?force=cancel")).await.expect(200);
    let statuses = "select count(*) from bookings where status = 'cancelled' and reason_code = 'resource_removed'
                    and cancelled_at is not null and hold_expires_at is null";
    assert_eq!(app.count(statuses).await, 2);
    assert_eq!(app.count("select count(*) from claims where active").await, 0);
    app.drain().await;
    let told = app.texts_to(&awa.phone);
    assert!(told.last().unwrap().text.contains("Parking Nord, 1"), "{told:?}");
    assert_eq!(app.notices(&ali, "booking_withdrawn").await, 1);
    // each of them is an event of its own, and the removal says whom it cost
    let meta: serde_json::Value =
        sqlx::query_scalar("select meta from audit_events where entity_type = 'resource' and action = 'SOFT_DELETE'")
            .fetch_one(&app.owner)
            .await
            .unwrap();
    assert_eq!(meta["cancelled_bookings"], json!([theirs]));
    let events = "select count(*) from audit_events where entity_type = 'booking' and action = 'STATUS_CHANGE'";
    assert_eq!(app.count(events).await, 2);
    assert_ne!(mine, theirs);
    app.finish().await;
}

#[tokio::test]
async fn what_is_in_use_must_come_back_first() {
    let app = TestApp::start().await;
    let (keeper, awa) = (app.keeper().await, app.rider().await);
    let camera = app.resource(&keeper, &json!({ "kind": "equipment", "name": "Sony FX6", "unit_count": 2 })).await;
    let (out, kept) = (app.unit(&keeper, &camera, "1").await, app.unit(&keeper, &camera, "2").await);
    let lent = app.booked(&awa, &out, "in_use", -2, 2).await;
    app.booked(&awa, &kept, "confirmed", 4, 6).await;
    let before = app.picture().await;
    for path in [format!("/resources/{camera}?force=cancel"), format!("/units/{out}?force=cancel")] {
        let refused = app.delete(&keeper, &path).await.refused(409, "bookings_in_the_way");
        assert_eq!((&refused.details()["total"], &refused.details()["bookings"][0]["id"]), (&json!(1), &json!(lent)));
    }
    // late is not back
    app.advance(TimeDelta::hours(48)).await;
    app.delete(&keeper, &format!("/units/{out}")).await.refused(409, "bookings_in_the_way");
    assert_eq!(app.picture().await, before);
    app.delete(&keeper, &format!("/units/{kept}")).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn what_was_removed_comes_back_with_its_units() {
    let app = TestApp::start().await;
    let (keeper, member) = (app.keeper().await, app.rider().await);
    let units = json!([{ "label": "1", "barcode": "CAM-1" }, { "label": "2" }, { "label": "3" }]);
    let camera = json!({ "kind": "equipment", "name": "Sony FX6", "units": units });
    let id = app.resource(&keeper, &camera).await;
    let (path, third) = (format!("/resources/{id}"), app.unit(&keeper, &id, "3").await);
    app.post(&keeper, &format!("{path}/restore"), &json!({})).await.refused(409, "state_conflict");
    app.post(&keeper, &format!("/units/{third}/restore"), &json!({})).await.refused(409, "state_conflict");
    app.delete(&keeper, &format!("/units/{third}")).await.expect(200);
    let first = app.unit(&keeper, &id, "1").await;
    app.delete(&keeper, &path).await.expect(200);
    for (method, gone) in [
        (Method::GET, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::GET, format!("{path}/units")),
        (Method::GET, format!("/units/{first}")),
        (Method::DELETE, format!("/units/{first}")),
        (Method::POST, format!("/units/{first}/restore")),
    ] {
        app.ask(method, &gone).by(&keeper).send().await.refused(404, "not_found");
    }
    let patch = app.ask(Method::PATCH, &path).by(&keeper).header("if-match", "\"2\"").json(&json!({ "name": "Gone" }));
    patch.send().await.refused(404, "not_found");
    assert_eq!(app.get(&member, "/resources").await.expect(200).data(""), json!([]));
    assert_eq!(app.get(&keeper, "/resources?include_deleted=true").await.expect(200).text("/0/id"), id);

    app.post(&member, &format!("{path}/restore"), &json!({})).await.refused(403, "forbidden");
    let back = app.post(&keeper, &format!("{path}/restore"), &json!({})).await.expect(200);
    assert_eq!((back.int("/unit_count"), back.data("/deleted_at")), (2, json!(null)));
    assert_eq!(app.get(&member, &format!("/units/{first}")).await.expect(200).text("/barcode"), "CAM-1");
    let third = app.post(&keeper, &format!("/units/{third}/restore"), &json!({})).await.expect(200);
    assert_eq!(third.text("/label"), "3");
    app.finish().await;
}

#[tokio::test]
async fn what_was_given_to_another_meanwhile_is_not_taken_back() {
    let app = TestApp::start().await;
    let keeper = app.keeper().await;
    let camera =
        |name: &str| json!({ "kind": "equipment", "name": name, "units": [{ "label": "1", "barcode": "CAM-1" }] });
    let id = app.resource(&keeper, &camera("Sony FX6")).await;
    app.delete(&keeper, &format!("/resources/{id}")).await.expect(200);
    let other = app.resource(&keeper, &camera("Sony FX3")).await;
    let before = app.picture().await;
    app.post(&keeper, &format!("/resources/{id}/restore"), &json!({})).await.refused(409, "conflict");
    assert_eq!(app.picture().await, before);
    app.delete(&keeper, &format!("/resources/{other}")).await.expect(200);
    app.post(&keeper, &format!("/resources/{id}/restore"), &json!({})).await.expect(200);

    let site = app.post(&keeper, "/sites", &json!({ "name": "Campus" })).await.expect(201).text("/id");
    let room = app.resource(&keeper, &json!({ "kind": "room", "name": "Salle 1", "site_id": site })).await;
    app.delete(&keeper, &format!("/sites/{site}")).await.refused(409, "conflict");
    app.delete(&keeper, &format!("/resources/{room}")).await.expect(200);
    app.delete(&keeper, &format!("/sites/{site}")).await.expect(200);
    app.post(&keeper, &format!("/resources/{room}/restore"), &json!({})).await.refused(409, "conflict");
    app.post(&keeper, &format!("/sites/{site}/restore"), &json!({})).await.expect(200);
    app.post(&keeper, &format!("/sites/{site}/restore"), &json!({})).await.refused(409, "state_conflict");
    app.post(&keeper, &format!("/resources/{room}/restore"), &json!({})).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn an_offer_of_a_unit_that_goes_is_withdrawn_and_its_entry_waits_on() {
    let app = TestApp::start().await;
    let (keeper, awa) = (app.keeper().await, app.rider().await);
    let park = app.car_park(&keeper, "Parking Nord", &["1", "2"]).await;
    let (wished, unit) = (app.unit(&keeper, &park, "2").await, app.unit(&keeper, &park, "1").await);
    // waits for any bay: its wish names none
    let booking = app.booked(&awa, &wished, "waitlisted", 2, 6).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "update booking_items set unit_id = null, unit_label = null where booking_id = '{booking}';
         insert into queue_entries (org_id, id, booking_id, resource_id, user_id, quantity, during, discipline, seq, status,
                                    useful_until)
         select org_id, gen_random_uuid(), id, resource_id, beneficiary_user_id, 1, tstzrange(start_at, end_at), 'score', 1,
                'offered', end_at from bookings where id = '{booking}';
         insert into offers (org_id, id, queue_entry_id, unit_ids, during, expires_at, ranking)
         select org_id, gen_random_uuid(), id, array['{unit}'::uuid], during, app_now() + interval '10 minutes', '[]'
         from queue_entries;
         insert into claims (org_id, id, unit_id, during, source, source_id)
         select org_id, gen_random_uuid(), unit_ids[1], during, 'offer', id from offers"
    )))
    .execute(&app.owner)
    .await
    .unwrap();
    app.assert_promises().await;
    app.delete(&keeper, &format!("/units/{unit}")).await.expect(200);
    app.assert_promises().await;
    assert_eq!(
        app.count("select count(*) from offers where status = 'withdrawn' and answered_at is not null").await,
        1
    );
    assert_eq!(app.count("select count(*) from queue_entries where status = 'waiting'").await, 1);
    // the whole car park goes: whoever waited for it waits no more
    let refused = app.delete(&keeper, &format!("/resources/{park}")).await.refused(409, "bookings_in_the_way");
    assert_eq!(refused.details()["bookings"][0]["status"], "waitlisted");
    app.delete(&keeper, &format!("/resources/{park}?force=cancel")).await.expect(200);
    assert_eq!(
        app.count("select count(*) from queue_entries where status = 'cancelled' and ended_at is not null").await,
        1
    );
    assert_eq!(app.notices(&awa, "booking_withdrawn").await, 1);
    app.finish().await;
}
