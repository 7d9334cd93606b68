//! Push by FCM HTTP v1 (PROVIDERS §5). A send is not idempotent: the collapse key makes a repeat replace the first.

use super::{
    SendAnswer, TokenAnswer,
    push_wire::{
        Android, Apns, BAD_REQUEST, ErrorBody, FCM_ERROR, GRANT_TYPE, Message, Notification, SendRequest, Sent,
        TokenRequest,
    },
    service_account::ServiceAccount,
    token::{Judgement, TokenCache},
};
use crate::{
    http::{self, Answer},
    secret::Secret,
};
use domain::error::Fault;
use std::{collections::BTreeMap, time::Duration};

const SERVICE: &str = "push";

/// A push older than this is dropped by the carrier: late news of a ride confuses more than silence.
const LIFE_SECONDS: u32 = 4 * 3_600;

/// FCM's own advice when it gives no `Retry-After` (PROVIDERS §5.4).
const QUOTA_PAUSE: Duration = Duration::from_secs(60);
const UNAVAILABLE_PAUSE: Duration = Duration::from_secs(10);

/// Where and as whom to push.
#[derive(Debug, Clone)]
pub struct PushSettings {
    /// Who we are.
    pub service_account: ServiceAccount,
    /// E.g. `https://fcm.googleapis.com`.
    pub api_url: String,
}

/// One push to one device.
#[derive(Debug, Clone)]
pub struct PushMessage {
    /// The device's registration token.
    pub device_token: String,
    /// First line on the phone.
    pub title: String,
    /// The rest.
    pub body: String,
    /// What the app reads.
    pub data: BTreeMap<String, String>,
    /// A later push with the same key replaces this one; at most 64 bytes.
    pub collapse_key: Option<String>,
}

/// The push carrier.
#[derive(Debug)]
pub struct Push {
    http: reqwest::Client,
    account: ServiceAccount,
    send_url: String,
    token: TokenCache,
}

impl Push {
    /// A client of one Firebase project.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(settings: PushSettings) -> Result<Self, reqwest::Error> {
        let base = settings.api_url.trim_end_matches('/');
        let send_url = format!("{base}/v1/projects/{}/messages:send", settings.service_account.project_id);
        Ok(Self { http: http::client()?, account: settings.service_account, send_url, token: TokenCache::default() })
    }

    /// Sends one push.
    ///
    /// # Errors
    /// A fault when the outcome is unknown, the carrier is busy, or our account is at fault.
    pub async fn send(&self, message: &PushMessage) -> Result<SendAnswer, Fault> {
        let body = SendRequest { message: wire(message) };
        self.token.send(SERVICE, || self.fetch_token(), |token| self.attempt(token, &body)).await
    }

    async fn attempt(&self, token: Secret, body: &SendRequest) -> Result<Judgement, Fault> {
        let request = self.http.post(&self.send_url).bearer_auth(token.expose()).json(body);
        Ok(judge(&http::call(SERVICE, "send", request).await?))
    }

    async fn fetch_token(&self) -> Result<TokenAnswer, Fault> {
        let assertion = self
            .account
            .assertion(http::unix_now())
            .ok_or_else(|| Fault::remote(SERVICE, "the service account's key does not sign"))?;
        let form = TokenRequest { grant_type: GRANT_TYPE.to_owned(), assertion };
        let answer = http::call(SERVICE, "token", self.http.post(&self.account.token_uri).form(&form)).await?;
        let token = answer.status.is_success().then(|| answer.json()).flatten();
        token.ok_or_else(|| answer.fault(SERVICE, "no token", None))
    }
}

fn wire(message: &PushMessage) -> Message {
    let mut headers = BTreeMap::from([("apns-priority".to_owned(), "10".to_owned())]);
    if let Some(key) = &message.collapse_key {
        headers.insert("apns-collapse-id".to_owned(), key.clone());
    }
    Message {
        token: message.device_token.clone(),
        notification: Some(Notification { title: message.title.clone(), body: message.body.clone() }),
        data: message.data.clone(),
        android: Some(Android {
            priority: "HIGH".to_owned(),
            ttl: format!("{LIFE_SECONDS}s"),
            collapse_key: message.collapse_key.clone(),
        }),
        apns: Some(Apns { headers, payload: serde_json::json!({"aps": {"sound": "default"}}) }),
    }
}

/// Reads an answer by the table of PROVIDERS §5.4.
///
/// A 404 that does not say `UNREGISTERED` is not about the device: a wrong project must not prune every phone.
fn judge(answer: &Answer) -> Judgement {
    if answer.status.is_success() {
        return match answer.json::<Sent>() {
            Some(sent) => Judgement::Final(SendAnswer::Sent { provider_message_id: Some(sent.name) }),
            None => Judgement::Trouble(answer.fault(SERVICE, "unreadable answer", None)),
        };
    }
    let error = answer.json::<ErrorBody>().map(|body| body.error).unwrap_or_default();
    let fcm_code = error.details.iter().filter(|d| d.kind == FCM_ERROR).find_map(|d| d.error_code.as_deref());
    let code = fcm_code.unwrap_or(&error.status);
    match (answer.status.as_u16(), code) {
        (404, "UNREGISTERED") | (403, "SENDER_ID_MISMATCH") => Judgement::Final(SendAnswer::Gone),
        (400, "INVALID_ARGUMENT") if names_the_token(&error) => Judgement::Final(SendAnswer::Gone),
        (400, code) if !code.is_empty() => Judgement::Final(SendAnswer::rejected(code, &error.message)),
        (401, "THIRD_PARTY_AUTH_ERROR") => Judgement::Trouble(answer.fault(SERVICE, code, None)),
        (401, _) => Judgement::RenewToken,
        (429, _) => Judgement::Trouble(answer.fault(SERVICE, code, Some(QUOTA_PAUSE))),
        (503, _) => Judgement::Trouble(answer.fault(SERVICE, code, Some(UNAVAILABLE_PAUSE))),
        _ => Judgement::Trouble(answer.fault(SERVICE, code, None)),
    }
}

fn names_the_token(error: &super::push_wire::ApiError) -> bool {
    let mut violations = error.details.iter().filter(|d| d.kind == BAD_REQUEST).flat_map(|d| &d.field_violations);
    violations.any(|violation| violation.field == "message.token")
        || error.message.contains("not a valid FCM registration token")
}

#[cfg(test)]
#[path = "push_tests.rs"]
mod tests;
