//! The vector of PROVIDERS §4.2 with its near misses, and what each event means to us.

use super::*;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderValue;
use sha2::Sha256;

const SECRET: &str = "whsec_local_test_secret";
const T: i64 = 1_760_000_000;
const BODY: &str = r#"{"id":"evt_test_0001","object":"event","type":"payment_intent.succeeded"}"#;
const MAC: &str = "7ef397ea760238b269cf2db7e9bc61a50698e4096aab824ba6db61d5264c1ce4";

fn check(secrets: &[&str], header: &str, now: i64) -> Result<Freshness, WebhookRefused> {
    let secrets: Vec<Secret> = secrets.iter().map(|&secret| secret.into()).collect();
    let headers = HeaderMap::from_iter([(SIGNATURE_HEADER.parse().unwrap(), HeaderValue::from_str(header).unwrap())]);
    verify(&secrets, &headers, BODY.as_bytes(), now)
}

fn mac(key: &[u8], text: &str) -> String {
    hex::encode(Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes())
}

#[test]
fn the_vector_verifies() {
    assert_eq!(sign(&SECRET.into(), T, BODY.as_bytes()), format!("t={T},v1={MAC}"));
    assert_eq!(check(&[SECRET], &format!("t={T},v1={MAC}"), T), Ok(Freshness::Fresh));
    assert_eq!(check(&["whsec_other", SECRET], &format!("t={T},v1={MAC},v0=00"), T), Ok(Freshness::Fresh));
    let rotated = format!("t={T},v1={},v1={MAC}", mac(b"whsec_new", &format!("{T}.{BODY}")));
    assert_eq!(check(&[SECRET], &rotated, T), Ok(Freshness::Fresh), "any of several");
}

#[test]
fn near_misses_are_refused() {
    let key = SECRET.as_bytes();
    let wrong = [
        mac(key, &format!("{T}{BODY}")),  // Wave's way
        mac(key, &format!("{T},{BODY}")), // Sonatel's way
        mac(key, BODY),
        mac(b"local_test_secret", &format!("{T}.{BODY}")), // without its prefix
        mac(key, &format!("{}.{BODY}", T + 1)),
        MAC[..62].to_owned(),
        format!("{MAC}00"),
    ];
    for mac in wrong {
        assert_eq!(check(&[SECRET], &format!("t={T},v1={mac}"), T), Err(WebhookRefused), "{mac}");
    }
    for header in [format!("v1={MAC}"), format!("t={T}"), format!("t={T},v0={MAC}"), format!("t={T},t={T},v1={MAC}")] {
        assert_eq!(check(&[SECRET], &header, T), Err(WebhookRefused), "{header}");
    }
    assert_eq!(check(&[""], &format!("t={T},v1={}", mac(b"", &format!("{T}.{BODY}"))), T), Err(WebhookRefused));
    assert_eq!(verify(&[SECRET.into()], &HeaderMap::new(), BODY.as_bytes(), T), Err(WebhookRefused));
}

#[test]
fn an_old_or_early_one_is_stale_on_both_sides() {
    let header = format!("t={T},v1={MAC}");
    for (now, fresh) in [(T + 300, true), (T - 300, true), (T + 301, false), (T - 301, false)] {
        let expected = if fresh { Freshness::Fresh } else { Freshness::Stale };
        assert_eq!(check(&[SECRET], &header, now), Ok(expected), "{now}");
    }
}

#[test]
fn only_a_session_that_says_paid_settles() {
    let event = |kind: &str, status: &str, paid: &str, amount: &str| {
        let body = format!(
            r#"{{"id":"evt_1","type":"{kind}","data":{{"object":{{"id":"cs_1","amount_total":{amount},"currency":"xof",
                "client_reference_id":"p","payment_intent":"pi_1","status":"{status}","payment_status":"{paid}",
                "a_field_of_next_year":1}}}}}}"#
        );
        read(body.as_bytes()).unwrap().news
    };
    let News::CheckoutPaid(checkout) = event("checkout.session.completed", "complete", "paid", "2500") else {
        panic!("it says paid")
    };
    assert_eq!((checkout.price.amount, checkout.provider_ref.as_str()), (2_500, "cs_1"));
    assert_eq!(checkout.state, CheckoutState::Paid { transaction_ref: Some("pi_1".into()) });
    assert!(matches!(
        event("checkout.session.async_payment_succeeded", "complete", "paid", "2500"),
        News::CheckoutPaid(_)
    ));
    assert_eq!(event("checkout.session.completed", "complete", "unpaid", "2500"), News::Other);
    assert_eq!(event("checkout.session.completed", "complete", "paid", "null"), News::Other);
    assert_eq!(event("checkout.session.expired", "expired", "unpaid", "2500"), News::Other);
    assert_eq!(event("payment_intent.succeeded", "complete", "paid", "2500"), News::Other);
    for broken in ["", "[]", r#"{"type":"x","data":{"object":{}}}"#, r#"{"id":"","type":"x","data":{"object":{}}}"#] {
        assert!(read(broken.as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn money_that_comes_back_only_makes_us_ask() {
    let refund = "5b0c5f3e-6d0b-4a52-9d0e-0f6f6f1f0001";
    let event = |kind: &str, object: String| {
        read(format!(r#"{{"id":"evt_1","type":"{kind}","data":{{"object":{object}}}}}"#).as_bytes()).unwrap().news
    };
    let told = |status: &str, ours: &str| {
        format!(r#"{{"id":"re_1","amount":1,"status":"{status}","metadata":{{"refund":"{ours}"}}}}"#)
    };
    for kind in ["refund.failed", "refund.updated", "charge.refund.updated"] {
        for status in ["failed", "canceled"] {
            let expected = News::RefundMoved { refund: refund.parse().unwrap() };
            assert_eq!(event(kind, told(status, refund)), expected, "{kind} {status}");
        }
        assert_eq!(event(kind, told("succeeded", refund)), News::Other, "it says nothing new");
        assert_eq!(event(kind, told("failed", "somebody else's")), News::Other);
    }
    let dispute = |intent: &str| format!(r#"{{"id":"dp_1","amount":1,"currency":"xof","payment_intent":{intent}}}"#);
    for kind in ["created", "updated", "closed", "funds_withdrawn", "funds_reinstated"] {
        let told = event(&format!("charge.dispute.{kind}"), dispute(r#""pi_1""#));
        assert_eq!(told, News::Disputed { transaction_ref: "pi_1".into() }, "{kind}");
    }
    assert_eq!(event("charge.dispute.created", dispute("null")), News::Other);
    assert_eq!(event("charge.refunded", told("failed", refund)), News::Other, "that is a charge");
}
