//! Calls to Stripe: forms in, JSON out. A thin client of our own is smaller and steadier than a generated one for five
//! calls (PROVIDERS §4.3).

use super::wire::{ErrorBody, Refused};
use crate::{
    http::{self, Answer},
    payments::{declined, settings::Account},
    secret::Secret,
};
use domain::{error::Fault, money::Currency, payments::provider::Declined};
use reqwest::Method;
use serde::de::DeserializeOwned;

/// The name this room goes by in faults and metrics.
pub(super) const SERVICE: &str = "stripe";

/// What we prove ourselves to Stripe with.
#[derive(Debug, Clone)]
pub struct StripeKeys {
    /// `sk_live_…`, or `sk_test_…` where no money moves.
    pub secret_key: Secret,
    /// How payers know the merchant.
    pub merchant_name: String,
}

/// One Stripe account, asked for one currency.
#[derive(Debug)]
pub struct Stripe {
    http: reqwest::Client,
    base_url: String,
    pub(super) keys: StripeKeys,
    pub(super) currency: Currency,
}

/// What a call came to, once it is certain.
pub(super) enum Verdict<T> {
    /// What Stripe says.
    Said(T),
    /// A definite no.
    Declined(Declined),
}

/// A form: nested fields are written `metadata[payment]`.
pub(super) type Form<'a> = Vec<(&'a str, String)>;

impl Stripe {
    /// A client of this account.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(account: &Account, keys: StripeKeys) -> Result<Self, reqwest::Error> {
        Ok(Self { http: http::client()?, base_url: account.base_url(), keys, currency: account.currency })
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Verdict<T>, Fault> {
        let request = self.http.request(Method::GET, format!("{}{path}", self.base_url)).query(query);
        let request = request.bearer_auth(self.keys.secret_key.expose());
        classify(&http::call(SERVICE, operation, request).await?)
    }

    /// The first outcome of a key is answered again for a day, whatever is asked.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        key: &str,
        form: &Form<'_>,
    ) -> Result<Verdict<T>, Fault> {
        let request = self.http.post(format!("{}{path}", self.base_url)).form(form);
        let request = request.bearer_auth(self.keys.secret_key.expose()).header("idempotency-key", key);
        classify(&http::call(SERVICE, operation, request).await?)
    }
}

/// 400, 402 and 404 in Stripe's words are a no. A key used with another body says that an *earlier* order exists: what
/// became of that one is open; so is what 401, 403, 409, 424, 429 and 5xx are about.
fn classify<T: DeserializeOwned>(answer: &Answer) -> Result<Verdict<T>, Fault> {
    if answer.status.is_success() {
        let said = answer.json().map(Verdict::Said);
        return said.ok_or_else(|| answer.fault(SERVICE, "unreadable answer", None));
    }
    let Some(ErrorBody { error: Refused { kind, code, message } }) = answer.json() else {
        return Err(answer.fault(SERVICE, "no answer of Stripe's own", None));
    };
    let code = code.unwrap_or_else(|| kind.clone());
    match (answer.status.as_u16(), kind.as_str()) {
        (_, "idempotency_error") => Err(answer.fault(SERVICE, &code, None)),
        (400 | 402 | 404, _) => Ok(Verdict::Declined(declined(&code, &message))),
        _ => Err(answer.fault(SERVICE, &code, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;

    fn judged(status: u16, content_type: &str, body: &str) -> &'static str {
        let status = StatusCode::from_u16(status).unwrap();
        let (content_type, body) = (content_type.into(), body.into());
        match classify::<serde_json::Value>(&Answer { status, content_type, retry_after: None, body }) {
            Ok(Verdict::Said(_)) => "said",
            Ok(Verdict::Declined(_)) => "declined",
            Err(_) => "open",
        }
    }

    #[test]
    fn a_no_is_in_stripes_words_and_about_the_order() {
        let error = |kind: &str| format!(r#"{{"error":{{"type":"{kind}","code":"c","message":"m"}}}}"#);
        for status in [400, 402, 404] {
            assert_eq!(judged(status, "application/json", &error("invalid_request_error")), "declined", "{status}");
            assert_eq!(judged(status, "text/html", "<html>"), "open", "{status}");
        }
        assert_eq!(judged(400, "application/json", &error("idempotency_error")), "open");
        for status in [401, 403, 409, 424, 429, 500, 503] {
            assert_eq!(judged(status, "application/json", &error("api_error")), "open", "{status}");
        }
        assert_eq!(judged(200, "text/html", "<html>"), "open");
    }
}
