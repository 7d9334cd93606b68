//! Wave over a real socket: what we send, and what we make of what comes back.

use crate::{
    payments::{
        Account, Credentials, PaymentProvider, Provider, ProviderSettings, Providers, SettingsError, wave::WaveKeys,
    },
    testing::{Reply, Server, json},
};
use domain::{
    error::Fault,
    ids::PaymentId,
    money::{Currency, Money},
    payments::provider::{
        CheckoutOrder, CheckoutRef, CheckoutState, ExpireAnswer, PayoutAnswer, PayoutOrder, RefundAnswer, RefundOrder,
        StartAnswer,
    },
};
use std::time::Duration;

const SESSION: &str = include_str!("fixtures/session_open.json");
const PAYOUT: &str = include_str!("fixtures/payout.json");

fn settings(url: &str) -> ProviderSettings {
    ProviderSettings {
        account: Account { secret_ref: "WAVE".into(), base_url: format!("{url}/"), currency: Currency::Xof },
        credentials: Credentials::Wave(WaveKeys {
            api_key: "wave_ci_prod_local".into(),
            signing_secret: Some("wave_ci_AKS_local_test_secret".into()),
        }),
    }
}

fn asked(provider_ref: &str) -> CheckoutRef {
    CheckoutRef { provider_ref: provider_ref.into(), price: xof(2_500) }
}

fn refund(checkout_ref: &str) -> RefundOrder {
    let (refund, checkout_ref) = (PaymentId::new(), checkout_ref.into());
    RefundOrder { refund, checkout_ref, transaction_ref: None, amount: xof(2_500), whole: true, payer: None }
}

async fn with(replies: Vec<Reply>) -> (Server, Providers) {
    let server = Server::replying(replies).await;
    let providers = Providers::new([settings(&server.url)]).unwrap();
    (server, providers)
}

fn wave(providers: &Providers) -> &Provider {
    providers.to("wave", "WAVE").unwrap()
}

fn order(payment: PaymentId) -> CheckoutOrder {
    CheckoutOrder {
        payment,
        price: xof(2_500),
        success_url: "https://app.test/ok".into(),
        error_url: "https://app.test/ko".into(),
        payer: None,
        attempt: 0,
        opened_at: chrono::DateTime::UNIX_EPOCH,
    }
}

fn payout(payment: PaymentId) -> PayoutOrder {
    PayoutOrder {
        payment,
        key: "key-1".into(),
        amount: xof(12_000),
        mobile: "+2250700000000".into(),
        name: Some("Test Driver".into()),
        reason: "x".repeat(60),
    }
}

fn xof(amount: i64) -> Money {
    Money { amount, currency: Currency::Xof }
}

#[tokio::test]
async fn a_checkout_is_ordered_with_key_signature_and_reference() {
    let (server, providers) = with(vec![json(200, SESSION)]).await;
    let payment = PaymentId::new();
    let StartAnswer::Started(checkout) = wave(&providers).start(&order(payment)).await.unwrap() else { panic!() };
    assert_eq!(checkout.state, CheckoutState::Open);
    assert_eq!(checkout.launch_url.as_deref(), Some("https://pay.wave.com/c/cos-test00001"));
    assert_eq!(checkout.expires_at.unwrap().to_rfc3339(), "2026-11-20T10:30:00+00:00");

    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /v1/checkout/sessions HTTP/1.1");
    assert_eq!(asked.header("authorization"), Some("Bearer wave_ci_prod_local"));
    let signature = asked.header("wave-signature").unwrap();
    let t: i64 = signature[2..].split(',').next().unwrap().parse().unwrap();
    let secret = "wave_ci_AKS_local_test_secret".into();
    assert_eq!(signature, super::webhook::sign(&secret, t, asked.body.as_bytes()));
    let body: super::wire::CheckoutRequest = serde_json::from_str(&asked.body).unwrap();
    assert_eq!((body.amount.0.as_str(), body.client_reference), ("2500", Some(payment.to_string())));
}

#[tokio::test]
async fn an_open_outcome_is_a_fault_and_a_no_is_an_answer() {
    let no_url = SESSION.replace(r#""https://pay.wave.com/c/cos-test00001""#, "null");
    let (_server, providers) = with(vec![
        json(500, r#"{"code":"internal-server-error","message":""}"#),
        Reply::Hangup,
        Reply::Http(200, "", "text/html", "<html>".into()),
        json(200, no_url),
        Reply::Http(200, "", "application/json", "x".repeat(2 * 1024 * 1024)),
        Reply::Http(
            429,
            "retry-after: 7\r\n",
            "application/json",
            r#"{"code":"too-many-requests","message":""}"#.into(),
        ),
        json(422, r#"{"code":"request-validation-error","message":"no"}"#),
    ])
    .await;
    for expected in ["500", "broken", "unreadable", "launch url", "too large", "429"] {
        match wave(&providers).start(&order(PaymentId::new())).await {
            Err(Fault::Remote { problem, retry_after, .. }) => {
                assert!(problem.contains(expected), "{expected}: {problem}");
                assert_eq!(retry_after, (expected == "429").then_some(Duration::from_secs(7)));
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
    let StartAnswer::Declined(no) = wave(&providers).start(&order(PaymentId::new())).await.unwrap() else { panic!() };
    assert_eq!(no.code, "request-validation-error");
}

#[tokio::test]
async fn nobody_listening_is_a_fault() {
    let providers = Providers::new([settings("http://127.0.0.1:1")]).unwrap();
    let result = wave(&providers).balance().await;
    assert!(matches!(result, Err(Fault::Remote { problem, .. }) if problem == "unreachable"));
}

#[tokio::test]
async fn another_currency_is_declined_without_a_call() {
    let (server, providers) = with(vec![json(200, SESSION)]).await;
    let euros = CheckoutOrder { price: Money { amount: 100, currency: Currency::Eur }, ..order(PaymentId::new()) };
    let StartAnswer::Declined(no) = wave(&providers).start(&euros).await.unwrap() else { panic!() };
    assert_eq!(no.code, "currency-mismatch");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn find_prefers_the_paid_session_and_ignores_strangers() {
    let payment = PaymentId::new();
    let session = |id: &str, checkout: &str, paid: &str, reference: &str| {
        format!(
            r#"{{"id":"{id}","amount":2500,"currency":"XOF","client_reference":"{reference}","checkout_status":"{checkout}","payment_status":"{paid}"}}"#
        )
    };
    let ours = payment.to_string();
    let all = [
        session("cos-1", "expired", "cancelled", &ours),
        session("cos-2", "open", "processing", &ours),
        session("cos-3", "complete", "succeeded", &ours),
        session("cos-4", "complete", "succeeded", "somebody-else"),
    ];
    let list = |sessions: &[String]| json(200, format!(r#"{{"result":[{}]}}"#, sessions.join(",")));
    let not_found = json(404, r#"{"code":"not-found","message":""}"#);
    let (server, providers) = with(vec![
        list(&all),
        list(&all[..2]),
        list(&all[..1]),
        list(&all[3..]),
        list(&[]),
        not_found,
        json(400, r#"{"code":"x","message":""}"#),
    ])
    .await;
    for expected in [Some("cos-3"), Some("cos-2"), Some("cos-1"), None, None, None] {
        let found = wave(&providers).find(&payment).await.unwrap();
        assert_eq!(found.as_ref().map(|checkout| checkout.provider_ref.as_str()), expected);
    }
    assert!(wave(&providers).find(&payment).await.is_err(), "a refused search is not an empty one");
    assert!(server.asked()[0].line.contains(&format!("/v1/checkout/sessions/search?client_reference={ours} ")));
}

#[tokio::test]
async fn expire_and_refund_understand_empty_answers() {
    let empty = Reply::Http(200, "", "", String::new());
    let conflict = json(409, r#"{"code":"checkout-session-complete","message":""}"#);
    let refused = json(400, r#"{"code":"checkout-refund-failed","message":"why"}"#);
    let gone = json(404, r#"{"code":"checkout-session-not-found","message":""}"#);
    let (server, providers) = with(vec![empty.clone(), conflict, gone.clone(), empty, refused, gone]).await;
    let wave = wave(&providers);
    assert_eq!(wave.expire(&asked("cos-1")).await.unwrap(), ExpireAnswer::Expired);
    assert_eq!(wave.expire(&asked("cos-1")).await.unwrap(), ExpireAnswer::TooLate);
    assert!(wave.expire(&asked("cos-1")).await.is_err(), "a session Wave does not know is not a closed one");
    assert!(matches!(wave.refund(&refund("cos-1")).await.unwrap(), RefundAnswer::Refunded { fee: 0 }));
    assert!(
        matches!(wave.refund(&refund("cos-1")).await.unwrap(), RefundAnswer::Declined(no) if no.code == "checkout-refund-failed")
    );
    assert!(wave.status(&asked("cos-1")).await.is_err());
    let lines: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(lines[0], "POST /v1/checkout/sessions/cos-1/expire HTTP/1.1");
    assert_eq!(lines[3], "POST /v1/checkout/sessions/cos-1/refund HTTP/1.1");
    assert_eq!(lines[5], "GET /v1/checkout/sessions/cos-1 HTTP/1.1");
}

#[tokio::test]
async fn a_reference_cannot_bend_the_path() {
    let (server, providers) = with(vec![json(200, SESSION)]).await;
    for reference in ["", "../payout", "cos-1/refund", "cos?x", "cos 1"] {
        assert!(matches!(wave(&providers).refund(&refund(reference)).await, Err(Fault::Corrupt { .. })), "{reference}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_payout_carries_its_key_and_every_status_is_understood() {
    let status = |status: &str| json(200, PAYOUT.replace("succeeded", status));
    let failed = PAYOUT.replace("succeeded", "failed").replace(
        r#""payout_error":null"#,
        r#""payout_error":{"error_code":"recipient-limit-exceeded","error_message":"too much"}"#,
    );
    let (server, providers) = with(vec![
        json(200, PAYOUT),
        status("processing"),
        status("a-new-word"),
        status("reversed"),
        json(200, failed),
        json(400, r#"{"error_code":"recipient-minor","error_message":"no"}"#),
        json(200, PAYOUT.replace("12000", "13000")),
        json(409, r#"{"code":"idempotency-mismatch","message":"another body"}"#),
    ])
    .await;
    let (wave, order) = (wave(&providers), payout(PaymentId::new()));
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(wave.pay_out(&order).await.unwrap());
    }
    assert!(
        matches!(&answers[0], PayoutAnswer::Paid { provider_ref, fee } if provider_ref == "pt-test00001" && *fee == xof(120))
    );
    assert!(matches!(&answers[1], PayoutAnswer::Processing { .. }));
    assert!(matches!(&answers[2], PayoutAnswer::Processing { .. }));
    assert!(matches!(&answers[3], PayoutAnswer::Reversed { .. }));
    assert!(matches!(&answers[4], PayoutAnswer::Declined(no) if no.code == "recipient-limit-exceeded"));
    assert!(matches!(&answers[5], PayoutAnswer::Declined(no) if no.code == "recipient-minor"));
    assert!(wave.pay_out(&order).await.is_err(), "an answer about another amount decides nothing");
    assert!(wave.pay_out(&order).await.is_err(), "a mismatch says that an earlier order exists, not that it failed");
    for asked in server.asked() {
        assert_eq!(asked.header("idempotency-key"), Some("key-1"));
        let body: super::wire::PayoutRequest = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(body.payment_reason.unwrap().len(), 40);
    }
}

#[tokio::test]
async fn find_payout_prefers_the_one_that_moved_money() {
    let payment = PaymentId::new();
    let ours = PAYOUT.replace("payout_0001", &payment.to_string());
    let failed = ours.replace("succeeded", "failed").replace("pt-test00001", "pt-test00002");
    let (server, providers) = with(vec![
        json(200, format!(r#"{{"result":[{failed},{ours}]}}"#)),
        json(200, format!(r#"{{"result":[{PAYOUT}]}}"#)),
    ])
    .await;
    assert!(matches!(wave(&providers).find_payout(&payment).await.unwrap(), Some(PayoutAnswer::Paid { .. })));
    assert!(wave(&providers).find_payout(&payment).await.unwrap().is_none(), "somebody else's");
    assert!(server.asked()[0].line.starts_with("GET /v1/payouts/search?client_reference="));
}

#[tokio::test]
async fn the_balance_is_money() {
    let (_server, providers) = with(vec![
        json(200, r#"{"amount":"150000","currency":"XOF"}"#),
        json(200, r#"{"amount":"1.5","currency":"XOF"}"#),
    ])
    .await;
    assert_eq!(wave(&providers).balance().await.unwrap(), xof(150_000));
    assert!(wave(&providers).balance().await.is_err());
}

#[test]
fn accounts_are_found_by_provider_and_name() {
    let providers = Providers::new([settings("http://x.test")]).unwrap();
    assert!(providers.to("wave", "WAVE").is_ok());
    assert!(matches!(providers.to("wave", "OTHER"), Err(Fault::Corrupt { .. })));
    assert!(providers.to("orange", "WAVE").is_err());
    let twice = Providers::new([settings("http://x.test"), settings("http://x.test")]);
    assert!(matches!(twice, Err(SettingsError::Twice(..))));
    let shown = format!("{:?} {providers:?}", settings("http://x.test"));
    assert!(!shown.contains("wave_ci"), "{shown}");
}
