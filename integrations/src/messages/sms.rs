//! SMS by the Orange API (PROVIDERS §6.2). There is no idempotency key: after a fault the message may have gone out,
//! so a caller that must not repeat itself (a one-time code) lets the person ask again.

use super::{
    SendAnswer, TokenAnswer,
    sms_wire::{Envelope, ErrorBody, Request, RequestError, Text, TokenRequest},
    token::{Judgement, TokenCache},
};
use crate::{
    http::{self, Answer},
    secret::Secret,
};
use domain::error::Fault;
use std::time::Duration;

const SERVICE: &str = "sms";

/// Orange takes five messages a second; without a `Retry-After` of its own, this is enough.
const THROTTLE_PAUSE: Duration = Duration::from_secs(1);

/// Where and as whom to send.
#[derive(Debug, Clone)]
pub struct SmsSettings {
    /// E.g. `https://api.orange.com`.
    pub api_url: String,
    /// Our application.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Secret,
    /// The country sender, e.g. `tel:+2250000`.
    pub sender: String,
    /// The registered name phones show, at most 11 alphanumerics.
    pub sender_name: Option<String>,
}

/// The SMS carrier.
#[derive(Debug)]
pub struct Sms {
    http: reqwest::Client,
    settings: SmsSettings,
    token: TokenCache,
}

impl Sms {
    /// A client of one contract.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(settings: SmsSettings) -> Result<Self, reqwest::Error> {
        let api_url = settings.api_url.trim_end_matches('/').to_owned();
        Ok(Self { http: http::client()?, settings: SmsSettings { api_url, ..settings }, token: TokenCache::default() })
    }

    /// Sends `text` to `phone`, an E.164 number.
    ///
    /// # Errors
    /// A fault when the outcome is unknown, the carrier is busy, or the contract is at fault (403: no balance).
    pub async fn send(&self, phone: &str, text: &str) -> Result<SendAnswer, Fault> {
        let body = self.wire(phone, text);
        self.token.send(SERVICE, || self.fetch_token(), |token| self.attempt(token, &body)).await
    }

    fn wire(&self, phone: &str, text: &str) -> Envelope {
        Envelope {
            request: Request {
                address: format!("tel:{phone}"),
                sender_address: self.settings.sender.clone(),
                sender_name: self.settings.sender_name.clone(),
                text: Text { message: text.to_owned() },
                resource_url: None,
            },
        }
    }

    async fn attempt(&self, token: Secret, body: &Envelope) -> Result<Judgement, Fault> {
        let sender = self.settings.sender.replace(':', "%3A").replace('+', "%2B");
        let url = format!("{}/smsmessaging/v1/outbound/{sender}/requests", self.settings.api_url);
        let request = self.http.post(url).bearer_auth(token.expose()).json(body);
        Ok(judge(&http::call(SERVICE, "send", request).await?))
    }

    async fn fetch_token(&self) -> Result<TokenAnswer, Fault> {
        let form = TokenRequest { grant_type: "client_credentials".to_owned() };
        let request = self
            .http
            .post(format!("{}/oauth/v3/token", self.settings.api_url))
            .basic_auth(&self.settings.client_id, Some(self.settings.client_secret.expose()))
            .form(&form);
        let answer = http::call(SERVICE, "token", request).await?;
        let token = answer.status.is_success().then(|| answer.json()).flatten();
        token.ok_or_else(|| answer.fault(SERVICE, "no token", None))
    }
}

/// Only 400 is about the message. 403 is the contract (no balance, expired bundle): the message waits for an operator.
fn judge(answer: &Answer) -> Judgement {
    let status = answer.status.as_u16();
    if answer.status.is_success() {
        return match answer.json::<Envelope>() {
            Some(sent) => Judgement::Final(SendAnswer::Sent { provider_message_id: message_id(&sent) }),
            None => Judgement::Trouble(answer.fault(SERVICE, "unreadable answer", None)),
        };
    }
    let refusal = answer.json::<ErrorBody>().map(refusal);
    let code = refusal.as_ref().map_or("no answer of the carrier's own", |(code, _)| code).to_owned();
    match (status, refusal) {
        (400, Some((code, words))) => Judgement::Final(SendAnswer::rejected(code, &words)),
        (401, _) => Judgement::RenewToken,
        (403, _) => {
            tracing::error!(code, "the SMS contract refuses: no balance or expired bundle");
            Judgement::Trouble(answer.fault(SERVICE, &code, None))
        }
        (429, _) => Judgement::Trouble(answer.fault(SERVICE, &code, Some(THROTTLE_PAUSE))),
        _ => Judgement::Trouble(answer.fault(SERVICE, &code, None)),
    }
}

/// The last segment of `resourceURL`: what receipts call `callbackData`.
fn message_id(sent: &Envelope) -> Option<String> {
    let url = sent.request.resource_url.as_deref()?;
    url.rsplit('/').next().filter(|id| !id.is_empty()).map(str::to_owned)
}

/// Code and words. The variables stay out: they may repeat the phone number.
fn refusal(body: ErrorBody) -> (String, String) {
    match body {
        ErrorBody::Parlay {
            request_error: RequestError::PolicyException(why) | RequestError::ServiceException(why),
        } => (why.message_id, why.text),
        ErrorBody::Gateway { code, message, .. } => (code.to_string().trim_matches('"').to_owned(), message),
    }
}

#[cfg(test)]
#[path = "sms_tests.rs"]
mod tests;
