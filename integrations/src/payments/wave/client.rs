//! Calls to Wave. A definite no is a value; anything that leaves the outcome open is a fault (PROVIDERS §1.2).

use super::{webhook, wire};
use crate::{
    http::{self, Answer},
    payments::{declined, settings::Account},
    secret::Secret,
};
use domain::{error::Fault, money::Currency, payments::provider::Declined};
use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};

/// The name this room goes by in faults and metrics.
pub(super) const SERVICE: &str = "wave";

/// What we prove ourselves to Wave with. Carriers receive no webhooks, and hold no secret of theirs.
#[derive(Debug, Clone)]
pub struct WaveKeys {
    /// The key of the wallet.
    pub api_key: Secret,
    /// Request signing, where it is switched on for the key.
    pub signing_secret: Option<Secret>,
}

/// One Wave wallet: one country, one currency, one key.
#[derive(Debug)]
pub struct Wave {
    http: reqwest::Client,
    base_url: String,
    api_key: Secret,
    signing_secret: Option<Secret>,
    pub(super) currency: Currency,
}

/// What a call came to, once it is certain.
#[derive(Debug)]
pub(super) enum Verdict {
    /// 2xx.
    Done(Answer),
    /// A definite no from Wave itself.
    Declined {
        /// The HTTP status, for calls where it has a meaning of its own.
        status: StatusCode,
        /// Wave's code and words.
        why: Declined,
    },
}

/// One call: what it is named in metrics, and what goes on the wire.
pub(super) struct Call<'a> {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) key: Option<&'a str>,
    pub(super) body: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(super) fn get(operation: &'static str, path: &'a str) -> Self {
        Self { operation, method: Method::GET, path, query: &[], key: None, body: Vec::new() }
    }

    pub(super) fn post(operation: &'static str, path: &'a str) -> Self {
        Self { method: Method::POST, ..Self::get(operation, path) }
    }

    pub(super) fn json(self, body: &impl Serialize) -> Self {
        Self { body: serde_json::to_vec(body).expect("wire types have string keys only"), ..self }
    }
}

impl Wave {
    /// A client of this wallet.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(account: &Account, keys: WaveKeys) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: http::client()?,
            base_url: account.base_url(),
            api_key: keys.api_key,
            signing_secret: keys.signing_secret.filter(|secret| !secret.is_empty()),
            currency: account.currency,
        })
    }

    /// Makes a call and judges its answer.
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Verdict, Fault> {
        let mut request = self
            .http
            .request(call.method.clone(), format!("{}{}", self.base_url, call.path))
            .query(call.query)
            .bearer_auth(self.api_key.expose());
        if let Some(secret) = &self.signing_secret {
            // Request signing is switched on per key (PROVIDERS §1.1); a GET signs its empty body.
            request = request.header(webhook::SIGNATURE_HEADER, webhook::sign(secret, http::unix_now(), &call.body));
        }
        if let Some(key) = call.key {
            request = request.header("idempotency-key", key);
        }
        if !call.body.is_empty() {
            request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(call.body);
        }
        classify(http::call(SERVICE, call.operation, request).await?)
    }

    /// A call whose only good answer is JSON.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call<'_>,
    ) -> Result<Result<T, (StatusCode, Declined)>, Fault> {
        match self.call(call).await? {
            Verdict::Done(answer) => Ok(Ok(said(&answer)?)),
            Verdict::Declined { status, why } => Ok(Err((status, why))),
        }
    }
}

/// The JSON of a 2xx answer. HTML, an empty body or another shape leaves the outcome unknown.
fn said<T: DeserializeOwned>(answer: &Answer) -> Result<T, Fault> {
    answer.json().ok_or_else(|| answer.fault(SERVICE, "unreadable answer", None))
}

/// Is this a yes, a definite no, or neither?
///
/// A no counts only in Wave's own words: a 404 page from something in between must not fail a payout that an earlier
/// attempt may have paid. 401 and 403 are about our key, not about the payment. `idempotency-mismatch` says that an
/// *earlier* order with this key exists: what became of that one is open.
pub(super) fn classify(answer: Answer) -> Result<Verdict, Fault> {
    let status = answer.status;
    if status.is_success() {
        return Ok(Verdict::Done(answer));
    }
    let error: Option<wire::ErrorBody> = answer.json();
    let why = error.as_ref().map(|error| {
        let (code, message) = error.parts();
        declined(code, message)
    });
    match (status.as_u16(), why) {
        (408 | 401 | 403 | 429, Some(why)) => Err(answer.fault(SERVICE, &why.code, None)),
        (400..=499, Some(why)) if why.code == "idempotency-mismatch" => Err(answer.fault(SERVICE, &why.code, None)),
        (400..=499, Some(why)) => Ok(Verdict::Declined { status, why }),
        _ => Err(answer.fault(SERVICE, "no answer of Wave's own", None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn answer(status: u16, content_type: &str, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            content_type: content_type.into(),
            retry_after: (status == 429).then_some(Duration::from_secs(9)),
            body: body.into(),
        }
    }

    const USUAL: &str = include_str!("fixtures/error_usual.json");
    const NESTED: &str = include_str!("fixtures/error_nested.json");
    const PAYOUT: &str = include_str!("fixtures/error_payout.json");

    #[test]
    fn a_definite_no_is_a_value_in_all_three_forms() {
        for (body, code) in
            [(USUAL, "request-validation-error"), (NESTED, "ip-not-allowed"), (PAYOUT, "recipient-account-blocked")]
        {
            for status in [400, 404, 405, 409, 422] {
                match classify(answer(status, "application/json", body)) {
                    Ok(Verdict::Declined { why, .. }) => assert_eq!(why.code, code),
                    other => panic!("{status}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn our_configuration_never_fails_a_payment() {
        for status in [401, 403] {
            assert!(classify(answer(status, "application/json", NESTED)).is_err(), "{status}");
            assert!(classify(answer(status, "text/html", "<html>")).is_err(), "{status}");
        }
    }

    #[test]
    fn an_open_outcome_is_a_fault() {
        for status in [301, 408, 500, 502, 503, 504] {
            assert!(classify(answer(status, "application/json", USUAL)).is_err(), "{status}");
        }
        assert!(classify(answer(404, "text/html", "<h1>nginx</h1>")).is_err());
        assert!(classify(answer(404, "text/html", USUAL)).is_err());
        assert!(classify(answer(400, "application/json", "{}")).is_err());
        let mismatch = r#"{"code":"idempotency-mismatch","message":"another body"}"#;
        assert!(classify(answer(409, "application/json", mismatch)).is_err());
    }

    #[test]
    fn waves_own_pause_is_passed_on() {
        match classify(answer(429, "application/json", r#"{"code":"too-many-requests","message":""}"#)) {
            Err(Fault::Remote { service: "wave", retry_after, problem }) => {
                assert_eq!(retry_after, Some(Duration::from_secs(9)));
                assert_eq!(problem, "429 too-many-requests");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_page_with_status_200_is_not_an_answer() {
        for (content_type, body) in [("text/html", "<html>"), ("application/json", "{}"), ("application/json", "")] {
            let Ok(Verdict::Done(answer)) = classify(answer(200, content_type, body)) else { panic!("2xx is done") };
            assert!(said::<wire::Session>(&answer).is_err(), "{content_type} {body}");
        }
    }
}
