//! How much is used, by site and by department (Z10, Z11).

use harness::TestApp;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn use_is_counted_by_site_and_by_department() {
    let app = TestApp::start().await;
    let (keeper, awa, koffi) = (app.keeper().await, app.rider().await, app.rider().await);
    let site = app.post(&keeper, "/sites", &json!({ "name": "Plateau" })).await.expect(201).text("/id");
    let department = json!({ "name": "=Research", "site_id": site });
    let department = app.post(&keeper, "/departments", &department).await.expect(201).text("/id");
    let place = json!({ "department_id": department });
    app.ask(Method::PATCH, &format!("/users/{}", awa.id)).by(&keeper).json(&place).send().await.expect(200);
    let room = json!({ "kind": "room", "name": "Salle A", "site_id": site });
    let room = app.resource(&keeper, &room).await;
    let elsewhere = app.resource(&keeper, &json!({ "kind": "room", "name": "Salle B" })).await;
    let book = async |by, room: &str, from, to| {
        let body = json!({ "resource_id": room, "start_at": app.at(2, from).await, "end_at": app.at(2, to).await });
        app.ask_booking(by, &body).await.expect(201).text("/id")
    };
    book(&awa, &room, "09:00", "10:30").await;
    book(&koffi, &room, "11:00", "12:00").await;
    book(&koffi, &elsewhere, "09:00", "09:30").await;
    let gone = book(&awa, &room, "14:00", "15:00").await;
    app.step(&awa, &gone, "cancel").await.expect(200);

    let day = app.at(2, "00:00").await.date_naive();
    let report =
        async |by: &str| app.get(&keeper, &format!("/reports/usage?by={by}&from={day}&to={day}")).await.expect(200);
    let by_site = report("site").await;
    assert_eq!((by_site.text("/0/name"), by_site.int("/0/minutes")), ("Plateau".into(), 150));
    assert_eq!((by_site.int("/0/bookings"), by_site.int("/0/cancelled"), by_site.int("/0/people")), (2, 1, 2));
    assert_eq!((by_site.data("/1/id"), by_site.int("/1/minutes")), (json!(null), 30));
    let by_department = report("department").await;
    assert_eq!((by_department.text("/0/id"), by_department.int("/0/minutes")), (department.clone(), 90));
    assert_eq!(report("kind").await.int("/0/minutes"), 180);
    assert_eq!(report("resource").await.text("/0/id"), room);
    let table = app.get(&keeper, &format!("/reports/usage.csv?by=department&from={day}&to={day}")).await.expect(200);
    assert!(table.header("content-type").unwrap().starts_with("text/csv"));
    let lines: Vec<String> = table.body.as_str().unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "id,name,bookings,cancelled,no_shows,minutes,people,amount,currency");
    assert!(lines.contains(&format!("{department},\"'=Research\",1,1,0,90,1,0,XOF")), "{lines:?}");

    app.get(&awa, &format!("/reports/usage?from={day}&to={day}")).await.refused(403, "forbidden");
    for wrong in [
        "",
        "?from=2026-01-01",
        "?from=2026-01-02&to=2026-01-01",
        "?from=2020-01-01&to=2026-01-01",
        "?from=2026-01-01&to=2026-01-02&by=moon",
    ] {
        app.get(&keeper, &format!("/reports/usage{wrong}")).await.refused(400, "validation_error");
    }
    app.finish().await;
}
