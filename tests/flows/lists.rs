//! Lists: pages, filters and orders, strict about what they do not know (T4–T6, CX2–CX4).

use harness::{Answer, Person, TestApp};
use serde_json::{Value, json};

async fn three_bookings(app: &TestApp) -> Person {
    let (ride, rider) = (app.ride(3, 3_000).await, app.rider().await);
    for _ in 0..3 {
        app.book(&rider, &ride, 1).await;
    }
    rider
}

fn ids(answer: &Answer) -> Vec<String> {
    answer.data("").as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_page_says_where_it_stands_in_both_styles() {
    let app = TestApp::start().await;
    let rider = three_bookings(&app).await;
    let by_page = app.get(&rider, "/bookings?page=2&page_size=2").await.expect(200);
    let expected =
        json!({ "page": 2, "page_size": 2, "total": 3, "page_count": 2, "offset": 2, "limit": 2, "returned": 1 });
    assert_eq!(by_page.body["meta"]["pagination"], expected);
    let by_offset = app.get(&rider, "/bookings?offset=2&limit=2").await.expect(200);
    assert_eq!(by_page.body["data"], by_offset.body["data"]);
    assert_eq!(by_offset.body["meta"]["pagination"], expected);
    // the pages together are the list, nothing twice
    let whole = ids(&app.get(&rider, "/bookings").await.expect(200));
    let first = ids(&app.get(&rider, "/bookings?page_size=2").await.expect(200));
    assert_eq!([first, ids(&by_page)].concat(), whole);
    // and past the end there is nothing, without complaint
    let beyond = app.get(&rider, "/bookings?page=9").await.expect(200);
    assert_eq!((ids(&beyond).len(), &beyond.body["meta"]["pagination"]["total"]), (0, &json!(3)));
    app.finish().await;
}

#[tokio::test]
async fn a_list_refuses_what_it_does_not_know_and_says_what_it_does() {
    let app = TestApp::start().await;
    let rider = three_bookings(&app).await;
    let unknown = app.get(&rider, "/bookings?statsu=pending").await.refused(400, "validation_error");
    assert_eq!(unknown.details()["field"], "statsu");
    for known in ["role", "status", "page", "page_size", "offset", "limit"] {
        assert!(unknown.details()["problem"].as_str().unwrap().contains(known), "{known}");
    }
    let word = app.get(&rider, "/bookings?status=in:approved,payed").await.refused(400, "validation_error");
    assert!(word.details()["problem"].as_str().unwrap().contains("confirmed"));
    let order = app.get(&rider, "/bookings?sort=price").await.refused(400, "validation_error");
    assert_eq!(order.details()["field"], "sort");
    for wrong in [
        "page=1&offset=0",
        "page_size=5&limit=5",
        "page=0",
        "page=-1",
        "page_size=101",
        "limit=201",
        "limit=0",
        "offset=-1",
        "page=1.5",
        "page=two",
        "page=99999999999999999999",
        "page=1&page=1",
        "role=everybody",
    ] {
        app.get(&rider, &format!("/bookings?{wrong}")).await.refused(400, "validation_error");
    }
    app.get(&rider, "/bookings?role=all").await.refused(403, "forbidden");
    app.finish().await;
}

#[tokio::test]
async fn a_filter_takes_one_word_or_several() {
    let app = TestApp::start().await;
    let rider = three_bookings(&app).await;
    let all = ids(&app.get(&rider, "/bookings").await.expect(200));
    app.post(&rider, &format!("/bookings/{}/cancel", all[0]), &Value::Null).await.refused(400, "validation_error");
    app.post(&rider, &format!("/bookings/{}/cancel", all[0]), &json!({})).await.expect(200);
    let count = async |query: &str| ids(&app.get(&rider, &format!("/bookings?{query}")).await.expect(200)).len();
    assert_eq!(count("status=cancelled").await, 1);
    assert_eq!(count("status=approved").await, 2);
    assert_eq!(count("status=accepted").await, 2, "the older word");
    assert_eq!(count("status=in:approved,cancelled").await, 3);
    assert_eq!(count("status=confirmed").await, 0);
    assert_eq!(count("role=driver").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn everybody_sees_their_own_and_staff_see_all() {
    let app = TestApp::start().await;
    let rider = three_bookings(&app).await;
    let (other, support, finance) =
        (app.rider().await, app.person("Ali", &["support"]).await, app.person("Mariam", &["finance"]).await);
    assert_eq!(ids(&app.get(&other, "/bookings").await.expect(200)).len(), 0);
    assert_eq!(ids(&app.get(&support, "/bookings?role=all").await.expect(200)).len(), 3);
    let booking = ids(&app.get(&rider, "/bookings").await.expect(200)).remove(0);
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    app.pay_checkout(&checkout).await;
    for (who, query, expected) in [
        (&rider, "", 1),
        (&other, "", 0),
        (&support, "", 0),
        (&finance, "", 1),
        (&finance, "?user=me", 0),
        (&finance, "?status=in:submitted,paid", 1),
        (&finance, "?purpose=refund", 0),
    ] {
        let listed = ids(&app.get(who, &format!("/payments{query}")).await.expect(200));
        assert_eq!(listed.len(), expected, "{query}");
    }
    app.get(&other, &format!("/payments/{payment}")).await.refused(404, "not_found");
    app.get(&finance, &format!("/payments/{payment}")).await.expect(200);
    app.finish().await;
}
