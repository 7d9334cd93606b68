//! Who may talk to Wave: the API key, and the request signature where one is switched on (PROVIDERS §1.1).

use super::error::WaveError;
use crate::sandbox::{Sandbox, real_now};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use integrations::Secret;
use integrations::payments::wave::webhook::SIGNATURE_HEADER;
use integrations::signing::{Scheme, SignatureHeader, same_secret};

/// The largest request read, in bytes.
const LARGEST_BODY: usize = 256 * 1024;
/// Wave refuses a timestamp older than this, in seconds …
const OLDEST: i64 = 300;
/// … or further ahead than this.
const FURTHEST: i64 = 30;

/// The middleware.
pub(super) async fn check(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return WaveError::new(StatusCode::BAD_REQUEST, "request-parsing-error", "too large").into_response();
    };
    let settings = sandbox.settings();
    let allowed = check_key(&settings.api_keys, &parts.headers).and_then(|()| match &settings.signing_secret {
        Some(secret) => check_signature(secret, &parts.headers, &body),
        None => Ok(()),
    });
    match allowed {
        Ok(()) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(code) => {
            WaveError::new(StatusCode::UNAUTHORIZED, code, "this request is not authenticated").into_response()
        }
    }
}

fn check_key(keys: &[Secret], headers: &HeaderMap) -> Result<(), &'static str> {
    let given = headers.get(header::AUTHORIZATION).ok_or("missing-auth-header")?;
    let given = given.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).ok_or("invalid-auth")?;
    if given.is_empty() {
        return Err("api-key-not-provided");
    }
    let known = keys.iter().fold(false, |known, key| same_secret(given, key) | known);
    if known { Ok(()) } else { Err("no-matching-api-key") }
}

fn check_signature(secret: &Secret, headers: &HeaderMap, body: &[u8]) -> Result<(), &'static str> {
    let given = headers.get(SIGNATURE_HEADER).ok_or("missing-signature")?;
    let given = given.to_str().ok().and_then(SignatureHeader::parse).ok_or("invalid-signature-format")?;
    if !given.signed_by_any(Scheme::Wave, std::slice::from_ref(secret), body) {
        return Err("invalid-signature");
    }
    match real_now().timestamp() - given.unix {
        age if age > OLDEST => Err("expired-signature-timestamp"),
        age if age < -FURTHEST => Err("invalid-signature-timestamp"),
        _ => Ok(()),
    }
}
