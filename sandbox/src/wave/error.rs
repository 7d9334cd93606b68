//! Wave's refusals (PROVIDERS §1.2), and reading requests so that each ends in one of them.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use integrations::payments::wave::wire::ErrorBody;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A refusal: status and body in Wave's usual form.
#[derive(Debug, Clone)]
pub(crate) struct WaveError {
    status: StatusCode,
    body: ErrorBody,
}

impl WaveError {
    /// A refusal without details.
    pub(crate) fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self { status, body: ErrorBody::new(code, message) }
    }

    /// One field is wrong.
    pub(crate) fn field(place: &[&str], message: &str) -> Self {
        let details = vec![json!({"loc": place, "msg": message, "type": "value_error"})];
        let message = "Some fields are not valid".to_owned();
        let body = ErrorBody::Usual { code: "request-validation-error".into(), message, details };
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, body }
    }

    /// Nothing has this id.
    pub(crate) fn not_found(code: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, "there is no such thing")
    }

    /// Status and JSON, for answers that are kept.
    pub(crate) fn parts(&self) -> (StatusCode, Value) {
        (self.status, serde_json::to_value(&self.body).unwrap_or_default())
    }
}

impl IntoResponse for WaveError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// A JSON body, both as it came and as the wire type says.
pub(super) fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<(Value, T), WaveError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(WaveError::new(StatusCode::BAD_REQUEST, "request-not-json", "send application/json"));
    }
    let bad = |message: &str| WaveError::new(StatusCode::BAD_REQUEST, "request-parsing-error", message);
    let value: Value = serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))?;
    let typed =
        serde_json::from_value(value.clone()).map_err(|error| WaveError::field(&["body"], &error.to_string()))?;
    Ok((value, typed))
}

/// The amount of `field` in francs. The tolerant wire type would take a number; Wave takes a string.
pub(super) fn francs(body: &Value, field: &str) -> Result<i64, WaveError> {
    let wrong = |message| WaveError::field(&[field], message);
    let text = body.get(field).and_then(Value::as_str).ok_or_else(|| wrong("must be a string"))?;
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let amount: Option<i64> = if digits { text.parse().ok() } else { None };
    amount.filter(|amount| *amount > 0).ok_or_else(|| wrong("must be a whole number of francs above zero"))
}

/// At most `most` characters, if present.
pub(super) fn no_longer(field: &str, text: Option<&str>, most: usize) -> Result<(), WaveError> {
    match text {
        Some(text) if text.chars().count() > most => Err(WaveError::field(&[field], "too long")),
        _ => Ok(()),
    }
}

/// A number in E.164 form.
pub(super) fn e164(field: &str, number: &str) -> Result<(), WaveError> {
    let digits = number.strip_prefix('+').unwrap_or_default();
    let plain = (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain && !digits.starts_with('0') { Ok(()) } else { Err(WaveError::field(&[field], "must be E.164")) }
}
