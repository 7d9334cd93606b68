//! Lists of bookings by the one grammar (G30–G32, G53, CX2–CX4, CX11).

use harness::{Person, TestApp};
use serde_json::{Value, json};

async fn ids(app: &TestApp, by: &Person, query: &str) -> Vec<String> {
    let listed = app.get(by, &format!("/bookings{query}")).await.expect(200);
    let rows: Vec<Value> = listed.data("").as_array().unwrap().clone();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_list_is_filtered_sorted_and_paged_as_asked() {
    let app = TestApp::start().await;
    let park = app.thing("parking", "Plateau", &["B-1"], json!({})).await;
    let room = app.thing("room", "Baobab", &["Baobab"], json!({})).await;
    let (awa, desk) = (app.rider().await, app.person("Desk", &["staff"]).await);
    let late = app.reserve(&awa, &park, "15:00", "16:00").await;
    let early = app.reserve(&awa, &park, "09:00", "10:00").await;
    let meeting = app.reserve(&awa, &room, "11:00", "12:00").await;
    let theirs = app.reserve(&desk, &room, "13:00", "14:00").await;
    app.step(&awa, &late, "cancel").await.expect(200);
    assert_eq!(ids(&app, &awa, "?sort=start_at").await, [early.clone(), meeting.clone(), late.clone()]);
    assert_eq!(
        ids(&app, &awa, "?sort_by=start_at&sort_order=desc").await,
        [late.clone(), meeting.clone(), early.clone()]
    );
    assert_eq!(ids(&app, &awa, "?beneficiary=me&sort=-created_at").await[0], meeting);
    assert_eq!(ids(&app, &awa, "?status=in:cancelled,no-show").await, std::slice::from_ref(&late));
    assert_eq!(ids(&app, &awa, "?kind=parking&status=confirmed").await, std::slice::from_ref(&early));
    let in_room = format!("?resource_id={}&role=all&sort=start_at", room.id);
    assert_eq!(ids(&app, &desk, &in_room).await, [meeting.clone(), theirs.clone()]);
    let noon = app.at(2, "12:00").await.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    assert_eq!(ids(&app, &awa, &format!("?start_at_gte={noon}")).await, std::slice::from_ref(&late));
    assert_eq!(ids(&app, &awa, &format!("?start_at_lte={noon}&sort=start_at")).await, [early.clone(), meeting.clone()]);
    assert_eq!(ids(&app, &desk, &format!("?beneficiary={}&sort=start_at&page_size=1&page=2", awa.id)).await, [meeting]);
    assert_eq!(ids(&app, &awa, "?page=9").await, Vec::<String>::new());
    for (query, status, code) in [
        (format!("?beneficiary={}", desk.id), 403, "forbidden"),
        ("?role=all".into(), 403, "forbidden"),
        ("?role=king".into(), 400, "validation_error"),
        ("?sort=price".into(), 400, "validation_error"),
        ("?sort=start_at,end_at,created_at".into(), 400, "validation_error"),
        ("?status=lost".into(), 400, "validation_error"),
        ("?kind=boat".into(), 400, "validation_error"),
        ("?page=1&offset=0".into(), 400, "validation_error"),
        ("?start_at_gte=soon".into(), 400, "validation_error"),
        ("?resource_id=7".into(), 400, "validation_error"),
        ("?created_at_gte=2026-01-01T00:00:00Z&created_from=2026-01-01T00:00:00Z".into(), 400, "validation_error"),
        ("?colour=red".into(), 400, "validation_error"),
    ] {
        app.get(&awa, &format!("/bookings{query}")).await.refused(status, code);
    }
    app.finish().await;
}
