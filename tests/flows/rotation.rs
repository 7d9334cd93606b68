//! J10: while a secret is rotated the old and the new one both count; once the old one is withdrawn it does not. For each
//! provider whose news we verify, over HTTP.

use api::config::WebhookSecrets;
use chrono::{DateTime, Utc};
use domain::{
    ids::PaymentId,
    keys::Keys,
    money::{Currency, Money},
};
use harness::{
    TestApp,
    news::{About, scheme, unix_now},
};
use integrations::{
    Secret,
    payments::{CallbackKeys, Callbacks, callback::Callback},
};
use reqwest::{Method, StatusCode};

const OLD: &str = "the secret of this installation that is rotated out";
const NEW: &str = "the secret of this installation that is to be used";

fn secrets(live: &[&str]) -> Vec<Secret> {
    live.iter().map(|secret| Secret::new(*secret)).collect()
}

/// The door of an API whose operator set these secrets, the current one first.
async fn door(app: &TestApp, live: &[&str]) -> String {
    let webhooks = ["WAVE", "STRIPE", "SONATEL"].map(|account| (account.to_owned(), secrets(live)));
    let callbacks = CallbackKeys::new(secrets(live));
    app.another_door(|config| {
        config.webhooks = WebhookSecrets::of(webhooks);
        config.callback_keys = callbacks;
    })
    .await
}

#[tokio::test]
async fn signed_news_count_under_both_secrets_until_the_old_one_is_withdrawn() {
    let app = TestApp::with_every_provider().await;
    let (during, after) = (door(&app, &[NEW, OLD]).await, door(&app, &[NEW]).await);
    for provider in ["wave", "card", "sonatel"] {
        let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
        let booking = app.book(&rider, &ride, 1).await;
        let (payment, id) = app.open_by(provider, &rider, &booking).await;
        let about = About { provider, payment: &payment, id: &id, amount: 6_000 };
        let tell = async |door: &str, secret: &str, event: &str| {
            let body = app.success(about, event);
            let signature = scheme(provider).header(&Secret::new(secret), unix_now(), body.as_bytes());
            let path = app.webhook_of(provider).replacen(&app.base, door, 1);
            app.post_signed_to(&path, provider, &signature, &body).await
        };
        assert_eq!(tell(&after, OLD, "evt_withdrawn").await, StatusCode::UNAUTHORIZED, "{provider}");
        assert_eq!(tell(&during, "a secret nobody shares with anybody", "evt_strange").await, StatusCode::UNAUTHORIZED);
        app.drain().await;
        assert_eq!(app.booking(&rider, &booking).await["status"], "approved", "{provider}");
        for (door, secret, event) in [(&during, OLD, "evt_1"), (&during, NEW, "evt_2"), (&after, NEW, "evt_3")] {
            let event = format!("{event}_{provider}");
            assert_eq!(tell(door, secret, &event).await, StatusCode::OK, "{provider} {event}");
        }
    }
    assert_eq!(app.count("select count(*) from inbound_events").await, 9);
    app.release();
}

#[tokio::test]
async fn an_address_counts_under_both_keys_until_the_old_one_is_withdrawn() {
    let app = TestApp::with_every_provider().await;
    let (during, after) = (door(&app, &[NEW, OLD]).await, door(&app, &[NEW]).await);
    for provider in ["mtn", "orange"] {
        let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
        let booking = app.book(&rider, &ride, 1).await;
        let (payment, id) = app.open_by(provider, &rider, &booking).await;
        let opened_at: DateTime<Utc> = sqlx::query_scalar("select created_at from payments where id = $1::uuid")
            .bind(&payment)
            .fetch_one(&app.owner)
            .await
            .unwrap();
        let (named, price): (PaymentId, _) =
            (payment.parse().unwrap(), Money { amount: 6_000, currency: Currency::Xof });
        let tell = async |door: &str, key: &str, event: &str| {
            let callbacks = Callbacks { base_url: door.into(), keys: CallbackKeys::new(secrets(&[key])) };
            let url = callbacks.address(&Callback { provider, payment: named, price, opened_at }).unwrap();
            let about = About { provider, payment: &payment, id: &id, amount: 6_000 };
            app.call(Method::POST, &url, &app.success(about, event)).await
        };
        assert_eq!(tell(&after, OLD, "0").await, StatusCode::NOT_FOUND, "{provider}");
        assert_eq!(tell(&during, OLD, "1").await, StatusCode::OK, "{provider}");
        assert_eq!(tell(&during, NEW, "2").await, StatusCode::OK, "{provider}");
        assert_eq!(tell(&after, NEW, "3").await, StatusCode::OK, "{provider}");
    }
    assert_eq!(app.count("select count(*) from inbound_events").await, 6);
    app.release();
}

#[tokio::test]
async fn what_a_provider_said_is_unreadable_in_the_database_and_opens_under_the_key_that_sealed_it() {
    let app = TestApp::with_every_provider().await;
    let (old, new) = ([9; 32], [8; 32]);
    let (before, after) = (
        app.another_door(|config| config.data_keys = vec![old]).await,
        app.another_door(|config| config.data_keys = vec![new, old]).await,
    );
    let (ride, rider) = (app.ride(1, 6_000).await, app.rider().await);
    let booking = app.book(&rider, &ride, 1).await;
    let (payment, id) = app.open_by("mtn", &rider, &booking).await;
    let about = About { provider: "mtn", payment: &payment, id: &id, amount: 6_000 };
    for (door, event) in [(&before, "1"), (&after, "2")] {
        let said = app.success(about, event).replacen('{', &format!("{{\"payer\":\"{}\",", rider.phone), 1);
        let url = app.callback_of(&id).replacen(&app.base, door, 1);
        assert_eq!(app.call(Method::POST, &url, &said).await, StatusCode::OK);
    }
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select body from inbound_events order by received_at, id")
        .fetch_all(&app.owner)
        .await
        .unwrap();
    let rows: Vec<String> =
        sqlx::query_scalar("select e::text from inbound_events e").fetch_all(&app.owner).await.unwrap();
    let digits = rider.phone.trim_start_matches('+');
    assert!(rows.iter().all(|row| !row.contains(digits)), "no column tells who paid");
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let both = Keys::new(&[new, old], b"codes");
    for sealed in &stored {
        assert!(!holds(sealed, digits) && !holds(sealed, "SUCCESSFUL") && !holds(sealed, &payment));
        assert!(holds(&both.open("inbound event", sealed).unwrap(), digits), "old rows are still read");
    }
    let only_new = Keys::new(&[new], b"codes");
    let opened = stored.iter().filter(|sealed| only_new.open("inbound event", sealed).is_ok()).count();
    assert_eq!(opened, 1, "what came after the rotation is sealed with the new key");
    app.release();
}
