//! What an organization gives away is given as often as it said, and is in the books (M1–M10, CX38).

use chrono::TimeDelta;
use domain::policies::CancellationTier;
use harness::{Answer, Options, Person, TestApp, life::signed_in_again, story::uuid};
use reqwest::Method;
use serde_json::{Value, json};

async fn ask(app: &TestApp, by: &Person, path: &str, key: &str, body: Value) -> Answer {
    app.ask(Method::POST, path).by(by).key(key).header("prefer", "wait=0").json(&body).send().await
}

async fn promo(app: &TestApp, body: Value) -> (Person, String) {
    let manager = app.person("Mariam", &["manager"]).await;
    let id = app.post(&manager, "/promos", &body).await.expect(201).text("/id");
    (manager, id)
}

async fn wallet(app: &TestApp, by: &Person) -> i64 {
    app.get(by, "/wallet").await.expect(200).int("/balance/amount")
}

#[tokio::test]
async fn a_discounted_ride_is_paid_less_and_earned_whole() {
    let app = TestApp::start().await;
    let off = json!({ "code": "moins-20", "effect": "percent_off", "value": 20, "max_uses": 10 });
    let (manager, id) = promo(&app, off).await;
    let (ride, awa) = (app.ride(3, 6_000).await, app.rider().await);
    let booking = app.book(&awa, &ride, 1).await;
    let body = json!({ "code": "Moins-20", "booking_id": booking });
    let offer = app.post(&awa, "/promos/validate", &body).await.expect(200);
    assert_eq!((offer.int("/amount/amount"), offer.int("/to_pay/amount")), (1_200, 4_800));
    assert_eq!(app.count("select count(*) from promo_redemptions").await, 0, "a try keeps nothing");
    let used = ask(&app, &awa, "/promos/redeem", "once", body.clone()).await.expect(201);
    assert_eq!((used.text("/status"), used.int("/amount/amount")), ("reserved".into(), 1_200));
    let again = ask(&app, &awa, "/promos/redeem", "once", body.clone()).await.expect(201);
    assert_eq!(again.text("/id"), used.text("/id"));
    ask(&app, &awa, "/promos/redeem", &uuid(), body.clone()).await.refused(409, "already_redeemed");
    ask(&app, &app.rider().await, "/promos/redeem", &uuid(), body).await.refused(404, "not_found");

    let (payment, checkout) = app.open_payment(&awa, &booking).await;
    assert_eq!(app.payment(&awa, &payment).await["amount"]["amount"], 4_800);
    app.pay_checkout(&checkout).await;
    assert_eq!(app.booking(&awa, &booking).await["status"], "confirmed");
    let books = (app.balance("provider").await, app.balance("promo").await, app.balance("escrow").await);
    assert_eq!(books, (4_800, 1_200, -6_000), "the organization pays the discount");
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&awa, &ride, &booking).await;
    assert_eq!(app.balance("earnings").await, -5_300, "the driver earns the whole price less commission");
    let seen = app.get(&manager, &format!("/promos/{id}")).await.expect(200);
    let stats = json!({ "used": 1, "reserved": 0, "people": 1, "amount": 1_200 });
    assert_eq!(seen.data("/statistics"), stats);
    assert_eq!(app.get(&awa, "/promos/redemptions").await.expect(200).text("/0/status"), "used");
    app.get(&awa, "/promos").await.refused(403, "forbidden");
    app.finish().await;
}

#[tokio::test]
async fn a_cancelled_ride_gives_back_what_each_paid() {
    let app = TestApp::start().await;
    promo(&app, json!({ "code": "MILLE", "effect": "amount_off", "value": 1_000 })).await;
    let (ride, awa) = (app.ride(3, 3_000).await, app.rider().await);
    let booking = app.book(&awa, &ride, 1).await;
    ask(&app, &awa, "/promos/redeem", &uuid(), json!({ "code": "MILLE", "booking_id": booking })).await.expect(201);
    let (_, checkout) = app.open_payment(&awa, &booking).await;
    app.pay_checkout(&checkout).await;
    let quote = app.post(&awa, &format!("/bookings/{booking}/cancellation-quote"), &json!({})).await.expect(200);
    assert_eq!(quote.int("/refund/amount"), 2_000);
    app.step(&awa, &booking, "cancel").await.expect(200);
    app.drain().await;
    let books = (app.balance("provider").await, app.balance("promo").await, app.balance("escrow").await);
    assert_eq!(books, (0, 0, 0));
    assert_eq!(app.booking(&awa, &booking).await["payment_status"], "refunded");
    app.finish().await;
}

/// A ride of 3 000 with 1 000 off, paid through Wave and given up when so much of the price is kept: what is then in the
/// books at the provider, of the promotion, and as fees.
async fn given_up_when_kept(basis_points: u32) -> (i64, i64, i64) {
    let mut options = Options::default();
    let tier = CancellationTier { before_minutes: 10_080, allowed: true, fee_basis_points: basis_points, fee_fixed: 0 };
    options.settings.cancellation = vec![tier];
    let app = TestApp::start_with(options).await;
    promo(&app, json!({ "code": "MILLE", "effect": "amount_off", "value": 1_000 })).await;
    let (ride, awa) = (app.ride(3, 3_000).await, app.rider().await);
    let booking = app.book(&awa, &ride, 1).await;
    ask(&app, &awa, "/promos/redeem", &uuid(), json!({ "code": "MILLE", "booking_id": booking })).await.expect(201);
    let (_, checkout) = app.open_payment(&awa, &booking).await;
    app.pay_checkout(&checkout).await;
    let quote = app.post(&awa, &format!("/bookings/{booking}/cancellation-quote"), &json!({})).await.expect(200);
    app.step(&awa, &booking, "cancel").await.expect(200);
    app.drain().await;
    assert_eq!(app.balance("escrow").await, 0);
    let books = (app.balance("provider").await, app.balance("promo").await, app.balance("fees").await);
    let (back, fee) = (quote.int("/refund/amount"), app.balance("provider_fees").await);
    assert_eq!(back + fee, 2_000 - books.0, "what was quoted went back");
    app.finish().await;
    books
}

#[tokio::test]
async fn what_is_kept_is_kept_of_the_payers_part_first() {
    assert_eq!(given_up_when_kept(5_000).await, (1_495, 0, -1_500)); // Wave takes 1 % of a part it sends
    assert_eq!(given_up_when_kept(9_000).await, (2_000, 700, -2_700), "and of the gift when that is not enough");
}

#[tokio::test]
async fn a_discount_is_paid_from_the_wallet_and_goes_back_to_both() {
    let app = TestApp::start().await;
    promo(&app, json!({ "code": "MOITIE", "effect": "percent_off", "value": 50 })).await;
    let (manager, _) = promo(&app, json!({ "code": "CREDIT", "effect": "credit", "value": 2_000 })).await;
    let (ride, awa) = (app.ride(3, 3_000).await, app.rider().await);
    let booking = app.book(&awa, &ride, 1).await;
    ask(&app, &awa, "/promos/redeem", &uuid(), json!({ "code": "CREDIT" })).await.expect(201);
    ask(&app, &awa, "/promos/redeem", &uuid(), json!({ "code": "MOITIE", "booking_id": booking })).await.expect(201);
    let second = json!({ "code": "CREDIT", "booking_id": booking });
    ask(&app, &awa, "/promos/redeem", &uuid(), second).await.refused(400, "validation_error");
    app.try_pay_by("wallet", &awa, &booking).await.expect(201);
    assert_eq!((wallet(&app, &awa).await, app.balance("escrow").await), (500, -3_000));
    app.step(&awa, &booking, "cancel").await.expect(200);
    app.drain().await;
    assert_eq!((wallet(&app, &awa).await, app.balance("escrow").await, app.balance("promo").await), (2_000, 0, 2_000));
    let used = app.get(&manager, "/promos?code=moitie").await.expect(200);
    assert_eq!((used.int("/0/statistics/used"), used.int("/0/statistics/amount")), (1, 1_500));
    app.finish().await;
}

#[tokio::test]
async fn a_payment_that_ends_leaves_the_promise_and_a_booking_that_ends_does_not() {
    let app = TestApp::with_every_provider().await;
    let one = json!({ "code": "UNIQUE", "effect": "amount_off", "value": 1_000, "max_uses": 1 });
    let (manager, id) = promo(&app, one).await;
    let (ride, awa, koffi) = (app.ride(3, 3_000).await, app.rider().await, app.rider().await);
    let booking = app.book(&awa, &ride, 1).await;
    let body = |booking: &str| json!({ "code": "UNIQUE", "booking_id": booking });
    ask(&app, &awa, "/promos/redeem", &uuid(), body(&booking)).await.expect(201);
    let (first, asked) = app.open_by("mtn", &awa, &booking).await;
    ask(&app, &awa, "/promos/redeem", &uuid(), body(&booking)).await.refused(409, "payment_in_progress");
    app.wave.reject(&asked, "APPROVAL_REJECTED").unwrap();
    app.delivered(&asked, 1).await;
    app.drain().await;
    assert_eq!(app.payment(&awa, &first).await["status"], "failed");
    let (second, _) = app.open_payment(&awa, &booking).await;
    assert_eq!(app.payment(&awa, &second).await["amount"]["amount"], 2_000, "still promised");
    let figures = async || app.get(&manager, &format!("/promos/{id}")).await.expect(200).data("/statistics");
    assert_eq!(figures().await["reserved"], 1);
    let other = app.book(&koffi, &ride, 1).await;
    let refused = app.post(&koffi, "/promos/validate", &body(&other)).await.refused(422, "promo_refused");
    assert_eq!(refused.details()["reason"], "used_up");
    app.step(&awa, &booking, "cancel").await.expect(200);
    app.drain().await;
    assert_eq!(figures().await, json!({ "used": 0, "reserved": 0, "people": 0, "amount": 0 }));
    app.post(&koffi, "/promos/validate", &body(&other)).await.expect(200);
    ask(&app, &koffi, "/promos/redeem", &uuid(), body(&other)).await.expect(201);
    assert_eq!(app.get(&awa, "/promos/redemptions").await.expect(200).text("/0/status"), "released");
    app.finish().await;
}

#[tokio::test]
async fn what_is_given_whole_is_confirmed_at_once() {
    let app = TestApp::start().await;
    promo(&app, json!({ "code": "OFFERT", "effect": "amount_off", "value": 9_000 })).await;
    let (ride, awa) = (app.ride(3, 3_000).await, app.rider().await);
    let booking = app.book(&awa, &ride, 1).await;
    let used = ask(&app, &awa, "/promos/redeem", &uuid(), json!({ "code": "OFFERT", "booking_id": booking })).await;
    assert_eq!((used.expect(201).text("/status"), app.balance("promo").await), ("used".into(), 3_000));
    assert_eq!(app.booking(&awa, &booking).await["status"], "confirmed");
    app.step(&awa, &booking, "cancel").await.expect(200);
    assert_eq!((app.balance("promo").await, app.balance("escrow").await), (0, 0));
    app.finish().await;
}

#[tokio::test]
async fn of_many_at_once_exactly_the_limit_get_it() {
    let app = TestApp::start().await;
    let credit = json!({ "code": "CADEAU", "effect": "credit", "value": 500, "max_uses": 7, "per_user_limit": 2 });
    let (manager, id) = promo(&app, credit).await;
    let mut people = Vec::new();
    for _ in 0..10 {
        people.push(app.rider().await);
    }
    let app_ref = &app;
    let asks = people
        .iter()
        .flat_map(|by| [by; 3])
        .map(|by| async move { ask(app_ref, by, "/promos/redeem", &uuid(), json!({ "code": "cadeau" })).await.status });
    let answers = futures::future::join_all(asks).await;
    let given = answers.iter().filter(|status| **status == 201).count();
    assert_eq!(given, 7, "{answers:?}");
    assert!(answers.iter().all(|status| [201, 409, 422].contains(status)), "{answers:?}");
    let most = "select max(n) from (select count(*) as n from promo_redemptions group by user_id) x";
    assert!(app.count(most).await <= 2);
    assert_eq!((app.balance("promo").await, app.balance("wallet").await), (3_500, -3_500));
    assert_eq!(app.get(&manager, &format!("/promos/{id}")).await.expect(200).int("/statistics/used"), 7);
    app.finish().await;
}

#[tokio::test]
async fn a_promise_to_a_booking_that_ended_goes_to_the_next() {
    let app = TestApp::start().await;
    let one = json!({ "code": "UNIQUE", "effect": "amount_off", "value": 1_000, "max_uses": 1 });
    promo(&app, one).await;
    let (ride, awa, koffi) = (app.ride(3, 3_000).await, app.rider().await, app.rider().await);
    let first = app.book(&awa, &ride, 1).await;
    let body = |booking: &str| json!({ "code": "UNIQUE", "booking_id": booking });
    ask(&app, &awa, "/promos/redeem", &uuid(), body(&first)).await.expect(201);
    let (payment, checkout) = app.open_payment(&awa, &first).await;
    app.wave.pay(&checkout).unwrap(); // the payer confirms in time …
    app.delivered(&checkout, 1).await;
    app.advance(TimeDelta::minutes(20)).await;
    let second = app.book(&koffi, &ride, 1).await;
    let full = ask(&app, &koffi, "/promos/redeem", &uuid(), body(&second)).await.refused(422, "promo_refused");
    assert_eq!(full.details()["reason"], "used_up");
    app.advance(TimeDelta::minutes(11)).await; // … and the news is read after the hold ended
    app.expire_now(&first).await;
    ask(&app, &koffi, "/promos/redeem", &uuid(), body(&second)).await.expect(201);

    // who pays late what was promised to somebody else by then gets it back: the seat would not be paid whole
    app.drain().await;
    assert_eq!(app.booking(&awa, &first).await["status"], "expired");
    assert_eq!(app.payment(&awa, &payment).await["status"], "succeeded");
    assert_eq!((app.balance("provider").await, app.balance("promo").await), (0, 0));
    app.finish().await;
}

#[tokio::test]
async fn codes_have_their_time_and_their_bounds() {
    let app = TestApp::start().await;
    let (now, awa) = (app.now().await, app.rider().await);
    let span = json!({ "code": "BIENTOT", "effect": "credit", "value": 500,
                       "starts_at": now + TimeDelta::hours(1), "ends_at": now + TimeDelta::hours(2) });
    let (manager, id) = promo(&app, span.clone()).await;
    let try_it = || ask(&app, &awa, "/promos/redeem", "k", json!({ "code": "BIENTOT" }));
    assert_eq!(try_it().await.refused(422, "promo_refused").details()["reason"], "not_started");
    app.advance(TimeDelta::hours(2)).await;
    assert_eq!(try_it().await.refused(422, "promo_refused").details()["reason"], "ended");
    app.post(&manager, "/promos", &span).await.refused(409, "conflict");
    let longer = json!({ "ends_at": now + TimeDelta::days(9), "status": "inactive" });
    app.patch(&manager, &format!("/promos/{id}"), &longer).await.expect(200);
    assert_eq!(try_it().await.refused(422, "promo_refused").details()["reason"], "inactive");
    app.patch(&manager, &format!("/promos/{id}"), &json!({ "status": "active" })).await.expect(200);
    try_it().await.expect(201);
    assert_eq!(wallet(&app, &awa).await, 500);
    for wrong in [
        json!({ "code": "x", "effect": "credit", "value": 1 }),
        json!({ "code": "TROP", "effect": "percent_off", "value": 101 }),
        json!({ "code": "RIEN", "effect": "amount_off", "value": 0 }),
        json!({ "code": "QUOI", "effect": "magic", "value": 1 }),
        json!({ "code": "OU", "effect": "amount_off", "value": 1, "currency": "EUR" }),
    ] {
        app.post(&manager, "/promos", &wrong).await.refused(400, "validation_error");
    }
    ask(&app, &awa, "/promos/redeem", &uuid(), json!({ "code": "NULLEPART" })).await.refused(404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn who_brings_somebody_along_and_who_comes_are_rewarded_once() {
    let mut options = Options::default();
    options.settings.referral.referrer = 1_000;
    options.settings.referral.referee = 500;
    let app = TestApp::start_with(options).await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let code = app.get(&awa, "/referrals/code").await.expect(200).text("/code");
    assert_eq!(app.get(&awa, "/referrals/code").await.expect(200).text("/code"), code);
    let (app_ref, koffi_ref, body) = (&app, &koffi, json!({ "code": code }));
    let body = &body;
    let asks = (0..5).map(|_| async move { app_ref.post(koffi_ref, "/referrals", body).await.status });
    let mut answers = futures::future::join_all(asks).await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409]);
    assert_eq!((wallet(&app, &awa).await, wallet(&app, &koffi).await), (1_000, 500));
    assert_eq!(app.balance("promo").await, 1_500);
    let back = app.get(&koffi, "/referrals/code").await.expect(200).text("/code");
    let reason = |answer: Answer| answer.details()["reason"].clone();
    let refused = app.post(&awa, "/referrals", &json!({ "code": back })).await.refused(409, "conflict");
    assert_eq!(reason(refused), "brought_by_you");
    assert_eq!(reason(app.post(&awa, "/referrals", body).await.refused(409, "conflict")), "own_code");
    app.post(&awa, "/referrals", &json!({ "code": "NOBODYS1" })).await.refused(404, "not_found");
    assert_eq!(app.get(&koffi, "/referrals").await.expect(200).data("").as_array().map(Vec::len), Some(1));
    let late = app.rider().await;
    app.advance(TimeDelta::days(31)).await;
    let late = signed_in_again(&app, &late).await;
    assert_eq!(reason(app.post(&late, "/referrals", body).await.refused(409, "conflict")), "not_new");
    app.finish().await;

    let app = TestApp::start().await;
    let (awa, koffi) = (app.rider().await, app.rider().await);
    let code = app.get(&awa, "/referrals/code").await.expect(200).text("/code");
    let refused = app.post(&koffi, "/referrals", &json!({ "code": code })).await.refused(409, "conflict");
    assert_eq!(reason(refused), "referrals_disabled", "nothing is given unless the organization says how much");
    app.finish().await;
}
