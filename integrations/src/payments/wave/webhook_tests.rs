//! The vectors of PROVIDERS §1.7 with their near misses, and what each event means to us.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::payments::provider::CheckoutState;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderValue;
use sha2::Sha256;

/// The example of Wave's own "Webhooks" page: secret, time, body and signature are all published.
const PUBLISHED_SECRET: &str = "wave_sn_WHS_xz4m6g8rjs9bshxy05xj4khcvjv7j3hcp4fbpvv6met0zdrjvezg";
const PUBLISHED_T: i64 = 1_667_920_421;
const PUBLISHED_MAC: &str = "53c971695230e9c51b1030d673eee76e70bbcdf8a7c5b8c1d44e0b8b1329647b";

const OUR_SECRET: &str = "wave_ci_WHS_local_test_secret";
const OUR_T: i64 = 1_760_000_000;
const OUR_BODY: &str = r#"{"id":"EV_test0001","type":"checkout.session.completed","data":{"id":"cos-test00001","amount":"2500","currency":"XOF","checkout_status":"complete","payment_status":"succeeded","client_reference":"ride_0001","transaction_id":"TTEST000001"}}"#;
const OUR_MAC: &str = "753ecf90957b97c3f3707d97d8148d88e2132ad4534c7912229ff469672d40ca";

const REQUEST_SECRET: &str = "wave_ci_AKS_local_test_secret";
const REQUEST_BODY: &str = r#"{"amount":"2500","currency":"XOF","client_reference":"att_0001","success_url":"https://app.test/ok","error_url":"https://app.test/ko"}"#;

fn published_body() -> &'static str {
    include_str!("fixtures/event_published.json").trim_end()
}

fn signed(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(SIGNATURE_HEADER.parse().unwrap(), HeaderValue::from_str(value).unwrap())])
}

fn check(secrets: &[&str], header: &str, body: &[u8], now: i64) -> Result<Freshness, WebhookRefused> {
    let secrets: Vec<Secret> = secrets.iter().map(|&s| s.into()).collect();
    verify(Strategy::Signing, &secrets, &signed(header), body, now)
}

fn mac(key: &[u8], text: &[u8]) -> String {
    hex::encode(Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes())
}

#[test]
fn the_published_example_verifies() {
    let header = format!("t={PUBLISHED_T},v1={PUBLISHED_MAC}");
    let body = published_body().as_bytes();
    assert_eq!(check(&[PUBLISHED_SECRET], &header, body, PUBLISHED_T + 30), Ok(Freshness::Fresh));
    assert_eq!(sign(&PUBLISHED_SECRET.into(), PUBLISHED_T, body), header);
    let News::CheckoutPaid(checkout) = read(body).unwrap().news else { panic!("it says completed") };
    assert_eq!((checkout.price.amount, checkout.client_reference), (100, None));
}

#[test]
fn our_vectors_verify() {
    assert_eq!(sign(&OUR_SECRET.into(), OUR_T, OUR_BODY.as_bytes()), format!("t={OUR_T},v1={OUR_MAC}"));
    assert_eq!(
        check(&[OUR_SECRET], &format!("t={OUR_T},v1={OUR_MAC}"), OUR_BODY.as_bytes(), OUR_T),
        Ok(Freshness::Fresh)
    );
    let request = |body: &str| sign(&REQUEST_SECRET.into(), OUR_T, body.as_bytes());
    assert!(request("").ends_with("v1=0818d124e00e427fd0f69021c1e494ba8089b5878fc815c08ac78a3d3e588c96"));
    assert!(request(REQUEST_BODY).ends_with("v1=149e824927d63c1431915704941b1dd0acc574fb7c0ba05aa5a0b53e1de6e29e"));
}

#[test]
fn near_misses_are_refused() {
    let spoiled = |body: &str| body.replace("amount", "amounts");
    for (secret, t, body) in [(PUBLISHED_SECRET, PUBLISHED_T, published_body()), (OUR_SECRET, OUR_T, OUR_BODY)] {
        let refused = |v1: &str, why: &str| {
            assert_eq!(check(&[secret], &format!("t={t},v1={v1}"), body.as_bytes(), t), Err(WebhookRefused), "{why}");
        };
        let joined = |separator: &str| format!("{t}{separator}{body}");
        refused(&mac(secret.as_bytes(), joined(".").as_bytes()), "dot");
        refused(&mac(secret.as_bytes(), joined(",").as_bytes()), "comma");
        refused(&mac(secret.as_bytes(), body.as_bytes()), "body alone");
        refused(&mac(secret.as_bytes(), format!("{body}{t}").as_bytes()), "body first");
        refused(&mac(secret.to_uppercase().as_bytes(), joined("").as_bytes()), "secret in upper case");
        let tail = secret.rsplit('_').next().unwrap();
        refused(&mac(tail.as_bytes(), joined("").as_bytes()), "secret without its prefix");
        if let Ok(decoded) = STANDARD.decode(tail) {
            refused(&mac(&decoded, joined("").as_bytes()), "secret base64-decoded");
        }
        refused(&mac(STANDARD.encode(secret).as_bytes(), joined("").as_bytes()), "secret base64-encoded");
        refused(&mac(b"", joined("").as_bytes()), "empty key");
        let good = mac(secret.as_bytes(), joined("").as_bytes());
        assert!(check(&[secret], &format!("t={t},v1={good}"), body.as_bytes(), t).is_ok(), "the good one is good");
        refused(&good[..62], "short");
        refused(&format!("{good}00"), "long");
        refused(&STANDARD.encode(hex::decode(&good).unwrap()), "base64 MAC");
        let header = format!("t={t},v1={good}");
        assert!(check(&[secret], &header, spoiled(body).as_bytes(), t).is_err(), "another body");
        assert!(check(&[secret], &header, format!("{body}\n").as_bytes(), t).is_err(), "a newline more");
        assert!(check(&[secret], &format!("t={},v1={good}", t + 1), body.as_bytes(), t).is_err(), "another time");
    }
}

#[test]
fn a_body_written_anew_is_another_body() {
    let again = serde_json::to_vec(&serde_json::from_str::<serde_json::Value>(published_body()).unwrap()).unwrap();
    assert!(check(&[PUBLISHED_SECRET], &format!("t={PUBLISHED_T},v1={PUBLISHED_MAC}"), &again, PUBLISHED_T).is_err());
}

#[test]
fn malformed_headers_are_refused() {
    for header in [
        "".to_owned(),
        "garbage".to_owned(),
        format!("v1={OUR_MAC}"),
        format!("t={OUR_T}"),
        format!("t=,v1={OUR_MAC}"),
        format!("t=-{OUR_T},v1={OUR_MAC}"),
        format!("t=+{OUR_T},v1={OUR_MAC}"),
        format!("t=99999999999999999999999,v1={OUR_MAC}"),
        format!("t={OUR_T},t={OUR_T},v1={OUR_MAC}"),
        format!("t={OUR_T},v1=zz{}", &OUR_MAC[2..]),
        format!("t={OUR_T},v0={OUR_MAC}"),
        format!("t={OUR_T};v1={OUR_MAC}"),
    ] {
        assert_eq!(check(&[OUR_SECRET], &header, OUR_BODY.as_bytes(), OUR_T), Err(WebhookRefused), "{header}");
    }
    let none = verify(Strategy::Signing, &[OUR_SECRET.into()], &HeaderMap::new(), OUR_BODY.as_bytes(), OUR_T);
    assert_eq!(none, Err(WebhookRefused));
    let mut twice = signed(&format!("t={OUR_T},v1={OUR_MAC}"));
    twice.append(SIGNATURE_HEADER, HeaderValue::from_static("t=1,v1=00"));
    assert!(verify(Strategy::Signing, &[OUR_SECRET.into()], &twice, OUR_BODY.as_bytes(), OUR_T).is_err());
    let mut binary = HeaderMap::new();
    binary.insert(SIGNATURE_HEADER, HeaderValue::from_bytes(b"t=1,v1=\xff").unwrap());
    assert!(verify(Strategy::Signing, &[OUR_SECRET.into()], &binary, OUR_BODY.as_bytes(), OUR_T).is_err());
}

#[test]
fn any_of_several_signatures_counts_but_only_the_first_eight_are_looked_at() {
    let wrong = "00".repeat(32);
    let header = |before: usize| format!("t={OUR_T},{}v2=x,v1={OUR_MAC}", format!("v1={wrong},").repeat(before));
    assert!(check(&[OUR_SECRET], &header(7), OUR_BODY.as_bytes(), OUR_T).is_ok());
    assert!(check(&[OUR_SECRET], &header(8), OUR_BODY.as_bytes(), OUR_T).is_err());
    let upper = format!("t={OUR_T},v1={}", OUR_MAC.to_uppercase());
    assert!(check(&[OUR_SECRET], &upper, OUR_BODY.as_bytes(), OUR_T).is_ok(), "bytes are compared, not letters");
}

#[test]
fn both_secrets_count_during_a_rotation() {
    let header = format!("t={OUR_T},v1={OUR_MAC}");
    assert!(check(&["wave_ci_WHS_new", OUR_SECRET], &header, OUR_BODY.as_bytes(), OUR_T).is_ok());
    assert!(check(&["wave_ci_WHS_new"], &header, OUR_BODY.as_bytes(), OUR_T).is_err());
    assert!(check(&[], &header, OUR_BODY.as_bytes(), OUR_T).is_err());
}

#[test]
fn an_empty_secret_lets_nobody_in() {
    let header = sign(&"".into(), OUR_T, OUR_BODY.as_bytes());
    assert!(check(&[""], &header, OUR_BODY.as_bytes(), OUR_T).is_err());
    let bearer = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer "))]);
    assert!(verify(Strategy::Shared, &["".into()], &bearer, b"", OUR_T).is_err());
}

#[test]
fn five_minutes_either_way_are_fresh_and_one_second_more_is_stale() {
    let header = format!("t={OUR_T},v1={OUR_MAC}");
    for (now, expected) in [
        (OUR_T + 300, Freshness::Fresh),
        (OUR_T - 300, Freshness::Fresh),
        (OUR_T + 301, Freshness::Stale),
        (OUR_T - 301, Freshness::Stale),
        (i64::MAX, Freshness::Stale),
        (i64::MIN, Freshness::Stale),
    ] {
        assert_eq!(check(&[OUR_SECRET], &header, OUR_BODY.as_bytes(), now), Ok(expected), "{now}");
    }
    let bad = format!("t={OUR_T},v1={}", "00".repeat(32));
    assert_eq!(check(&[OUR_SECRET], &bad, OUR_BODY.as_bytes(), OUR_T + 301), Err(WebhookRefused), "bad beats stale");
}

#[test]
fn the_shared_secret_counts_only_where_it_is_configured() {
    let bearer = |value: &str| HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
    let with =
        |strategy, headers: &HeaderMap| verify(strategy, &["old".into(), OUR_SECRET.into()], headers, b"", OUR_T);
    assert_eq!(with(Strategy::Shared, &bearer(&format!("Bearer {OUR_SECRET}"))), Ok(Freshness::Fresh));
    assert!(with(Strategy::Shared, &bearer("bearer old")).is_ok());
    for wrong in ["Bearer nope", "Basic old", "old", "Bearer OLD", "Bearer  old"] {
        assert!(with(Strategy::Shared, &bearer(wrong)).is_err(), "{wrong}");
    }
    assert!(with(Strategy::Signing, &bearer(&format!("Bearer {OUR_SECRET}"))).is_err());
    assert!(with(Strategy::Shared, &signed(&sign(&OUR_SECRET.into(), OUR_T, b""))).is_err());
}

#[test]
fn a_completed_checkout_is_read_in_full() {
    let event = read(include_bytes!("fixtures/event_completed.json")).unwrap();
    assert_eq!((event.key.as_str(), event.kind.as_str()), ("EV_test0001", "checkout.session.completed"));
    let News::CheckoutPaid(checkout) = event.news else { panic!("{:?}", event.news) };
    assert_eq!(checkout.provider_ref, "cos-test00001");
    assert_eq!(checkout.client_reference.as_deref(), Some("att_0001"));
    assert_eq!(checkout.price.to_string(), "2500 XOF");
    assert_eq!(checkout.state, CheckoutState::Paid { transaction_ref: Some("TTEST000001".into()) });
}

#[test]
fn a_failed_attempt_is_a_note_whatever_status_it_carries() {
    let text = include_str!("fixtures/event_payment_failed.json");
    for status in ["processing", "cancelled", "failed", "new-word"] {
        let body = text.replace(r#""payment_status":"processing""#, &format!(r#""payment_status":"{status}""#));
        let news = read(body.as_bytes()).unwrap().news;
        assert!(matches!(news, News::AttemptFailed(_)), "{status}: {news:?}");
    }
}

#[test]
fn other_news_is_kept_without_effect() {
    for body in [
        include_str!("fixtures/event_merchant_payment.json"),
        include_str!("fixtures/event_b2b.json"),
        r#"{"id":"EV_1","type":"test.test_event","data":{}}"#,
        r#"{"id":"EV_1","type":"a.new.type"}"#,
    ] {
        assert_eq!(read(body.as_bytes()).unwrap().news, News::Other, "{body}");
    }
}

#[test]
fn completed_without_saying_paid_in_full_settles_nothing() {
    for (from, to) in [
        (r#""checkout_status":"complete""#, r#""checkout_status":"open""#),
        (r#""payment_status":"succeeded""#, r#""payment_status":"processing""#),
        (r#""payment_status":"succeeded","#, ""),
        (r#""amount":"2500""#, r#""amount":"2500.5""#),
        (r#""amount":"2500""#, r#""amount":"-2500""#),
        (r#""amount":"2500","#, ""),
        (r#""currency":"XOF""#, r#""currency":"ZZZ""#),
    ] {
        assert!(OUR_BODY.contains(from));
        let event = read(OUR_BODY.replace(from, to).as_bytes()).unwrap();
        assert_eq!(event.news, News::Other, "{to}");
    }
}

#[test]
fn what_is_not_an_event_is_malformed() {
    for body in
        ["", "{", "[]", "null", r#"{"type":"x","data":{}}"#, r#"{"id":"x","data":{}}"#, r#"{"id":"","type":"x"}"#]
    {
        assert!(read(body.as_bytes()).is_err(), "{body}");
    }
    assert!(read(b"\xff\xfe").is_err());
}
