//! What holds each unit, now or at another time (E17, F7), without saying who.

use chrono::TimeDelta;
use harness::{Person, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn states(app: &TestApp, by: &Person, path: &str) -> BTreeMap<String, String> {
    let listed = app.get(by, path).await.expect(200).data("");
    let text = |unit: &Value, field: &str| unit[field].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(|unit| (text(unit, "label"), text(unit, "state"))).collect()
}

#[tokio::test]
async fn each_bay_says_what_holds_it() {
    let app = TestApp::start().await;
    let (keeper, awa) = (app.keeper().await, app.rider().await);
    let labels = ["free", "held", "lapsed", "booked", "in_use", "later", "maintenance", "retired"];
    let park = app.car_park(&keeper, "Parking Nord", &labels).await;
    let path = format!("/resources/{park}/units?status_at=now");
    for (label, status, from, to) in [
        ("held", "pending", 3, 6),
        ("booked", "confirmed", -1, 2),
        ("in_use", "in_use", -1, 2),
        ("later", "confirmed", 4, 6),
    ] {
        app.booked(&awa, &app.unit(&keeper, &park, label).await, status, from, to).await;
    }
    app.booked(&awa, &app.unit(&keeper, &park, "lapsed").await, "approved", 3, 6).await;
    sqlx::raw_sql(
        "update claims set during = tstzrange(app_now() - interval '1 hour', upper(during)) where source_id in
             (select id from bookings where status in ('pending', 'approved'));
         update bookings set start_at = app_now() - interval '1 hour' where status in ('pending', 'approved');
         update bookings set hold_expires_at = app_now() where status = 'approved'",
    )
    .execute(&app.owner)
    .await
    .unwrap();
    for label in ["maintenance", "retired"] {
        let unit = app.unit(&keeper, &park, label).await;
        app.patch(&keeper, &format!("/units/{unit}"), &json!({ "status": label })).await.expect(200);
    }
    let seen = states(&app, &awa, &path).await;
    for label in ["free", "held", "booked", "in_use", "maintenance", "retired"] {
        assert_eq!(seen[label], label);
    }
    assert_eq!((seen["lapsed"].as_str(), seen["later"].as_str()), ("free", "free"), "deadlines hold for readers too");
    let free = states(&app, &awa, &format!("{path}&state=free")).await;
    assert_eq!(free.keys().collect::<Vec<_>>(), ["free", "lapsed", "later"]);
    let several = app.get(&awa, &format!("{path}&state=in:held,booked&page_size=1")).await.expect(200);
    assert_eq!(several.body["meta"]["pagination"]["total"], 2);

    let then = (app.now().await + TimeDelta::hours(5)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let at_five = states(&app, &awa, &format!("/units?kind=parking&status_at={then}")).await;
    assert_eq!((at_five["later"].as_str(), at_five["booked"].as_str()), ("booked", "free"));
    // a whole car park out of service is out of service bay by bay
    app.patch(&keeper, &format!("/resources/{park}"), &json!({ "status": "maintenance" })).await.expect(200);
    assert!(states(&app, &awa, &path).await.values().all(|state| state == "maintenance"));
    sqlx::raw_sql("delete from claims; delete from booking_items; delete from bookings")
        .execute(&app.owner)
        .await
        .unwrap();
    app.finish().await;
}

#[tokio::test]
async fn what_is_lent_is_in_use_until_it_is_back_however_late() {
    let app = TestApp::start().await;
    let (keeper, awa) = (app.keeper().await, app.rider().await);
    let camera = app.resource(&keeper, &json!({ "kind": "equipment", "name": "Sony FX6", "features": ["4k"] })).await;
    let unit = app.unit(&keeper, &camera, "1").await;
    app.booked(&awa, &unit, "in_use", -2, 2).await;
    let path = "/units?kind=equipment&features=4k&status_at=now";
    assert_eq!(states(&app, &awa, path).await["1"], "in_use");
    app.advance(TimeDelta::hours(3)).await;
    assert_eq!(states(&app, &awa, path).await["1"], "in_use");
    // tomorrow it is promised to nobody
    let tomorrow = (app.now().await + TimeDelta::hours(24)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert_eq!(states(&app, &awa, &format!("/units?status_at={tomorrow}")).await["1"], "free");
    app.finish().await;
}

#[tokio::test]
async fn a_state_needs_a_time_and_a_time_must_be_one() {
    let app = TestApp::start().await;
    let (keeper, awa) = (app.keeper().await, app.rider().await);
    let park = app.car_park(&keeper, "Parking Nord", &["1"]).await;
    for (wish, field) in [
        ("state=free", "state"),
        ("status_at=now&state=mine", "state"),
        ("status_at=tomorrow", "status_at"),
        ("status_at=9999-12-31T23:59:59Z", "status_at"),
        ("status_at=-262143-01-01T00:00:00Z", "status_at"),
        ("status=broken", "status"),
        ("include_deleted=perhaps", "include_deleted"),
        ("site_id=here", "site_id"),
        ("page=1&offset=0", "page"),
    ] {
        let refused = app.get(&awa, &format!("/units?{wish}")).await.refused(400, "validation_error");
        assert_eq!(refused.details()["field"], field, "{wish}");
    }
    // inside one resource there is no site to choose
    app.get(&awa, &format!("/resources/{park}/units?kind=parking")).await.refused(400, "validation_error");
    app.finish().await;
}
