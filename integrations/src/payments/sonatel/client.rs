//! Calls to the Orange Sonatel eWallet (PROVIDERS §2B).

use super::wire::{Problem, TokenRequest};
use crate::{
    http::{self, Answer},
    messages::{TokenAnswer, token::TokenCache},
    payments::{bearer, declined, settings::Account},
    secret::Secret,
};
use domain::{error::Fault, money::Currency, payments::provider::Declined};
use reqwest::{RequestBuilder, header::CONTENT_TYPE};
use serde::{Serialize, de::DeserializeOwned};

/// The name this room goes by in faults and metrics.
pub(super) const SERVICE: &str = "sonatel";

/// What we prove ourselves to Sonatel with.
#[derive(Debug, Clone)]
pub struct SonatelKeys {
    /// Our application.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Secret,
    /// The merchant's six digits.
    pub merchant_code: String,
    /// How payers know the merchant.
    pub merchant_name: String,
}

/// One merchant.
#[derive(Debug)]
pub struct Sonatel {
    http: reqwest::Client,
    base_url: String,
    pub(super) keys: SonatelKeys,
    pub(super) currency: Currency,
    tokens: TokenCache,
}

/// What a call came to, once it is certain.
pub(super) enum Verdict<T> {
    /// What Sonatel says.
    Said(T),
    /// A definite no.
    Declined(Declined),
}

impl Sonatel {
    /// A client of this merchant.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(account: &Account, keys: SonatelKeys) -> Result<Self, reqwest::Error> {
        let (base_url, currency) = (account.base_url(), account.currency);
        Ok(Self { http: http::client()?, base_url, keys, currency, tokens: TokenCache::default() })
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Verdict<T>, Fault> {
        self.call(operation, |http| http.post(format!("{}{path}", self.base_url)).json(body)).await
    }

    /// Even a GET must say what it brings: without a content type it is answered with 415.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Verdict<T>, Fault> {
        let request = |http: &reqwest::Client| {
            http.get(format!("{}{path}", self.base_url)).query(query).header(CONTENT_TYPE, "application/json")
        };
        self.call(operation, request).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Verdict<T>, Fault> {
        let attempt = |token: Secret| {
            let request = request(&self.http).bearer_auth(token.expose());
            http::call(SERVICE, operation, request)
        };
        classify(&bearer::call(&self.tokens, SERVICE, || self.fetch_token(), attempt).await?)
    }

    async fn fetch_token(&self) -> Result<TokenAnswer, Fault> {
        let form = TokenRequest {
            client_id: self.keys.client_id.clone(),
            client_secret: self.keys.client_secret.expose().to_owned(),
            grant_type: "client_credentials".into(),
        };
        let request = self.http.post(format!("{}/oauth/v1/token", self.base_url)).form(&form);
        bearer::token(SERVICE, &http::call(SERVICE, "token", request).await?)
    }
}

/// 400 and 422 in Sonatel's words are about the payment; the rest is about us, or decides nothing.
fn classify<T: DeserializeOwned>(answer: &Answer) -> Result<Verdict<T>, Fault> {
    if answer.status.is_success() {
        let said = answer.json().map(Verdict::Said);
        return said.ok_or_else(|| answer.fault(SERVICE, "unreadable answer", None));
    }
    match (answer.status.as_u16(), answer.json::<Problem>()) {
        (400 | 422, Some(problem)) => {
            let code = problem.code.to_string().trim_matches('"').to_owned();
            Ok(Verdict::Declined(declined(&code, &format!("{} {}", problem.title, problem.detail))))
        }
        (_, Some(problem)) => Err(answer.fault(SERVICE, &problem.code.to_string(), None)),
        _ => Err(answer.fault(SERVICE, "no answer of Sonatel's own", None)),
    }
}
