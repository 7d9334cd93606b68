//! Calls to MTN MoMo. What counts is the code, not the HTTP status: a 500 may be a definite no (PROVIDERS §3.6).

use super::wire::{ErrorBody, Order, TokenRequest};
use crate::{
    http::{self, Answer},
    messages::{TokenAnswer, token::TokenCache},
    payments::{Callbacks, bearer, declined, settings::Account},
    secret::Secret,
};
use domain::{error::Fault, ids::PaymentId, money::Currency, payments::provider::Declined};
use reqwest::{Method, RequestBuilder};

/// The name this room goes by in faults, metrics and callback addresses.
pub(super) const SERVICE: &str = "mtn";

/// What we prove ourselves to MTN with.
#[derive(Debug, Clone)]
pub struct MtnKeys {
    /// `X-Target-Environment`, e.g. `mtnivorycoast`.
    pub target_environment: String,
    /// The API user.
    pub api_user: String,
    /// What proves it.
    pub api_key: Secret,
    /// The subscription to collections.
    pub collection_key: Secret,
    /// The subscription to disbursements; without it nothing goes out by itself.
    pub disbursement_key: Option<Secret>,
    /// Where callbacks come to.
    pub callbacks: Callbacks,
}

/// One MTN account: one country, one currency.
#[derive(Debug)]
pub struct Mtn {
    http: reqwest::Client,
    base_url: String,
    pub(super) keys: MtnKeys,
    pub(super) currency: Currency,
    collection: TokenCache,
    disbursement: TokenCache,
}

/// One of MTN's products, each with its own subscription and token.
#[derive(Debug, Clone, Copy)]
pub(super) enum Product {
    Collection,
    Disbursement,
}

/// What a call came to, once it is certain.
pub(super) enum Verdict {
    /// 2xx, or "I have that already".
    Done(Answer),
    /// Nothing has this id, or not yet.
    Missing,
    /// A definite no.
    Declined(Declined),
}

impl Mtn {
    /// A client of this account.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(account: &Account, keys: MtnKeys) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: http::client()?,
            base_url: account.base_url(),
            keys,
            currency: account.currency,
            collection: TokenCache::default(),
            disbursement: TokenCache::default(),
        })
    }

    pub(super) async fn read(&self, product: Product, operation: &'static str, path: &str) -> Result<Verdict, Fault> {
        self.call(product, operation, |http, url| http.request(Method::GET, format!("{url}/{path}"))).await
    }

    /// Gives an order under our own id, which is MTN's id and idempotency key too.
    pub(super) async fn order(
        &self,
        product: Product,
        operation: &'static str,
        id: PaymentId,
        order: &Order,
        callback: Option<String>,
    ) -> Result<Verdict, Fault> {
        self.call(product, operation, |http, url| {
            let request = http.post(format!("{url}/v1_0/{operation}")).header("x-reference-id", id.to_string());
            // present, it may not be empty (PROVIDERS §3.3)
            match &callback {
                Some(address) => request.header("x-callback-url", address),
                None => request,
            }
            .json(order)
        })
        .await
    }

    async fn call(
        &self,
        product: Product,
        operation: &'static str,
        request: impl Fn(&reqwest::Client, &str) -> RequestBuilder,
    ) -> Result<Verdict, Fault> {
        let (tokens, name) = match product {
            Product::Collection => (&self.collection, "collection"),
            Product::Disbursement => (&self.disbursement, "disbursement"),
        };
        let (url, key) = (format!("{}/{name}", self.base_url), self.subscription(product)?);
        let fetch = || self.fetch_token(&url, key);
        let answer = bearer::call(tokens, SERVICE, fetch, |token| {
            let request = request(&self.http, &url)
                .bearer_auth(token.expose())
                .header("ocp-apim-subscription-key", key.expose())
                .header("x-target-environment", &self.keys.target_environment);
            http::call(SERVICE, operation, request)
        });
        classify(answer.await?)
    }

    fn subscription(&self, product: Product) -> Result<&Secret, Fault> {
        match product {
            Product::Collection => Ok(&self.keys.collection_key),
            Product::Disbursement => {
                let key = self.keys.disbursement_key.as_ref();
                key.ok_or_else(|| Fault::corrupt("provider account", "no subscription to MTN disbursements"))
            }
        }
    }

    async fn fetch_token(&self, url: &str, key: &Secret) -> Result<TokenAnswer, Fault> {
        let request = self
            .http
            .post(format!("{url}/token/"))
            .basic_auth(&self.keys.api_user, Some(self.keys.api_key.expose()))
            .header("ocp-apim-subscription-key", key.expose())
            .json(&TokenRequest { grant_type: "client_credentials".into() });
        bearer::token(SERVICE, &http::call(SERVICE, "token", request).await?)
    }
}

/// Codes that leave the outcome open, whatever the status.
const OPEN: [&str; 2] = ["INTERNAL_PROCESSING_ERROR", "SERVICE_UNAVAILABLE"];
/// Codes that say our own settings are wrong: asking again changes nothing, a person must act.
const OURS: [&str; 3] = ["INVALID_CURRENCY", "NOT_ALLOWED_TARGET_ENVIRONMENT", "INVALID_CALLBACK_URL_HOST"];
/// Codes for what does not exist, or not yet.
const MISSING: [&str; 2] = ["RESOURCE_NOT_FOUND", "TRANSACTION_NOT_FOUND"];

/// A no counts only in MTN's own words. 401, 403 and 429 are about us, not about the payment.
fn classify(answer: Answer) -> Result<Verdict, Fault> {
    if answer.status.is_success() {
        return Ok(Verdict::Done(answer));
    }
    let status = answer.status.as_u16();
    let Some(ErrorBody { code, message }) = answer.json() else {
        return Err(answer.fault(SERVICE, "no answer of MTN's own", None));
    };
    match (status, code.as_str()) {
        (409, _) | (_, "RESOURCE_ALREADY_EXIST") => Ok(Verdict::Done(answer)),
        (404, code) | (_, code) if MISSING.contains(&code) => Ok(Verdict::Missing),
        (_, code) if OURS.contains(&code) => {
            tracing::error!(code, "MTN refuses our settings: a person must act");
            Ok(Verdict::Declined(declined(code, &message)))
        }
        (401 | 403 | 408 | 429, code) => Err(answer.fault(SERVICE, code, None)),
        (_, code) if OPEN.contains(&code) => Err(answer.fault(SERVICE, code, None)),
        (400..=599, code) => Ok(Verdict::Declined(declined(code, &message))),
        (_, code) => Err(answer.fault(SERVICE, code, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;

    fn judged(status: u16, content_type: &str, body: &str) -> &'static str {
        let status = StatusCode::from_u16(status).unwrap();
        let (content_type, body) = (content_type.into(), body.into());
        match classify(Answer { status, content_type, retry_after: None, body }) {
            Ok(Verdict::Done(_)) => "done",
            Ok(Verdict::Missing) => "missing",
            Ok(Verdict::Declined(_)) => "declined",
            Err(_) => "open",
        }
    }

    fn coded(status: u16, code: &str) -> &'static str {
        judged(status, "application/json", &format!(r#"{{"code":"{code}","message":""}}"#))
    }

    #[test]
    fn the_code_decides_not_the_status() {
        assert_eq!(coded(500, "PAYER_NOT_FOUND"), "declined");
        assert_eq!(coded(500, "INVALID_CURRENCY"), "declined");
        assert_eq!(coded(400, "NOT_ENOUGH_FUNDS"), "declined");
        assert_eq!(coded(500, "INTERNAL_PROCESSING_ERROR"), "open");
        assert_eq!(coded(503, "SERVICE_UNAVAILABLE"), "open");
        assert_eq!(coded(409, "RESOURCE_ALREADY_EXIST"), "done");
        assert_eq!(coded(404, "RESOURCE_NOT_FOUND"), "missing");
    }

    #[test]
    fn what_is_not_mtns_own_word_decides_nothing() {
        assert_eq!(judged(200, "text/html", "<html>"), "done", "the reader of the body finds out");
        for status in [301, 400, 401, 403, 404, 429, 500, 502] {
            assert_eq!(judged(status, "text/html", "<html>"), "open", "{status}");
        }
        assert_eq!(coded(403, "NOT_ALLOWED"), "open", "our address is not known there");
    }
}
