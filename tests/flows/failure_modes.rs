//! The failure modes of PROVIDERS §10 by their numbers, each against the sandbox over HTTP; those about money going out and
//! about the door stand in the two files beside this one.

use chrono::TimeDelta;
use harness::{Person, TestApp, news::About};
use reqwest::{Method, StatusCode};
use sandbox::{Faults, Refuse};
use serde_json::{Value, json};

/// Providers whose payments a payer decides; each mode that concerns all of them is played with each.
const METHODS: [&str; 5] = ["wave", "mtn", "orange", "card", "sonatel"];

/// One ride, one rider, one accepted booking.
async fn booked(app: &TestApp) -> (Person, String) {
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    (rider, booking)
}

/// The operation that asks a provider for money.
fn create(method: &str) -> &'static str {
    match method {
        "wave" => "checkout.create",
        "mtn" => "mtn.collect",
        "card" => "card.create",
        "sonatel" => "sonatel.qrcode",
        _ => "orange.webpayment",
    }
}

/// Paid once: in the payment, in the booking, in the books.
async fn paid_once(app: &TestApp, rider: &Person, booking: &str) {
    each_paid_once(app, &[(rider.clone(), booking.to_owned())]).await;
}

/// The same for all that this product ever booked.
async fn each_paid_once(app: &TestApp, all: &[(Person, String)]) {
    for (rider, booking) in all {
        let firm = app.booking(rider, booking).await;
        assert_eq!((&firm["status"], &firm["payment_status"]), (&json!("confirmed"), &json!("paid")));
    }
    let each = i64::try_from(all.len()).unwrap();
    assert_eq!((app.balance("provider").await, app.balance("escrow").await), (each * 6_000, each * -6_000));
    assert_eq!(app.count("select count(*) from ledger_transactions where kind = 'booking_paid'").await, each);
    let twice = "select count(*) from (select from ledger_transactions where kind = 'booking_paid'
                 group by payment_id having count(*) > 1) twice";
    assert_eq!(app.count(twice).await, 0);
}

/// Time passes, and whatever is due then is done.
async fn wait(app: &TestApp, seconds: i64) {
    app.advance(TimeDelta::seconds(seconds)).await;
    app.drain().await;
}

fn refuse(status: u16, code: &str) -> Faults {
    Faults { refuse: Some(Refuse { status, code: code.into(), retry_after: None }), ..Faults::default() }
}

#[tokio::test]
async fn fm_01_the_same_event_many_times_at_once_settles_once() {
    for method in METHODS {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        let (_, id) = app.open_by(method, &rider, &booking).await;
        app.wave.knobs().next("webhook", 1, Faults { duplicate: Some(9), ..Faults::default() });
        app.say_yes(method, &id);
        app.delivered(&id, 10).await;
        app.drain().await;
        paid_once(&app, &rider, &booking).await;
        app.finish().await;
    }
}

/// The provider says that a try failed.
async fn tell_failure(app: &TestApp, provider: &str, payment: &str, id: &str) -> StatusCode {
    let about = About { provider, payment, id, amount: 6_000 };
    app.tell(about, 0, &app.failure(about, "E_failed")).await
}

#[tokio::test]
async fn fm_02_a_failure_told_after_the_success_changes_nothing() {
    for method in METHODS {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        let (payment, id) = app.open_by(method, &rider, &booking).await;
        app.pay_by(method, &id).await;
        assert_eq!(tell_failure(&app, method, &payment, &id).await, StatusCode::OK, "{method}");
        app.drain().await;
        paid_once(&app, &rider, &booking).await;
        assert_eq!(app.payment(&rider, &payment).await["standing"], "settled", "{method}");
        app.finish().await;
    }
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    let (_, id) = app.open_by("wave", &rider, &booking).await;
    app.wave.knobs().next("webhook", 1, Faults { reorder: Some(true), ..Faults::default() });
    app.say_yes("wave", &id);
    app.delivered(&id, 2).await;
    app.drain().await;
    paid_once(&app, &rider, &booking).await;
    app.finish().await;
}

#[tokio::test]
async fn fm_03_news_that_overtake_the_answer_to_our_own_call_settle_once() {
    for method in METHODS {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        app.wave.knobs().next(create(method), 1, Faults { early: Some(true), ..Faults::default() });
        let (payment, _) = app.open_by(method, &rider, &booking).await;
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded", "{method}");
        paid_once(&app, &rider, &booking).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_04_without_any_news_the_poll_settles() {
    let app = TestApp::with_every_provider().await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    let mut all = Vec::new();
    for method in METHODS {
        let (rider, booking) = booked(&app).await;
        let (_, id) = app.open_by(method, &rider, &booking).await;
        app.say_yes(method, &id);
        all.push((rider, booking));
    }
    wait(&app, 20).await;
    each_paid_once(&app, &all).await;
    app.finish().await;
}

#[tokio::test]
async fn fm_05_a_create_whose_answer_was_lost_is_not_asked_for_twice() {
    for method in METHODS {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        app.wave.knobs().next(create(method), 1, Faults { lose_answer: Some(true), ..Faults::default() });
        let payment = app.try_pay_by(method, &rider, &booking).await.expect(202).text("/subject/id");
        app.drain().await;
        assert_ne!(app.payment(&rider, &payment).await["status"], "failed", "{method}: silence decides nothing");
        wait(&app, 30).await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "submitted", "{method}");
        // the first page was never shown to anybody: nobody can pay there
        let opened = app.wave.state().checkouts().len() + app.wave.state().collections().len();
        assert_eq!(opened, if ["orange", "sonatel"].contains(&method) { 2 } else { 1 }, "{method}");
        app.pay_by(method, &app.asked_for(method, &payment)).await;
        paid_once(&app, &rider, &booking).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_06_a_500_that_is_a_refusal_is_one() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    app.wave.knobs().next("mtn.collect", 1, refuse(500, "PAYER_NOT_FOUND"));
    let payment = app.try_pay_by("mtn", &rider, &booking).await.expect(202).text("/subject/id");
    app.drain().await;
    let failed = app.payment(&rider, &payment).await;
    assert_eq!((&failed["status"], &failed["failure_code"]), (&json!("failed"), &json!("PAYER_NOT_FOUND")));
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "due");
    app.finish().await;
}

#[tokio::test]
async fn fm_06_a_500_of_any_other_is_silence_whatever_it_says() {
    let app = TestApp::with_every_provider().await;
    let mut all = Vec::new();
    for method in METHODS {
        let (rider, booking) = booked(&app).await;
        let code = if method == "mtn" { "INTERNAL_PROCESSING_ERROR" } else { "PAYER_NOT_FOUND" };
        app.wave.knobs().next(create(method), 1, refuse(500, code));
        let payment = app.try_pay_by(method, &rider, &booking).await.expect(202).text("/subject/id");
        app.drain().await;
        assert_ne!(app.payment(&rider, &payment).await["status"], "failed", "{method}");
        wait(&app, 30).await;
        app.pay_by(method, &app.asked_for(method, &payment)).await;
        all.push((rider, booking));
        each_paid_once(&app, &all).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn fm_07_a_page_with_status_200_is_no_answer() {
    for method in METHODS {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        // MTN's create has no body to read: its page comes where a status is asked for
        let operation = if method == "mtn" { "mtn.collect_status" } else { create(method) };
        app.wave.knobs().next(operation, 1, Faults { html: Some(true), ..Faults::default() });
        let payment = app.try_pay_by(method, &rider, &booking).await.expect(202).text("/subject/id");
        app.drain().await;
        wait(&app, 30).await;
        wait(&app, 30).await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "submitted", "{method}");
        app.pay_by(method, &app.asked_for(method, &payment)).await;
        wait(&app, 30).await;
        paid_once(&app, &rider, &booking).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_08_already_known_is_accepted() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    // the order is taken, the answer lost; the repeat is answered with 409
    app.wave.knobs().next("mtn.collect", 1, Faults { lose_answer: Some(true), ..Faults::default() });
    let payment = app.try_pay_by("mtn", &rider, &booking).await.expect(202).text("/subject/id");
    app.drain().await;
    wait(&app, 30).await;
    assert_eq!(app.wave.state().calls("mtn.collect"), 2);
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
    assert_eq!(app.wave.state().collections().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn fm_09_a_failure_that_is_told_before_the_success_is_a_note() {
    for method in METHODS {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        let (payment, id) = app.open_by(method, &rider, &booking).await;
        assert_eq!(tell_failure(&app, method, &payment, &id).await, StatusCode::OK, "{method}");
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "submitted", "{method}");
        app.pay_by(method, &id).await;
        wait(&app, 30).await;
        paid_once(&app, &rider, &booking).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_09_a_failed_attempt_may_be_followed_by_a_success() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    let (payment, id) = app.open_by("wave", &rider, &booking).await;
    app.wave.refuse(&id, "insufficient-funds").unwrap();
    app.delivered(&id, 1).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
    app.say_yes("wave", &id);
    app.delivered(&id, 2).await;
    app.drain().await;
    paid_once(&app, &rider, &booking).await;
    app.finish().await;
}

#[tokio::test]
async fn fm_10_money_that_comes_after_the_end_goes_back_or_revives() {
    for method in METHODS {
        let app = TestApp::with_every_provider().await;
        let (ride, slow, quick) = (app.ride(1, 6_000).await, app.rider().await, app.rider().await);
        let booking = app.book(&slow, &ride, 1).await;
        let (payment, id) = app.open_by(method, &slow, &booking).await;
        app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
        let closes = ["wave", "card"].contains(&method);
        if closes {
            app.say_yes(method, &id); // these close on request: the payer is quicker
        }
        app.advance(TimeDelta::minutes(31)).await;
        app.book(&quick, &ride, 1).await; // ends the overdue hold and takes the seat
        app.drain().await;
        if !closes {
            app.say_yes(method, &id); // the others cannot be stopped
        }
        for _ in 0..4 {
            wait(&app, 600).await;
        }
        let payment = app.payment(&slow, &payment).await;
        assert_eq!(payment["status"], "succeeded", "{method}");
        assert_eq!(app.booking(&slow, &booking).await["status"], "expired");
        if ["orange", "sonatel"].contains(&method) {
            let waiting = "select count(*) from payments where purpose = 'refund' and status = 'manual'";
            assert_eq!(app.count(waiting).await, 1);
            assert_eq!(app.balance("refund_transit").await, -6_000, "a person sends it");
        } else {
            assert_eq!(app.booking(&slow, &booking).await["payment_status"], "refunded", "{method}");
            assert_eq!(app.balance("provider").await, 0, "{method}");
        }
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_10_a_success_after_orange_called_it_expired_counts() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    let (payment, id) = app.open_by("orange", &rider, &booking).await;
    app.wave.let_expire(&id).unwrap();
    wait(&app, 20).await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "expired");
    app.pay_by("orange", &id).await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    paid_once(&app, &rider, &booking).await;
    app.finish().await;
}

#[tokio::test]
async fn fm_11_two_open_payments_of_one_ride_cannot_be() {
    for method in METHODS {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        app.open_by(method, &rider, &booking).await;
        for another in METHODS {
            app.try_pay_by(another, &rider, &booking).await.refused(409, "payment_in_progress");
        }
        app.finish().await;
    }
}

/// Providers that tell an amount when they are asked, and the operation that asks. Orange answers only to who knows it.
const TOLD: [(&str, &str); 4] =
    [("wave", "checkout.get"), ("mtn", "mtn.collect_status"), ("card", "card.get"), ("sonatel", "sonatel.search")];

/// A ride that was paid, and what its provider answers otherwise than it is.
struct Told {
    method: &'static str,
    rider: Person,
    booking: String,
    payment: String,
}

/// Each paid through its provider, which tells nothing by itself and answers with a fault.
async fn paid_and_told(fault: impl Fn(&str) -> Faults) -> (TestApp, Vec<Told>) {
    let app = TestApp::with_every_provider().await;
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    let mut all = Vec::new();
    for (method, operation) in TOLD {
        let (rider, booking) = booked(&app).await;
        let (payment, id) = app.open_by(method, &rider, &booking).await;
        app.wave.knobs().always(operation, fault(method));
        app.say_yes(method, &id);
        all.push(Told { method, rider, booking, payment });
    }
    wait(&app, 20).await;
    (app, all)
}

/// A person must look: nothing is booked for it, and the money waits apart.
async fn in_review(app: &TestApp, all: &[Told], why: &str) {
    for Told { method, rider, booking, payment } in all {
        let held = app.payment(rider, payment).await;
        assert_eq!((&held["status"], &held["failure_code"]), (&json!("unknown"), &json!(why)), "{method}");
        assert_eq!((&held["standing"], &held["next_action"]), (&json!("in_review"), &Value::Null), "{method}");
        assert_eq!(app.booking(rider, booking).await["status"], "approved", "{method}");
    }
}

#[tokio::test]
async fn fm_12_a_success_without_an_amount_is_not_believed() {
    let (app, all) = paid_and_told(|_| Faults { amount: Some(0), ..Faults::default() }).await;
    wait(&app, 60).await;
    for Told { method, rider, payment, .. } in &all {
        assert_eq!(app.payment(rider, payment).await["status"], "submitted", "{method}");
    }
    assert_eq!(app.balance("provider").await, 0);
    app.wave.knobs().clear();
    wait(&app, 60).await;
    let all: Vec<_> = all.into_iter().map(|told| (told.rider, told.booking)).collect();
    each_paid_once(&app, &all).await;
    app.finish().await;
}

#[tokio::test]
async fn fm_13_another_amount_waits_for_a_person() {
    for amount in [5_999, 6_001] {
        let (app, all) = paid_and_told(|_| Faults { amount: Some(amount), ..Faults::default() }).await;
        in_review(&app, &all, "amount_mismatch").await;
        assert_eq!((app.balance("suspense").await, app.balance("escrow").await), (-4 * amount, 0));
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_13_another_currency_waits_for_a_person() {
    let other = |method: &str| if method == "card" { "xaf" } else { "XAF" };
    let (app, all) = paid_and_told(|method| Faults { currency: Some(other(method).into()), ..Faults::default() }).await;
    in_review(&app, &all, "currency_mismatch").await;
    assert_eq!((app.balance("escrow").await, app.balance("suspense").await), (0, -24_000));
    app.finish().await;
}

#[tokio::test]
async fn fm_19_a_callback_is_answered_before_anything_is_done_with_it() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    let (_, id) = app.open_by("mtn", &rider, &booking).await;
    app.wave.approve(&id).unwrap();
    app.delivered(&id, 1).await;
    // nobody carried a job yet
    assert_eq!(app.booking(&rider, &booking).await["status"], "approved");
    let answered = app.wave.state().deliveries().remove(0);
    assert!(answered.accepted() && answered.ms < 2_000, "{answered:?}");
    app.drain().await;
    paid_once(&app, &rider, &booking).await;
    app.finish().await;
}

#[tokio::test]
async fn fm_20_a_token_that_ends_on_the_way_is_renewed() {
    for method in ["mtn", "orange", "sonatel"] {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        let (_, id) = app.open_by(method, &rider, &booking).await;
        app.wave.knobs().tune(|tuning| tuning.clock_offset_seconds = 2 * 3_600); // every token is refused now
        app.pay_by(method, &id).await;
        paid_once(&app, &rider, &booking).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_26_the_return_of_a_browser_proves_nothing() {
    for method in METHODS {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        let (payment, _) = app.open_by(method, &rider, &booking).await;
        app.ask(Method::GET, &format!("/payments/return?status=success&payment={payment}")).send().await.expect(200);
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_29_a_provider_that_does_not_know_yet_what_it_told_is_asked_again_soon() {
    for (method, status) in [("mtn", "mtn.collect_status"), ("orange", "orange.status"), ("sonatel", "sonatel.search")]
    {
        let app = TestApp::with_every_provider().await;
        let (rider, booking) = booked(&app).await;
        let (_, id) = app.open_by(method, &rider, &booking).await;
        app.wave.knobs().next(status, 1, Faults { pending: Some(true), ..Faults::default() });
        let before = app.wave.state().calls(status);
        app.pay_by(method, &id).await;
        wait(&app, 2).await;
        assert!(app.wave.state().calls(status) >= before + 2, "{method}: it said pending, and was asked again");
        paid_once(&app, &rider, &booking).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_30_not_found_right_after_the_order_is_not_a_failure() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    let (payment, id) = app.open_by("mtn", &rider, &booking).await;
    app.wave.knobs().next("mtn.collect_status", 3, refuse(404, "RESOURCE_NOT_FOUND"));
    for _ in 0..3 {
        wait(&app, 20).await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
    }
    app.pay_by("mtn", &id).await;
    paid_once(&app, &rider, &booking).await;
    app.finish().await;
}
