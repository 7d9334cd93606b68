//! The failure modes of PROVIDERS §10 that are about what providers send and are sent: bytes, headers, numbers, contracts.

use chrono::TimeDelta;
use domain::{
    ids::PaymentId,
    money::{Currency, Money},
    payments::provider::{CheckoutOrder, StartAnswer},
};
use harness::{
    Person, TestApp,
    news::{About, scheme, unix_now},
};
use integrations::{
    Secret,
    payments::{
        Account, CallbackKeys, Callbacks, PaymentProvider,
        mtn::{Mtn, MtnKeys},
        orange::{Orange, OrangeKeys},
    },
};
use reqwest::{Method, StatusCode};
use sandbox::{Faults, MtnContract, OrangeContract, Sandbox};
use serde_json::json;

/// Providers that sign.
const SIGNED: [&str; 3] = ["wave", "card", "sonatel"];

async fn booked(app: &TestApp) -> (Person, String) {
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    (rider, booking)
}

/// A payment that is open at a provider.
async fn opened(provider: &str) -> (TestApp, Person, String, String) {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    let (payment, id) = app.open_by(provider, &rider, &booking).await;
    (app, rider, payment, id)
}

#[tokio::test]
async fn fm_14_a_number_has_one_form_here_and_each_providers_form_there() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    let ask = |phone: &str| {
        let body = json!({ "booking_id": booking, "method": "mtn", "payer_phone": phone });
        app.ask(Method::POST, "/payments").by(&rider).key(harness::uuid()).header("prefer", "wait=0").json(&body)
    };
    for local in ["0500000000", "002250500000000", "2250500000000", "+225 05 00 00 00 00", "+225", "", "+0250500000000"]
    {
        ask(local).send().await.refused(400, "validation_error");
    }
    ask("+2250500000000").send().await.expect(202);
    app.drain().await;
    assert_eq!(app.wave.state().collections()[0].payer.as_deref(), Some("2250500000000"), "digits, no sign");

    let (ride, payer) = (app.ride(1, 6_000).await, app.rider().await);
    let to = json!({ "method": "wave", "number": "+2250700000077", "holder_name": "Koffi" });
    app.post(&ride.driver, "/me/payout-destinations", &to).await.expect(201);
    let (ridden, _) = app.booking_paid_by("wave", &payer, &ride).await;
    app.advance(TimeDelta::hours(47) + TimeDelta::minutes(30)).await;
    app.take_ride(&payer, &ride, &ridden).await;
    let finance = app.person("Mariam", &["finance"]).await;
    app.ask(Method::POST, "/payouts/run").by(&finance).key(harness::uuid()).send().await.expect(202);
    app.drain().await;
    assert_eq!(app.wave.state().payouts()[0].payout.mobile.as_deref(), Some("+2250700000077"), "E.164");
    app.finish().await;
}

#[tokio::test]
async fn fm_15_a_body_written_anew_is_another_body() {
    for provider in SIGNED {
        let (app, rider, payment, id) = opened(provider).await;
        let body = app.success(About { provider, payment: &payment, id: &id, amount: 6_000 }, "E1");
        let signature = scheme(provider).header(&app.secret_of(provider), unix_now(), body.as_bytes());
        let anew = [body.replace(':', ": "), format!("{body}\n"), body.replacen('{', "{ ", 1), body.to_uppercase()];
        for written in anew {
            assert_eq!(app.post_signed(provider, &signature, &written).await, StatusCode::UNAUTHORIZED, "{provider}");
        }
        app.drain().await;
        assert_eq!(app.count("select count(*) from inbound_events").await, 0, "{provider}");
        assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
        assert_eq!(
            app.post_signed(provider, &signature, &body).await,
            StatusCode::OK,
            "{provider}: the bytes themselves"
        );
        for _ in 0..5 {
            app.drain().await;
            app.advance(TimeDelta::seconds(10)).await;
        }
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_16_any_of_several_signatures_counts_and_not_any_number_of_them() {
    for provider in SIGNED {
        let (app, _, _, _) = opened(provider).await;
        let body = |n: u8| match provider {
            "sonatel" => {
                json!({ "transactionId": format!("MP{n}"), "reference": "none", "status": "SUCCESS" }).to_string()
            }
            _ => json!({ "id": format!("E{n}"), "type": "of.another.year", "data": { "object": {} } }).to_string(),
        };
        let (t, secret, wrong) = (unix_now(), app.secret_of(provider), "00".repeat(32));
        let mac = |n: u8| hex::encode(scheme(provider).mac(&secret, &t.to_string(), body(n).as_bytes()));
        let rotated = format!("t={t},v1={wrong},v1={}", mac(1));
        assert_eq!(app.post_signed(provider, &rotated, &body(1)).await, StatusCode::OK, "{provider}");
        let future = format!("t={t},v2={wrong},v1={},v0={wrong}", mac(2));
        assert_eq!(app.post_signed(provider, &future, &body(2)).await, StatusCode::OK, "{provider}: unknown schemes");
        let many = format!("t={t}{},v1={}", format!(",v1={wrong}").repeat(8), mac(3));
        assert_eq!(app.post_signed(provider, &many, &body(3)).await, StatusCode::UNAUTHORIZED, "{provider}: the ninth");
        for none in [format!("t={t},v2={}", mac(3)), format!("v1={}", mac(3)), format!("t={t},t={t},v1={}", mac(3))] {
            assert_eq!(
                app.post_signed(provider, &none, &body(3)).await,
                StatusCode::UNAUTHORIZED,
                "{provider}: {none}"
            );
        }
        app.drain().await;
        assert_eq!(app.count("select count(*) from inbound_events").await, 2);
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_17_a_clock_may_be_off_by_five_minutes_and_more_only_makes_us_ask() {
    for provider in ["wave", "card"] {
        for (age, settles) in [(290, true), (-290, true), (330, false), (-330, false)] {
            let (app, rider, payment, id) = opened(provider).await;
            let body = app.success(About { provider, payment: &payment, id: &id, amount: 6_000 }, "E1");
            assert_eq!(app.tell_signed(provider, age, &body).await, StatusCode::OK);
            app.drain().await;
            let expected = if settles { "succeeded" } else { "submitted" };
            assert_eq!(app.payment(&rider, &payment).await["status"], expected, "{provider} {age}: nobody paid");
            app.finish().await;
        }
    }
}

#[tokio::test]
async fn fm_18_what_may_pass_is_a_5xx_and_only_a_stranger_gets_a_4xx() {
    for provider in SIGNED {
        let (app, rider, payment, id) = opened(provider).await;
        let body = app.success(About { provider, payment: &payment, id: &id, amount: 6_000 }, "E1");
        assert_eq!(app.post_signed(provider, "t=1,v1=00", &body).await, StatusCode::UNAUTHORIZED);
        // we cannot store it now: the provider must come again, and does
        sqlx::query("alter table inbound_events rename to inbound_events_away").execute(&app.owner).await.unwrap();
        assert!(app.tell_signed(provider, 0, &body).await.is_server_error(), "{provider}");
        app.say_yes(provider, &id);
        app.delivered(&id, 1).await;
        sqlx::query("alter table inbound_events_away rename to inbound_events").execute(&app.owner).await.unwrap();
        for _ in 0..500 {
            if app.wave.state().deliveries().iter().any(sandbox::Delivery::accepted) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded", "{provider}");
        // about a payment nobody knows: stored all the same
        let nobody = About { provider, payment: &harness::uuid(), id: "cos-unknown", amount: 6_000 };
        let unknown = app.success(nobody, "E2");
        assert_eq!(app.tell_signed(provider, 0, &unknown).await, StatusCode::OK, "{provider}");
        app.finish().await;
    }
}

fn order(amount: i64) -> CheckoutOrder {
    CheckoutOrder {
        payment: PaymentId::new(),
        price: Money { amount, currency: Currency::Xof },
        success_url: "https://app.test/ok".into(),
        error_url: "https://app.test/ko".into(),
        payer: Some("+2250500000000".into()),
        attempt: 0,
        opened_at: chrono::Utc::now(),
    }
}

/// PROVIDERS §10, 25. That a try-out environment is refused in production has its test beside the worker's settings.
#[tokio::test]
async fn fm_25_a_try_out_environment_takes_no_money_of_ours_and_production_none_of_its() {
    integrations::install_crypto();
    let callbacks = || Callbacks {
        base_url: "http://127.0.0.1:1".into(),
        keys: CallbackKeys::new(vec![Secret::new("a callback key for tests, long enough")]),
    };
    for trying in [true, false] {
        let (orange, mtn) = (OrangeContract::default(), MtnContract::default());
        let settings = sandbox::Settings {
            orange: OrangeContract { country: if trying { "dev".into() } else { "ci".into() }, ..orange.clone() },
            mtn: MtnContract { target_environment: "sandbox".into(), ..mtn.clone() },
            ..sandbox::Settings::default()
        };
        let provider = Sandbox::start(settings).await.unwrap();
        let account = Account { secret_ref: "X".into(), base_url: provider.url(), currency: Currency::Xof };
        let keys = OrangeKeys {
            country: if trying { "dev".into() } else { "ci".into() },
            client_id: orange.client_id,
            client_secret: orange.client_secret,
            merchant_key: orange.merchant_key,
            merchant_name: "Teranga".into(),
            callbacks: callbacks(),
        };
        let answer = Orange::new(&account, keys).unwrap().start(&order(2_500)).await.unwrap();
        assert!(matches!(answer, StartAnswer::Started(_)), "{answer:?}");
        let spoken = provider.state().collections().remove(0).currency;
        assert_eq!(spoken, if trying { "OUV" } else { "XOF" });
        let keys = MtnKeys {
            target_environment: "sandbox".into(),
            api_user: mtn.api_user,
            api_key: mtn.api_key,
            collection_key: mtn.collection_key,
            disbursement_key: None,
            callbacks: callbacks(),
        };
        let answer = Mtn::new(&account, keys).unwrap().start(&order(2_500)).await.unwrap();
        let StartAnswer::Declined(no) = answer else { panic!("francs are no money there: {answer:?}") };
        assert_eq!(no.code, "INVALID_CURRENCY");
    }
}

#[tokio::test]
async fn fm_27_headers_that_no_provider_sends_prove_nothing() {
    const INVENTED: [&str; 4] =
        ["x-wave-signature", "x-callback-signature", "x-orange-signature", "x-stripe-webhook-signature"];
    for provider in SIGNED {
        let (app, rider, payment, id) = opened(provider).await;
        let body = app.success(About { provider, payment: &payment, id: &id, amount: 6_000 }, "E1");
        let value = scheme(provider).header(&app.secret_of(provider), unix_now(), body.as_bytes());
        for header in INVENTED {
            let request = app.client.post(app.webhook_of(provider)).header(header, &value).body(body.clone());
            assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{provider} {header}");
        }
        app.drain().await;
        assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
        app.finish().await;
    }
    for provider in ["mtn", "orange"] {
        let (app, rider, payment, id) = opened(provider).await;
        let (front, _) = app.callback_of(&id).rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        for header in INVENTED {
            let request = app.client.post(format!("{front}/AAAAAAAAAAAAAAAAAAAAAA")).header(header, "t=1,v1=00");
            assert_eq!(request.body("{}").send().await.unwrap().status(), StatusCode::NOT_FOUND, "{provider} {header}");
        }
        app.drain().await;
        assert_eq!(app.count("select count(*) from inbound_events").await, 0);
        assert_eq!(app.payment(&rider, &payment).await["status"], "submitted");
        app.finish().await;
    }
}

#[tokio::test]
async fn fm_28_a_callback_host_that_is_not_registered_fails_visibly_and_one_nobody_reaches_is_polled() {
    let app = TestApp::with_every_provider().await;
    let (rider, booking) = booked(&app).await;
    // the number MTN plays this refusal with
    let body = json!({ "booking_id": booking, "method": "mtn", "payer_phone": "+46733123459" });
    let ask = app.ask(Method::POST, "/payments").by(&rider).key(harness::uuid()).header("prefer", "wait=0").json(&body);
    let payment = ask.send().await.expect(202).text("/subject/id");
    app.drain().await;
    let failed = app.payment(&rider, &payment).await;
    assert_eq!((&failed["status"], &failed["failure_code"]), (&json!("failed"), &json!("INVALID_CALLBACK_URL_HOST")));
    assert_eq!((&failed["standing"], app.wave.state().calls("mtn.collect")), (&json!("ended"), 1), "not tried again");
    assert_eq!(app.booking(&rider, &booking).await["payment_status"], "due", "another way may be tried");

    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    let (payment, id) = app.open_by("mtn", &rider, &booking).await;
    app.say_yes("mtn", &id);
    app.advance(TimeDelta::seconds(20)).await;
    app.drain().await;
    assert_eq!(app.payment(&rider, &payment).await["status"], "succeeded");
    app.finish().await;
}
