//! Orange SMS over a real socket.

use super::*;
use crate::testing::{Reply, Server, json};

const SENT: &str = r#"{"outboundSMSMessageRequest":{"address":["tel:+2250700000000"],"senderAddress":"tel:+2250000",
 "senderName":"TESTRIDES","outboundSMSTextMessage":{"message":"Votre code est 123456"},
 "resourceURL":"https://api.orange.com/smsmessaging/v1/outbound/tel:+2250000/requests/5b0c5f3e-0000-4000-8000-000000000001"}}"#;

const NO_BALANCE: &str =
    r#"{"requestError":{"policyException":{"messageId":"POL1009","text":"no %1","variables":["balance"]}}}"#;

fn token(text: &str) -> Reply {
    json(200, format!(r#"{{"token_type":"Bearer","access_token":"{text}","expires_in":3600}}"#))
}

async fn with(replies: Vec<Reply>) -> (Server, Sms) {
    let server = Server::replying(replies).await;
    let settings = SmsSettings {
        api_url: format!("{}/", server.url),
        client_id: "id".into(),
        client_secret: "s3kr1t".into(),
        sender: "tel:+2250000".into(),
        sender_name: Some("TESTRIDES".into()),
    };
    assert!(!format!("{settings:?}").contains("s3kr1t"), "masked");
    (server, Sms::new(settings).unwrap())
}

fn judged(status: u16, content_type: &str, body: &str) -> Judgement {
    judge(&Answer {
        status: reqwest::StatusCode::from_u16(status).unwrap(),
        content_type: content_type.into(),
        retry_after: None,
        body: body.into(),
    })
}

#[tokio::test]
async fn a_message_is_sent_in_the_documented_form() {
    let (server, sms) = with(vec![token("one"), json(201, SENT)]).await;
    let id = Some("5b0c5f3e-0000-4000-8000-000000000001".to_owned());
    let answer = sms.send("+2250700000000", "Votre code est 123456").await.unwrap();
    assert_eq!(answer, SendAnswer::Sent { provider_message_id: id });
    let asked = server.asked();
    assert_eq!(asked[0].line, "POST /oauth/v3/token HTTP/1.1");
    assert_eq!(asked[0].header("authorization"), Some("Basic aWQ6czNrcjF0"));
    assert_eq!(asked[0].body, "grant_type=client_credentials");
    assert_eq!(asked[1].line, "POST /smsmessaging/v1/outbound/tel%3A%2B2250000/requests HTTP/1.1");
    assert_eq!(asked[1].header("authorization"), Some("Bearer one"));
    let body: serde_json::Value = serde_json::from_str(&asked[1].body).unwrap();
    assert_eq!(body["outboundSMSMessageRequest"]["address"], "tel:+2250700000000");
    assert_eq!(body["outboundSMSMessageRequest"]["senderName"], "TESTRIDES");
    assert!(body["outboundSMSMessageRequest"].get("resourceURL").is_none());
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let refused = json(401, r#"{"code":42,"message":"Expired credentials","description":"…"}"#);
    let (server, sms) = with(vec![token("old"), refused.clone(), token("new"), json(201, SENT)]).await;
    assert!(matches!(sms.send("+2250700000000", "x").await.unwrap(), SendAnswer::Sent { .. }));
    assert_eq!(server.asked()[3].header("authorization"), Some("Bearer new"));
    let (server, sms) = with(vec![token("old"), refused.clone(), token("new"), refused]).await;
    assert!(sms.send("+2250700000000", "x").await.is_err());
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn only_a_400_is_about_the_message() {
    let bad = r#"{"requestError":{"serviceException":{"messageId":"SVC0004","text":"No valid addresses in %1","variables":["tel:+225"]}}}"#;
    let Judgement::Final(SendAnswer::Rejected { code, message }) = judged(400, "application/json", bad) else {
        panic!()
    };
    assert_eq!(code, "SVC0004");
    assert!(!message.contains("225"), "no phone number: {message}");
    for (status, content_type, body) in [
        (400, "text/html", "<html>"),
        (403, "application/json", NO_BALANCE),
        (404, "application/json", r#"{"code":60,"message":"Resource not found","description":""}"#),
        (500, "application/json", bad),
        (200, "text/html", "<html>"),
    ] {
        assert!(matches!(judged(status, content_type, body), Judgement::Trouble(_)), "{status} {body}");
    }
    let Judgement::Trouble(Fault::Remote { retry_after, .. }) = judged(429, "text/plain", "") else { panic!() };
    assert_eq!(retry_after, Some(THROTTLE_PAUSE));
}

#[test]
fn a_receipt_names_the_message() {
    let receipt: crate::messages::sms_wire::Receipt = serde_json::from_str(
        r#"{"deliveryInfoNotification":{"callbackData":"5b0c","deliveryInfo":{"address":"tel:+2250700000000","deliveryStatus":"DeliveredToTerminal"}}}"#,
    )
    .unwrap();
    assert_eq!(receipt.notification.callback_data, "5b0c");
    assert_eq!(receipt.notification.delivery_info.delivery_status, "DeliveredToTerminal");
}
