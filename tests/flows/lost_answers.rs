//! Whatever the provider does with our calls: silence, 500 after the fact, nonsense, refusal. The poll and the search
//! find out, and nothing is asked twice.

use chrono::TimeDelta;
use harness::TestApp;
use sandbox::{Faults, Refuse};

#[tokio::test]
async fn a_payment_settles_without_any_webhook() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (_, checkout) = app.open_payment(&rider, &booking).await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    app.wave.pay(&checkout).unwrap();
    app.advance(TimeDelta::seconds(20)).await;
    app.drain().await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_found_by_our_reference() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    app.wave.knobs().next("checkout.create", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    let payment = app.try_pay(&rider, &booking).await.expect(202).text("/subject/id");
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "created", "silence decides nothing");
    app.advance(TimeDelta::seconds(30)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
    assert_eq!(app.wave.state().checkouts().len(), 1, "no second checkout that could also be paid");
    let checkout = app.checkout_of(&payment);
    app.pay_checkout(&checkout).await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn nonsense_with_status_200_is_silence_too() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    app.wave.knobs().next("checkout.create", 1, Faults { html: Some(true), ..Faults::default() });
    let payment = app.try_pay(&rider, &booking).await.expect(202).text("/subject/id");
    app.drain().await;
    app.advance(TimeDelta::seconds(30)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
    assert_eq!(app.wave.state().checkouts().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_refusal_for_good_fails_the_payment_and_the_rider_may_try_again() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let refuse = Refuse { status: 422, code: "request-validation-error".into(), retry_after: None };
    app.wave.knobs().next("checkout.create", 1, Faults { refuse: Some(refuse), ..Faults::default() });
    let payment = app.try_pay(&rider, &booking).await.expect(202).text("/subject/id");
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "failed");
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "due");
    let (_, checkout) = app.open_payment(&rider, &booking).await;
    app.pay_checkout(&checkout).await;
    assert_eq!(app.booking(&rider, &booking).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn one_payment_at_a_time_and_none_after_the_last() {
    let app = TestApp::start().await;
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, checkout) = app.open_payment(&rider, &booking).await;
    let second = app.try_pay(&rider, &booking).await.refused(409, "payment_in_progress");
    assert_eq!(second.details()["payment"], payment.as_str());
    app.pay_checkout(&checkout).await;
    app.try_pay(&rider, &booking).await.refused(409, "already_paid");
    app.finish().await;
}

#[tokio::test]
async fn an_abandoned_checkout_expires_and_gives_the_turn_back() {
    let app = TestApp::start().await;
    app.wave.knobs().tune(|tuning| tuning.session_seconds = 60);
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, _) = app.open_payment(&rider, &booking).await;
    app.wave.knobs().tune(|tuning| tuning.clock_offset_seconds = 120);
    app.advance(TimeDelta::seconds(20)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "expired");
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "due");
    app.finish().await;
}
