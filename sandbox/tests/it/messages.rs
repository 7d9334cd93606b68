//! Push and SMS: tokens first, then messages, then refusals in the provider's own words.

use crate::harness::client;
use integrations::messages::push_wire::{Claims, GRANT_TYPE, SCOPE};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use sandbox::{Faults, Refuse, Running, Sandbox, ServiceAccount, Settings};
use serde_json::{Value, json};

fn assertion(sandbox: &Running, aud: &str) -> String {
    let account: ServiceAccount = serde_json::from_str(&sandbox.service_account()).unwrap();
    let iat = i64::try_from(get_current_timestamp()).unwrap();
    let claims = Claims { iss: account.client_email, scope: SCOPE.into(), aud: aud.into(), iat, exp: iat + 3_600 };
    let key = EncodingKey::from_rsa_pem(account.private_key.as_bytes()).unwrap();
    encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}

async fn push_token(sandbox: &Running, assertion: &str) -> (u16, Value) {
    let form = [("grant_type", GRANT_TYPE), ("assertion", assertion)];
    let answer = client().post(format!("{}/token", sandbox.url())).form(&form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn push(sandbox: &Running, access: &str, device: &str) -> (u16, Value) {
    let message = json!({"message": {"token": device, "notification": {"title": "Hi", "body": "There"}}});
    let url = format!("{}/v1/projects/teranga-test/messages:send", sandbox.url());
    let answer = client().post(url).bearer_auth(access).json(&message).send().await.unwrap();
    let has_wait = answer.headers().contains_key("retry-after");
    let status = answer.status().as_u16();
    assert_eq!(has_wait, status == 429);
    (status, answer.json().await.unwrap())
}

#[tokio::test]
async fn a_push_needs_an_assertion_made_for_this_address_by_this_key() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let good = assertion(&sandbox, &format!("{}/token", sandbox.url()));
    assert_eq!(push_token(&sandbox, &assertion(&sandbox, "https://elsewhere.test/token")).await.0, 400);
    let (head, tail) = good.rsplit_once('.').unwrap();
    let tampered = format!("{head}.{}", tail.chars().rev().collect::<String>());
    assert_eq!(push_token(&sandbox, &tampered).await.1["error"], "invalid_grant");
    let (status, token) = push_token(&sandbox, &good).await;
    assert_eq!((status, token["token_type"].as_str()), (200, Some("Bearer")));
    let access = token["access_token"].as_str().unwrap();
    assert_eq!(push(&sandbox, "nonsense", "phone").await.0, 401);
    assert_eq!(push(&sandbox, access, "phone").await.0, 200);
    let code = |answer: &Value| answer["error"]["details"][0]["errorCode"].as_str().unwrap_or_default().to_owned();
    let (status, dead) = push(&sandbox, access, "dead-phone").await;
    assert_eq!((status, code(&dead).as_str()), (404, "UNREGISTERED"));
    let (status, quota) = push(&sandbox, access, "quota-phone").await;
    assert_eq!((status, code(&quota).as_str()), (429, "QUOTA_EXCEEDED"));
    let outcomes: Vec<String> = sandbox.state().pushes().into_iter().map(|push| push.outcome).collect();
    assert_eq!(outcomes, ["sent", "UNREGISTERED", "QUOTA_EXCEEDED"]);
}

#[tokio::test]
async fn a_text_message_needs_a_token_and_is_echoed_with_its_address() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let token = async |secret: &str| {
        let request = client().post(format!("{}/oauth/v3/token", sandbox.url()));
        let request = request.basic_auth("sms-client", Some(secret)).form(&[("grant_type", "client_credentials")]);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(token("wrong").await.0, 401);
    let (_, granted) = token("sms-secret").await;
    let access = granted["access_token"].as_str().unwrap();
    let send = async |to: &str| {
        let order = json!({"outboundSMSMessageRequest": {"address": to, "senderAddress": "tel:+2250000",
            "senderName": "TERANGA", "outboundSMSTextMessage": {"message": "Code 123456"}}});
        let url = format!("{}/smsmessaging/v1/outbound/tel%3A%2B2250000/requests", sandbox.url());
        let answer = client().post(url).bearer_auth(access).json(&order).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, sent) = send("tel:+2250700000000").await;
    let sms = sandbox.state().sms().remove(0);
    let resource = sent["outboundSMSMessageRequest"]["resourceURL"].as_str().unwrap();
    assert_eq!((status, resource.rsplit('/').next()), (201, Some(sms.id.as_str())));
    assert_eq!((sms.to.as_str(), sms.text.as_str()), ("+2250700000000", "Code 123456"));
    let (status, refused) = send("0700000000").await;
    assert_eq!((status, &refused["requestError"]["serviceException"]["messageId"]), (400, &json!("SVC0004")));
    let contract_over = Refuse { status: 403, code: "POL0001".into(), retry_after: None };
    sandbox.knobs().next("sms.send", 1, Faults { refuse: Some(contract_over), ..Faults::default() });
    let (status, refused) = send("tel:+2250700000000").await;
    assert_eq!((status, &refused["requestError"]["policyException"]["messageId"]), (403, &json!("POL0001")));
    assert_eq!(sandbox.state().sms().len(), 1);
}
