//! FCM over a real socket: the token dance, and the table of PROVIDERS §5.4.

use super::*;
use crate::{
    messages::push_wire::{Claims, SCOPE},
    testing::{Reply, Server, json},
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rsa::{
    RsaPrivateKey,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
};
use std::sync::LazyLock;

/// Private and public PEM, drawn once: no key lies in the repository.
static KEY: LazyLock<(String, String)> = LazyLock::new(|| {
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let private = key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
    (private, key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap())
});

fn account(url: &str) -> String {
    serde_json::json!({
        "type": "service_account", "project_id": "test", "client_email": "push@test.local",
        "private_key_id": "kid-1", "private_key": KEY.0, "token_uri": format!("{url}/token"),
    })
    .to_string()
}

async fn with(replies: Vec<Reply>) -> (Server, Push) {
    let server = Server::replying(replies).await;
    let service_account = ServiceAccount::load(&account(&server.url)).unwrap();
    let push = Push::new(PushSettings { service_account, api_url: server.url.clone() }).unwrap();
    (server, push)
}

fn message() -> PushMessage {
    PushMessage {
        device_token: "device-token".into(),
        title: "Driver arrived".into(),
        body: "Plate 1234".into(),
        data: BTreeMap::from([("kind".into(), "driver_arrived".into())]),
        collapse_key: Some("ride-1".into()),
    }
}

fn token(text: &str) -> Reply {
    json(200, format!(r#"{{"access_token":"{text}","expires_in":3599,"token_type":"Bearer"}}"#))
}

fn sent() -> Reply {
    json(200, r#"{"name":"projects/test/messages/0:1"}"#)
}

fn fcm(status: u16, word: &str, code: Option<&str>) -> String {
    let details = code.map_or("[]".to_owned(), |code| format!(r#"[{{"@type":"{FCM_ERROR}","errorCode":"{code}"}}]"#));
    format!(r#"{{"error":{{"code":{status},"message":"m","status":"{word}","details":{details}}}}}"#)
}

fn judged(status: u16, body: &str) -> Judgement {
    judge(&Answer {
        status: reqwest::StatusCode::from_u16(status).unwrap(),
        content_type: "application/json; charset=UTF-8".into(),
        retry_after: None,
        body: body.into(),
    })
}

#[tokio::test]
async fn a_push_is_sent_with_a_signed_for_token() {
    let (server, push) = with(vec![token("ya29"), sent()]).await;
    let expected = SendAnswer::Sent { provider_message_id: Some("projects/test/messages/0:1".into()) };
    assert_eq!(push.send(&message()).await.unwrap(), expected);
    push.send(&message()).await.unwrap();

    let asked = server.asked();
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    let send = "POST /v1/projects/test/messages:send HTTP/1.1";
    assert_eq!(lines, ["POST /token HTTP/1.1", send, send], "one token serves both");
    assert_eq!(asked[1].header("authorization"), Some("Bearer ya29"));
    let body: SendRequest = serde_json::from_str(&asked[1].body).unwrap();
    assert_eq!(body.message.token, "device-token");
    assert_eq!(body.message.android.unwrap().collapse_key.as_deref(), Some("ride-1"));
    assert_eq!(body.message.apns.unwrap().headers["apns-collapse-id"], "ride-1");

    let form = asked[0].body.replace("%3A", ":");
    let assertion = form.strip_prefix(&format!("grant_type={GRANT_TYPE}&assertion=")).expect("the documented form");
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[format!("{}/token", server.url)]);
    let key = DecodingKey::from_rsa_pem(KEY.1.as_bytes()).unwrap();
    let jwt = jsonwebtoken::decode::<Claims>(assertion, &key, &rules).unwrap();
    assert_eq!(jwt.header.kid.as_deref(), Some("kid-1"));
    assert_eq!((jwt.claims.iss.as_str(), jwt.claims.scope.as_str()), ("push@test.local", SCOPE));
    assert_eq!(jwt.claims.exp - jwt.claims.iat, 3_600);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let refused = json(401, fcm(401, "UNAUTHENTICATED", None));
    let (server, push) = with(vec![token("old"), refused.clone(), token("new"), sent()]).await;
    assert!(matches!(push.send(&message()).await.unwrap(), SendAnswer::Sent { .. }));
    assert_eq!(server.asked()[3].header("authorization"), Some("Bearer new"));

    let (server, push) = with(vec![token("old"), refused.clone(), token("new"), refused]).await;
    assert!(push.send(&message()).await.is_err());
    assert_eq!(server.asked().len(), 4, "not for ever");
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let (server, push) = with(vec![json(400, r#"{"error":"invalid_grant"}"#)]).await;
    assert!(matches!(push.send(&message()).await, Err(Fault::Remote { problem, .. }) if problem.contains("no token")));
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_dead_device_is_pruned_and_only_then() {
    let gone = |judgement| matches!(judgement, Judgement::Final(SendAnswer::Gone));
    assert!(gone(judged(404, &fcm(404, "NOT_FOUND", Some("UNREGISTERED")))));
    assert!(gone(judged(403, &fcm(403, "PERMISSION_DENIED", Some("SENDER_ID_MISMATCH")))));
    let field = |name: &str| {
        format!(
            r#"{{"error":{{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{{"@type":"{FCM_ERROR}","errorCode":"INVALID_ARGUMENT"}},{{"@type":"{BAD_REQUEST}","fieldViolations":[{{"field":"{name}","description":"d"}}]}}]}}}}"#
        )
    };
    assert!(gone(judged(400, &field("message.token"))));
    assert!(!gone(judged(400, &field("message.data"))));
    for (status, body) in [
        (404, fcm(404, "NOT_FOUND", None)),
        (404, "<html>".to_owned()),
        (403, fcm(403, "PERMISSION_DENIED", None)),
        (401, fcm(401, "UNAUTHENTICATED", Some("THIRD_PARTY_AUTH_ERROR"))),
    ] {
        assert!(matches!(judged(status, &body), Judgement::Trouble(_)), "{status} {body}");
    }
}

#[test]
fn a_bad_message_is_rejected_and_a_busy_carrier_is_waited_for() {
    let rejected = judged(400, &fcm(400, "INVALID_ARGUMENT", Some("INVALID_ARGUMENT")));
    assert!(matches!(rejected, Judgement::Final(SendAnswer::Rejected { code, .. }) if code == "INVALID_ARGUMENT"));
    for (status, word, pause) in
        [(429, "QUOTA_EXCEEDED", Some(60)), (503, "UNAVAILABLE", Some(10)), (500, "INTERNAL", None)]
    {
        let Judgement::Trouble(Fault::Remote { retry_after, .. }) = judged(status, &fcm(status, "X", Some(word)))
        else {
            panic!("{status}")
        };
        assert_eq!(retry_after, pause.map(Duration::from_secs), "{status}");
    }
    assert!(matches!(judged(502, "<html>"), Judgement::Trouble(_)));
    assert!(matches!(judged(200, "{}"), Judgement::Trouble(_)));
}

#[test]
fn an_account_is_read_from_text_or_file_and_never_shown() {
    let text = account("https://oauth.test");
    let path = std::env::temp_dir().join(format!("account-{}.json", std::process::id()));
    std::fs::write(&path, &text).unwrap();
    assert_eq!(ServiceAccount::load(path.to_str().unwrap()).unwrap().project_id, "test");
    std::fs::remove_file(&path).unwrap();
    assert!(ServiceAccount::load("/nowhere/account.json").is_err());
    assert!(ServiceAccount::load(r#"{"project_id":"test"}"#).is_err());
    assert!(ServiceAccount::load(&text.replace("BEGIN", "BEGUN")).is_err());
    let shown = format!("{:?}", ServiceAccount::load(&text).unwrap());
    assert!(!shown.contains("PRIVATE") && !shown.contains("push@"), "{shown}");
}

#[tokio::test]
async fn sends_may_move_between_threads() {
    let (_server, push) = with(vec![token("ya29"), sent()]).await;
    let answer = tokio::spawn(async move { push.send(&message()).await }).await.unwrap();
    assert!(matches!(answer, Ok(SendAnswer::Sent { .. })));
}
