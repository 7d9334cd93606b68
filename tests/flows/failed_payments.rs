//! Who fails to pay too often waits (L21, L23).

use chrono::TimeDelta;
use futures::future::join_all;
use harness::{Answer, Options, Person, TestApp, story::uuid};
use reqwest::Method;
use sandbox::{Faults, Refuse};
use serde_json::{Value, json};

fn limited(cards: u32, phone: u32, pause: u32) -> Options {
    let mut options = Options { every_provider: true, ..Options::default() };
    options.settings.failed_payments.cards_per_day = cards;
    options.settings.failed_payments.phone_per_day = phone;
    options.settings.failed_payments.pause_seconds = pause;
    options
}

#[tokio::test]
async fn after_so_many_failed_cards_a_day_another_way_to_pay_is_needed() {
    let app = TestApp::start_with(limited(2, 10, 0)).await;
    let (ride, rider, other) = (app.ride(2, 6_000).await, app.rider().await, app.rider().await);
    let (booking, its) = (app.book(&rider, &ride, 1).await, app.book(&other, &ride, 1).await);
    for _ in 0..2 {
        failed(&app, &rider, &booking, "card").await;
    }
    let before = app.picture().await;
    let refused = app.try_pay_by("card", &rider, &booking).await.refused(422, "policy_violation");
    let told = refused.details();
    assert_eq!(
        (&told["rule"], &told["limit"], &told["value"]),
        (&json!("failed_payments.cards_per_day"), &json!(2), &json!(2))
    );
    assert_eq!(app.picture().await, before, "nothing was begun");
    app.try_pay_by("card", &other, &its).await.expect(202); // theirs did not fail
    app.try_pay_by("wave", &rider, &booking).await.expect(202);
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn a_phone_that_fails_waits_whoever_names_it_and_so_does_its_person() {
    let app = TestApp::start_with(limited(3, 1, 60)).await;
    let (ride, rider, other) = (app.ride(2, 6_000).await, app.rider().await, app.rider().await);
    let (booking, its) = (app.book(&rider, &ride, 1).await, app.book(&other, &ride, 1).await);
    failed(&app, &rider, &booking, "mtn").await;
    let ask = json!({ "booking_id": its, "method": "mtn", "payer_phone": rider.phone });
    let refused = pay(&app, &other, &ask).await.refused(422, "policy_violation");
    assert_eq!(refused.details()["rule"], "failed_payments.phone_per_day");

    // the person pauses, and goes on with another number after it
    let again = json!({ "booking_id": booking, "method": "mtn", "payer_phone": other.phone });
    let refused = pay(&app, &rider, &again).await.refused(422, "policy_violation");
    assert_eq!(
        (&refused.details()["rule"], &refused.details()["limit"]),
        (&json!("failed_payments.pause_seconds"), &json!(60))
    );
    app.advance(TimeDelta::seconds(61)).await;
    pay(&app, &rider, &again).await.expect(202);
    app.drain().await;
    app.finish().await;
}

async fn pay(app: &TestApp, by: &Person, body: &Value) -> Answer {
    app.ask(Method::POST, "/payments").by(by).key(uuid()).header("prefer", "wait=0").json(body).send().await
}

/// The provider refuses a payment for good.
async fn failed(app: &TestApp, rider: &Person, booking: &str, method: &str) {
    let (operation, status, code) =
        if method == "card" { ("card.create", 402, "card_declined") } else { ("mtn.collect", 500, "PAYER_NOT_FOUND") };
    let refuse = Refuse { status, code: code.into(), retry_after: None };
    app.wave.knobs().next(operation, 1, Faults { refuse: Some(refuse), ..Faults::default() });
    let payment = app.try_pay_by(method, rider, booking).await.expect(202).text("/subject/id");
    app.drain().await;
    assert_eq!(app.payment(rider, &payment).await["status"], "failed", "{method}");
}

#[tokio::test]
async fn two_card_payments_opened_at_once_do_not_both_pass_the_limit() {
    let app = TestApp::start_with(limited(2, 10, 0)).await;
    let (ride, rider) = (app.ride(7, 6_000).await, app.rider().await);
    let mut bookings = Vec::new();
    for _ in 0..7 {
        bookings.push(app.book(&rider, &ride, 1).await);
    }
    failed(&app, &rider, &bookings[6], "card").await;
    let answers = join_all(bookings[..6].iter().map(|booking| app.try_pay_by("card", &rider, booking))).await;
    let passed = answers.iter().filter(|answer| answer.status == 202).count();
    assert_eq!(passed, 1, "one that fails is all that is left of the allowance");
    for answer in answers.iter().filter(|answer| answer.status != 202) {
        assert_eq!((answer.status, &answer.details()["value"]), (422, &json!(2)), "{}", answer.body);
    }
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn people_who_name_one_phone_at_once_do_not_all_pass_its_limit() {
    let app = TestApp::start_with(limited(10, 2, 0)).await;
    let (ride, owner) = (app.ride(6, 6_000).await, app.rider().await);
    let booking = app.book(&owner, &ride, 1).await;
    failed(&app, &owner, &booking, "mtn").await;
    let mut others = Vec::new();
    for _ in 0..5 {
        let rider = app.rider().await;
        let ask =
            json!({ "booking_id": app.book(&rider, &ride, 1).await, "method": "mtn", "payer_phone": owner.phone });
        others.push((rider, ask));
    }
    let answers = join_all(others.iter().map(|(rider, ask)| pay(&app, rider, ask))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn rides_booked_at_once_do_not_all_pass_the_limit_of_unpaid_ones() {
    let mut options = Options::default();
    options.settings.unpaid_bookings_per_day = 1;
    let app = TestApp::start_with(options).await;
    let rider = app.rider().await;
    let mut rides = Vec::new();
    for _ in 0..6 {
        rides.push(app.ride(1, 6_000).await);
    }
    let answers = join_all(rides.iter().map(|ride| app.try_book(&rider, ride, 1))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!((answer.status, &answer.details()["rule"]), (422, &json!("unpaid_bookings_per_day")));
    }
    app.drain().await;
    app.finish().await;
}

#[tokio::test]
async fn cards_refused_inside_a_checkout_count_and_one_too_many_closes_it() {
    let app = TestApp::start_with(limited(2, 10, 0)).await;
    let (ride, rider) = (app.ride(2, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, session) = app.open_by("card", &rider, &booking).await;

    app.wave.knobs().next("webhook.card", 1, Faults { duplicate: Some(4), ..Faults::default() });
    app.wave.refuse_card(&session).unwrap();
    app.delivered(&session, 5).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted", "told five times, it is one");
    app.wave.refuse_card(&session).unwrap();
    app.delivered(&session, 6).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "expired", "nobody tries a third card there");
    assert_eq!(app.wave.state().calls("card.expire"), 1);

    let refused = app.try_pay_by("card", &rider, &booking).await.refused(422, "policy_violation");
    assert_eq!(
        (&refused.details()["rule"], &refused.details()["value"]),
        (&json!("failed_payments.cards_per_day"), &json!(2))
    );
    app.try_pay_by("wave", &rider, &booking).await.expect(202);
    app.drain().await;
    app.finish().await;
}
