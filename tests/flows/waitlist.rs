//! H1–H9, SN15: a freed bay finds the next in line, and never rests beside somebody it fits.

use chrono::TimeDelta;
use harness::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_freed_bay_goes_down_the_line_until_somebody_takes_it() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "score").await;
    let (first, second) = (app.rider().await, app.rider().await);
    let joined = app.try_wait(&first, &bays.wish()).await.expect(201);
    let a = joined.text("/id");
    assert_eq!(joined.header("location"), Some(format!("/api/v1/waitlist/{a}").as_str()));
    assert_eq!((joined.text("/status"), joined.text("/booking_status")), ("waiting".into(), "waitlisted".into()));
    let b = app.wait(&second, &bays).await;
    let stands_second = app.entry(&second, &b).await;
    assert_eq!((&stands_second["rank"], &stands_second["total"]), (&json!(2), &json!(2)));
    app.drain().await;
    assert_eq!(app.notices(&first, "waitlist_joined").await, 1);
    assert_eq!(app.notices(&first, "offer_made").await, 0, "nothing is free");

    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    let offered = app.entry(&first, &a).await;
    assert_eq!((&offered["status"], &offered["offer"]["status"]), (&json!("offered"), &json!("open")));
    assert_eq!(app.entry(&second, &b).await["status"], "waiting");
    assert_eq!(app.count("select count(*) from claims where active and source = 'offer'").await, 1);
    let texts = app.texts_to(&first.phone);
    assert!(texts.last().unwrap().text.contains("Acceptez"), "{texts:?}");
    assert_eq!(app.deliveries(&first, "offer_made").await.len(), 3, "by push, mail and text");
    app.answer(&second, &a, "accept", &json!({})).await.refused(404, "not_found");
    app.answer(&second, &b, "accept", &json!({})).await.refused(409, "state_conflict");

    app.advance(TimeDelta::minutes(10)).await; // the default time of an offer
    app.answer(&first, &a, "accept", &json!({})).await.refused(410, "offer_expired");
    assert_eq!(app.entry(&first, &a).await["status"], "offered", "the timer has not run");
    app.drain().await;
    assert_eq!(app.entry(&first, &a).await["booking_status"], "expired");
    assert_eq!(app.notices(&first, "offer_expired").await, 1);
    app.answer(&first, &a, "accept", &json!({})).await.refused(410, "offer_expired");

    let taken = app.answer(&second, &b, "accept", &json!({})).await.expect(200);
    assert_eq!((taken.text("/status"), taken.text("/booking_status")), ("accepted".into(), "confirmed".into()));
    app.answer(&second, &b, "accept", &json!({})).await.refused(409, "state_conflict");
    assert_eq!(app.count("select count(*) from claims where active and source = 'booking'").await, 1);
    assert_eq!(app.count("select count(*) from booking_items where unit_label = 'B-1'").await, 2);
    app.drain().await;
    assert_eq!(app.notices(&second, "offer_accepted").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn declining_leaving_and_cancelling_pass_the_bay_on_at_once() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "fifo").await;
    let mut line = Vec::new();
    for _ in 0..4 {
        let who = app.rider().await;
        let entry = app.wait(&who, &bays).await;
        line.push((who, entry));
    }
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    let (who, entry) = &line[0];
    app.answer(who, entry, "decline", &json!({})).await.expect(200);
    app.drain().await;
    let gone = app.entry(who, entry).await;
    assert_eq!((&gone["status"], &gone["booking_status"]), (&json!("declined"), &json!("cancelled")));
    let (who, entry) = &line[1];
    assert_eq!(app.entry(who, entry).await["status"], "offered");
    app.leave(who, entry).await.expect(200);
    app.leave(who, entry).await.refused(409, "state_conflict");
    app.drain().await;
    assert_eq!(app.entry(who, entry).await["status"], "cancelled");
    let (who, entry) = &line[2];
    let booking = app.entry(who, entry).await["booking_id"].as_str().unwrap().to_owned();
    app.post(who, &format!("/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    app.drain().await;
    assert_eq!(app.entry(who, entry).await["status"], "cancelled");
    let (who, entry) = &line[3];
    assert_eq!(app.entry(who, entry).await["status"], "offered");
    assert_eq!(app.count("select count(*) from offers").await, 4);
    app.finish().await;
}

#[tokio::test]
async fn several_bays_come_all_or_none_and_who_fits_passes() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(2, "fifo").await;
    let (group, single) = (app.rider().await, app.rider().await);
    let two = app.wait_for(&group, &bays, 2).await;
    let one = app.wait(&single, &bays).await;
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    assert_eq!(app.entry(&group, &two).await["status"], "waiting", "one bay is not two");
    assert_eq!(app.entry(&single, &one).await["status"], "offered");
    app.give_back(&bays, &stands[1]).await;
    app.drain().await;
    assert_eq!(app.entry(&group, &two).await["status"], "waiting");
    app.answer(&single, &one, "decline", &json!({})).await.expect(200);
    app.drain().await;
    let offered = app.entry(&group, &two).await;
    assert_eq!(offered["offer"]["unit_ids"].as_array().unwrap().len(), 2);
    app.answer(&group, &two, "accept", &json!({})).await.expect(200);
    assert_eq!(app.count("select count(*) from claims where active and source = 'booking'").await, 2);
    app.finish().await;
}

#[tokio::test]
async fn only_a_wish_the_freed_time_and_features_fit_is_served() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "fifo").await;
    let (evening, charging, now) = (app.rider().await, app.rider().await, app.rider().await);
    let later = bays.later(1); // overlaps what stands there, and what was taken behind it
    let other = app.rider().await;
    app.occupy(&bays.later(2), &other).await;
    let a = app.wait(&evening, &later).await;
    app.say("update units set features = '{charging}'").await;
    let mut wish = bays.wish();
    wish["features"] = json!(["charging"]);
    let b = app.try_wait(&charging, &wish).await.expect(201).text("/id");
    app.say("update units set features = '{}'").await;
    let c = app.wait(&now, &bays).await;
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    assert_eq!(app.entry(&evening, &a).await["status"], "waiting", "its second hour is taken");
    assert_eq!(app.entry(&charging, &b).await["status"], "waiting", "the charger was taken away");
    assert_eq!(app.entry(&now, &c).await["status"], "offered");
    app.finish().await;
}

#[tokio::test]
async fn a_wish_ends_when_its_use_has_passed() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(1, "score").await;
    let who = app.rider().await;
    let mut wish = bays.wish();
    wish["useful_until"] = json!(app.now().await + TimeDelta::minutes(4));
    let entry = app.try_wait(&who, &wish).await.expect(201).text("/id");
    app.advance(TimeDelta::minutes(1)).await;
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    assert_eq!(app.entry(&who, &entry).await["status"], "offered");
    app.advance(TimeDelta::minutes(3)).await;
    app.answer(&who, &entry, "accept", &json!({})).await.refused(410, "offer_expired");
    app.drain().await;
    assert_eq!(app.entry(&who, &entry).await["status"], "expired");
    assert_eq!(app.count("select count(*) from claims where active").await, 0);
    let again = app.rider().await;
    app.try_wait(&again, &bays.wish()).await.refused(409, "units_free");
    app.finish().await;
}

#[tokio::test]
async fn what_needs_approval_or_money_waits_for_it_after_the_offer() {
    let app = TestApp::start().await;
    let (bays, stands) = app.full(3, "fifo").await;
    app.say(
        "insert into policies (org_id, id, name, applies_to, standard, rules)
         select id, gen_random_uuid(), 'Agreed', 'parking', true, '{\"approval\": \"staff\", \"offer_ttl_minutes\": 20}'
         from organizations where slug = 'allocar'",
    )
    .await;
    let (asks, given) = (app.rider().await, app.rider().await);
    let a = app.wait(&asks, &bays).await;
    app.give_back(&bays, &stands[0]).await;
    app.drain().await;
    app.advance(TimeDelta::minutes(12)).await;
    let taken = app.answer(&asks, &a, "accept", &json!({})).await.expect(200);
    assert_eq!(taken.text("/booking_status"), "pending", "a person must still agree");
    let staff = app.person("Aya", &["staff"]).await;
    let b = app.wait(&given, &bays).await;
    free_without_a_job(&app, &stands[1]).await;
    app.answer(&staff, &b, "offer", &json!({})).await.expect(200);
    let taken = app.answer(&given, &b, "accept", &json!({})).await.expect(200);
    assert_eq!(taken.text("/booking_status"), "confirmed", "who offered has agreed");
    app.say("update resources set price_per = 'hour', price_amount = 500, price_currency = 'XOF'").await;
    let pays = app.rider().await;
    let c = app.wait(&pays, &bays).await;
    free_without_a_job(&app, &stands[2]).await;
    app.answer(&staff, &c, "offer", &json!({})).await.expect(200);
    app.answer(&pays, &c, "accept", &json!({})).await.expect(200);
    let due = "select count(*) from bookings where status = 'approved' and payment_status = 'due' and price = 1000
               and hold_expires_at is not null";
    assert_eq!(app.count(due).await, 1);
    app.finish().await;
}

/// The claims end and nobody is told: the line is left to staff, or to the sweep.
async fn free_without_a_job(app: &TestApp, booking: &str) {
    for sql in [
        "update claims set active = false where source_id = $1::uuid",
        "update bookings set status = 'cancelled' where id = $1::uuid",
    ] {
        sqlx::query(sql).bind(booking).execute(&app.owner).await.unwrap();
    }
}
