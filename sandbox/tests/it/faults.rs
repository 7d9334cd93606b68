//! Answers that are lost, late, wrong or refused; and requests that must be signed.

use crate::harness::{KEY, call, client, create};
use integrations::Secret;
use integrations::payments::wave::webhook::sign;
use sandbox::{Faults, Refuse, Sandbox, Settings};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn an_answer_may_be_html_or_late_and_the_session_is_made_all_the_same() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    sandbox.knobs().next("checkout.create", 1, Faults { html: Some(true), ..Faults::default() });
    let (status, body) = create(&sandbox, "att_html").await;
    assert_eq!((status, body.is_null()), (200, true), "not JSON");
    sandbox.knobs().next("checkout", 1, Faults { hang_ms: Some(60_000), ..Faults::default() });
    let order = json!({"amount": "100", "currency": "XOF", "client_reference": "att_late",
        "success_url": "https://app.test/ok", "error_url": "https://app.test/ko"});
    let request = client().post(format!("{}/v1/checkout/sessions", sandbox.url())).bearer_auth(KEY).json(&order);
    assert!(request.timeout(Duration::from_millis(300)).send().await.unwrap_err().is_timeout());
    for reference in ["att_html", "att_late"] {
        let url = format!("{}/v1/checkout/sessions/search?client_reference={reference}", sandbox.url());
        let (_, found) = call(client().get(url)).await;
        assert_eq!(found["result"].as_array().unwrap().len(), 1, "{reference}");
    }
}

#[tokio::test]
async fn a_refusal_does_nothing_and_may_ask_for_patience() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let busy = Refuse { status: 429, code: "too-many-requests".into(), retry_after: Some(2) };
    sandbox.knobs().next("*", 1, Faults { refuse: Some(busy), ..Faults::default() });
    let (status, body) = create(&sandbox, "att_0001").await;
    assert_eq!((status, body["code"].as_str()), (429, Some("too-many-requests")));
    assert!(sandbox.state().checkouts().is_empty());
    assert_eq!(create(&sandbox, "att_0001").await.0, 200);
}

#[tokio::test]
async fn unsigned_requests_are_refused_where_signing_is_switched_on() {
    let secret = Secret::new("wave_ci_AKS_local_test_secret");
    let settings = Settings { signing_secret: Some(secret.clone()), ..Settings::default() };
    let sandbox = Sandbox::start(settings).await.unwrap();
    let now = i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap();
    let ask = async |signature: Option<String>| {
        let mut request = client().get(format!("{}/v1/balance", sandbox.url()));
        if let Some(signature) = signature {
            request = request.header("wave-signature", signature);
        }
        call(request).await
    };
    assert_eq!(ask(Some(sign(&secret, now, b""))).await.0, 200);
    for (signature, code) in [
        (None, "missing-signature"),
        (Some("nonsense".to_owned()), "invalid-signature-format"),
        (Some(sign(&secret, now, b"{}")), "invalid-signature"),
        (Some(sign(&secret, now - 400, b"")), "expired-signature-timestamp"),
        (Some(sign(&secret, now + 60, b"")), "invalid-signature-timestamp"),
    ] {
        let (status, body) = ask(signature).await;
        assert_eq!((status, body["code"].as_str()), (401, Some(code)));
    }
}

#[tokio::test]
async fn many_sandboxes_live_side_by_side_and_end_when_dropped() {
    let one = Sandbox::start(Settings::default()).await.unwrap();
    let two = Sandbox::start(Settings::default()).await.unwrap();
    create(&one, "att_0001").await;
    assert_eq!((one.state().checkouts().len(), two.state().checkouts().len()), (1, 0));
    let url = format!("{}/health/ready", one.url());
    assert_eq!(client().get(&url).send().await.unwrap().status(), 200);
    drop(one);
    let gone = async {
        while client().get(&url).send().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(crate::harness::PATIENCE, gone).await.expect("it stops answering");
}
