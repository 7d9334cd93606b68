//! Calls to the Orange gateway (PROVIDERS §2A).

use super::wire::{ErrorBody, TokenRequest};
use crate::{
    http::{self, Answer},
    messages::{TokenAnswer, token::TokenCache},
    payments::{Callbacks, bearer, declined, settings::Account},
    secret::Secret,
};
use domain::{error::Fault, money::Currency, payments::provider::Declined};
use serde::{Serialize, de::DeserializeOwned};

/// The name this room goes by in faults, metrics and callback addresses.
pub(super) const SERVICE: &str = "orange";

/// The country of the environment for trying out, and the currency that is only spoken there.
const TRYING: (&str, &str) = ("dev", "OUV");

/// What we prove ourselves to Orange with.
#[derive(Debug, Clone)]
pub struct OrangeKeys {
    /// The country as the path names it, e.g. `ci`; `dev` for trying out.
    pub country: String,
    /// Our application.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Secret,
    /// Which merchant is paid.
    pub merchant_key: Secret,
    /// How payers know the merchant, at most 30 characters.
    pub merchant_name: String,
    /// Where notifications come to.
    pub callbacks: Callbacks,
}

/// One merchant: one country, one currency.
#[derive(Debug)]
pub struct Orange {
    http: reqwest::Client,
    base_url: String,
    pub(super) keys: OrangeKeys,
    pub(super) currency: Currency,
    tokens: TokenCache,
}

/// What a call came to, once it is certain.
pub(super) enum Verdict<T> {
    /// What Orange says.
    Said(T),
    /// A definite no.
    Declined(Declined),
}

impl Orange {
    /// A client of this merchant.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(account: &Account, keys: OrangeKeys) -> Result<Self, reqwest::Error> {
        let (base_url, currency) = (account.base_url(), account.currency);
        Ok(Self { http: http::client()?, base_url, keys, currency, tokens: TokenCache::default() })
    }

    /// The currency as this environment writes it.
    pub(super) fn wire_currency(&self) -> String {
        let (country, currency) = TRYING;
        if self.keys.country == country { currency.into() } else { self.currency.to_string() }
    }

    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        body: &impl Serialize,
    ) -> Result<Verdict<T>, Fault> {
        let url = format!("{}/orange-money-webpay/{}/v1/{operation}", self.base_url, self.keys.country);
        let answer = bearer::call(
            &self.tokens,
            SERVICE,
            || self.fetch_token(),
            |token| {
                let request = self.http.post(&url).bearer_auth(token.expose()).json(body);
                http::call(SERVICE, operation, request)
            },
        );
        classify(&answer.await?)
    }

    async fn fetch_token(&self) -> Result<TokenAnswer, Fault> {
        let request = self
            .http
            .post(format!("{}/oauth/v3/token", self.base_url))
            .basic_auth(&self.keys.client_id, Some(self.keys.client_secret.expose()))
            .form(&TokenRequest { grant_type: "client_credentials".into() });
        bearer::token(SERVICE, &http::call(SERVICE, "token", request).await?)
    }
}

/// Only a 400 in the gateway's own words is about the payment; the rest is about us, or decides nothing.
fn classify<T: DeserializeOwned>(answer: &Answer) -> Result<Verdict<T>, Fault> {
    if answer.status.is_success() {
        let said = answer.json().map(Verdict::Said);
        return said.ok_or_else(|| answer.fault(SERVICE, "unreadable answer", None));
    }
    match (answer.status.as_u16(), answer.json::<ErrorBody>()) {
        (400, Some(error)) => {
            let message = format!("{} {}", error.message, error.description);
            Ok(Verdict::Declined(declined(&error.code.to_string(), &message)))
        }
        (_, Some(error)) => Err(answer.fault(SERVICE, &error.code.to_string(), None)),
        _ => Err(answer.fault(SERVICE, "no answer of Orange's own", None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::orange::wire::Opened;
    use reqwest::StatusCode;

    fn judged(status: u16, content_type: &str, body: &str) -> &'static str {
        let status = StatusCode::from_u16(status).unwrap();
        let (content_type, body) = (content_type.into(), body.into());
        match classify::<Opened>(&Answer { status, content_type, retry_after: None, body }) {
            Ok(Verdict::Said(_)) => "said",
            Ok(Verdict::Declined(_)) => "declined",
            Err(_) => "open",
        }
    }

    #[test]
    fn a_no_counts_in_the_gateways_own_words_only() {
        let opened = r#"{"status":201,"message":"OK","pay_token":"p","payment_url":"https://x","notif_token":"n"}"#;
        let refused = r#"{"code":23,"message":"Missing body field","description":"amount"}"#;
        assert_eq!(judged(201, "application/json", opened), "said");
        assert_eq!(judged(400, "application/json", refused), "declined");
        for status in [401, 403, 404, 429, 500, 503] {
            assert_eq!(judged(status, "application/json", refused), "open", "{status}");
        }
        assert_eq!(judged(200, "text/html", "<html>"), "open");
        assert_eq!(judged(201, "application/json", ""), "open", "an empty body says nothing");
        assert_eq!(judged(400, "text/html", "<html>"), "open");
    }
}
