//! SN5: the ways a payment can go wrong that nobody plans for. Each ends in a state that says what it is, with the money
//! in one place.

use chrono::TimeDelta;
use harness::TestApp;
use sandbox::{Faults, Forge, Forgery};
use serde_json::{Value, json};

#[tokio::test]
async fn money_that_comes_when_the_car_has_left_goes_back() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(50)).await;
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.pay(&checkout).unwrap();
    app.delivered(&checkout, 1).await;
    app.advance(TimeDelta::minutes(11)).await;
    // the event is applied before the hold's own timer comes
    app.settle_waiting_events().await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    let ended = app.booking(&rider, &booking).await;
    assert_eq!((&ended["status"], &ended["payment_status"]), (&json!("expired"), &json!("refunded")));
    assert_eq!(app.balance("provider").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn late_money_does_not_put_a_rider_on_a_trip_that_was_moved() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (_, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.pay(&checkout).unwrap();
    app.delivered(&checkout, 1).await;
    app.advance(TimeDelta::minutes(31)).await;
    app.expire_now(&booking).await;
    let trip = format!("/trips/{}", ride.id);
    let etag = app.get(&ride.driver, &trip).await.header("etag").unwrap().to_owned();
    let later = json!({ "departure_time": ride.departure + TimeDelta::hours(5) });
    app.ask(reqwest::Method::PATCH, &trip)
        .by(&ride.driver)
        .header("if-match", etag)
        .json(&later)
        .send()
        .await
        .expect(200);
    app.drain().await;
    let ended = app.booking(&rider, &booking).await;
    assert_eq!((&ended["status"], &ended["payment_status"]), (&json!("expired"), &json!("refunded")));
    app.finish().await;
}

#[tokio::test]
async fn a_second_checkout_of_one_payment_is_refunded_and_the_first_still_counts() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    // as if an answer we took for lost had opened another one
    let order = json!({ "amount": "6000", "currency": "XOF", "client_reference": payment,
                        "success_url": "https://app.test/ok", "error_url": "https://app.test/ko" });
    let opened = app.client.post(format!("{}/v1/checkout/sessions", app.wave.url())).bearer_auth("wave_ci_prod_local");
    let second: Value = opened.json(&order).send().await.unwrap().json().await.unwrap();
    let second = second["id"].as_str().unwrap().to_owned();
    app.pay_checkout(&second).await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted", "its own checkout is still open");
    assert_eq!(app.booking(&rider, &booking).await["status"], "approved");
    assert_eq!(app.wave.state().refunds().len(), 1);
    assert_eq!((app.balance("suspense").await, app.balance("provider").await), (0, 0));
    app.pay_checkout(&checkout).await;
    let firm = app.booking(&rider, &booking).await;
    assert_eq!((&firm["status"], &firm["payment_status"]), (&json!("confirmed"), &json!("paid")));
    assert_eq!((app.balance("escrow").await, app.balance("provider").await), (-6_000, 6_000));
    app.finish().await;
}

#[tokio::test]
async fn a_mismatch_that_clears_up_is_in_the_books_once() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    for _ in 0..2 {
        app.wave.forge(Forge::about(Forgery::ChangedAmount, &checkout)).await.unwrap();
    }
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "unknown");
    assert_eq!(app.count("select count(*) from ledger_transactions where kind = 'unexplained_money'").await, 1);
    app.pay_checkout(&checkout).await; // and now the truth, from the same checkout
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    assert_eq!(app.balance("suspense").await, 0);
    assert_eq!((app.balance("escrow").await, app.balance("provider").await), (-6_000, 6_000));
    app.finish().await;
}

#[tokio::test]
async fn a_provider_that_does_not_decide_is_asked_until_it_does() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    sqlx::query("delete from queue.jobs where kind in ('booking.expire_hold', 'payment.expire_checkout')")
        .execute(&app.owner)
        .await
        .unwrap();
    app.advance(TimeDelta::minutes(50)).await;
    app.drain().await; // open long after its own deadline, by our clock
    let silent = app.payment(&rider, &payment).await;
    assert_eq!((&silent["status"], &silent["failure_code"]), (&json!("unknown"), &json!("provider_silent")));
    assert_eq!(app.notices(&rider, "payment_failed").await, 0, "nobody is told what is not known");
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    app.wave.pay(&checkout).unwrap();
    app.advance(TimeDelta::minutes(11)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    app.finish().await;
}

#[tokio::test]
async fn what_no_provider_ever_decides_has_expired_after_a_week_and_money_is_still_taken_up() {
    let app = TestApp::with_every_provider().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, id) = app.open_by("orange", &rider, &booking).await;
    app.advance(TimeDelta::minutes(50)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "in_review");
    app.advance(TimeDelta::days(7)).await;
    app.drain().await;
    let ended = app.payment(&rider, &payment).await;
    assert_eq!((&ended["status"], &ended["failure_code"]), (&json!("expired"), &json!("provider_silent")));
    assert_eq!(app.count("select count(*) from operations where status in ('queued', 'running', 'waiting')").await, 0);
    assert_eq!(app.booking(&rider, &booking).await["status"], "expired");
    app.wave.approve(&id).unwrap();
    let mut tx = app.db.begin(domain::db::Scope::system(app.org)).await.unwrap();
    tx.enqueue(&domain::jobs::Payments::PollPayment { payment: payment.parse().unwrap() });
    tx.commit().await.unwrap();
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["standing"], "returning", "a person sends it back");
    app.finish().await;
}

#[tokio::test]
async fn another_amount_goes_back_when_its_time_is_over() {
    for (method, asked, standing) in [
        ("wave", "checkout.get", "returned"),
        ("mtn", "mtn.collect_status", "returned"),
        ("card", "card.get", "returned"),
        ("sonatel", "sonatel.search", "returning"),
    ] {
        let app = TestApp::with_every_provider().await;
        let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
        let booking = app.book(&rider, &ride, 1).await;
        let (payment, id) = app.open_by(method, &rider, &booking).await;
        app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
        app.wave.knobs().always(asked, Faults { amount: Some(5_999), ..Faults::default() });
        app.say_yes(method, &id);
        app.advance(TimeDelta::seconds(20)).await;
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["standing"], "in_review", "{method}: a person may look");
        app.advance(TimeDelta::hours(26)).await;
        for _ in 0..4 {
            app.drain().await;
            app.advance(TimeDelta::minutes(1)).await;
        }
        let back = app.payment(&rider, &payment).await;
        assert_eq!((&back["status"], &back["failure_code"]), (&json!("failed"), &json!("amount_mismatch")), "{method}");
        assert_eq!(back["standing"], standing, "{method}");
        assert_eq!((app.balance("suspense").await, app.balance("escrow").await), (0, 0), "{method}");
        if standing == "returned" {
            assert_eq!(app.balance("provider").await, 0, "{method}");
        }
        app.finish().await;
    }
}

#[tokio::test]
async fn a_stale_event_about_a_checkout_we_do_not_know_is_asked_after_too() {
    let app = TestApp::start().await;
    let order = json!({ "amount": "700", "currency": "XOF", "client_reference": "not-ours",
                        "success_url": "https://app.test/ok", "error_url": "https://app.test/ko" });
    let opened = app.client.post(format!("{}/v1/checkout/sessions", app.wave.url())).bearer_auth("wave_ci_prod_local");
    let session: Value = opened.json(&order).send().await.unwrap().json().await.unwrap();
    let session = session["id"].as_str().unwrap().to_owned();
    app.wave.knobs().next("webhook", 1, Faults { stale_seconds: Some(3_600), ..Faults::default() });
    app.pay_checkout(&session).await;
    assert_eq!(app.count("select count(*) from inbound_events where status = 'parked'").await, 1);
    app.advance(TimeDelta::minutes(61)).await;
    app.sweep(&domain::jobs::Maintenance::SweepEvents).await;
    assert_eq!((app.balance("suspense").await, app.balance("provider").await), (-700, 700));
    app.finish().await;
}

#[tokio::test]
async fn a_rider_who_never_came_does_not_lock_the_money_or_the_trip() {
    let app = TestApp::start().await;
    let (ride, rider, missing) = (app.ride(2, 6_000).await, app.rider().await, app.rider().await);
    let (ridden, _) = app.paid_booking(&rider, &ride, 1).await;
    let (missed, _) = app.paid_booking(&missing, &ride, 1).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&rider, &ride, &ridden).await;
    app.advance(TimeDelta::hours(6)).await;
    let cancel = format!("/bookings/{missed}/cancel");
    app.post(&missing, &cancel, &json!({})).await.refused(422, "departure_passed");
    let support = app.person("Adjoua", &["support"]).await;
    app.post(&support, &cancel, &json!({ "reason": "nobody_came" })).await.expect(200);
    app.drain().await;
    assert_eq!(app.booking(&missing, &missed).await["payment_status"], "refunded");
    assert_eq!(app.get(&ride.driver, &format!("/trips/{}", ride.id)).await.expect(200).text("/status"), "completed");
    assert_eq!(app.balance("escrow").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn whoever_does_not_pay_cannot_hold_without_end() {
    let mut options = harness::Options::default();
    options.settings.unpaid_bookings_per_day = 2;
    let app = TestApp::start_with(options).await;
    let (ride, rider) = (app.ride(5, 6_000).await, app.rider().await);
    app.book(&rider, &ride, 1).await;
    app.book(&rider, &ride, 1).await;
    let refused = app.try_book(&rider, &ride, 1).await.refused(422, "policy_violation");
    assert_eq!(refused.details(), &json!({ "rule": "unpaid_bookings_per_day", "limit": 2, "value": 2 }));
    app.advance(TimeDelta::hours(25)).await;
    app.book(&rider, &ride, 1).await;
    app.drain().await;
    app.finish().await;
}
