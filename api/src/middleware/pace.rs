//! Slows down who asks too often, and tells everyone where they stand (T9, CX30).

use super::{client, limits::Standing};
use crate::{App, caller::Bearer, error::ApiError};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::refusals::Refusal;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// Counts the request by address and by person, and under `/auth` by attempts. The token is read here, because it
/// names the person; what it says is left for the caller's extractor.
pub async fn limit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let bearer = Bearer::read(request.method(), request.headers(), &app.tokens);
    let address = client::address(request.extensions(), request.headers(), app.config.trusted_proxies);
    let address = client::counted(address);
    let attempt = request.method() == Method::POST && request.uri().path().starts_with("/api/v1/auth/");

    let limits = &app.limits;
    let by_address = limits.addresses.as_ref().map(|counter| counter.count(&address));
    let by_person = bearer.person().and_then(|person| Some(limits.people.as_ref()?.count(&person)));
    let by_attempt = limits.sign_ins.as_ref().filter(|_| attempt).map(|counter| counter.count(&address));
    let tightest = [by_address, by_person, by_attempt].into_iter().flatten().min_by_key(strictness);

    let mut response = match tightest.and_then(|standing| standing.refused) {
        Some(retry_after_seconds) => ApiError::from(Refusal::RateLimited { retry_after_seconds }).into_response(),
        None => {
            request.extensions_mut().insert(bearer);
            next.run(request).await
        }
    };
    if let Some(standing) = tightest {
        tell(response.headers_mut(), standing);
    }
    response
}

/// Refused ones first, the longest wait before the others; then by what is left.
fn strictness(standing: &Standing) -> (u32, u64) {
    (standing.remaining, u64::MAX - standing.refused.unwrap_or(0))
}

/// The `RateLimit` headers of the IETF draft, in their three-header form.
fn tell(headers: &mut HeaderMap, standing: Standing) {
    let figures = [
        (HeaderName::from_static("ratelimit-limit"), u64::from(standing.limit)),
        (HeaderName::from_static("ratelimit-remaining"), u64::from(standing.remaining)),
        (HeaderName::from_static("ratelimit-reset"), standing.reset),
    ];
    for (name, figure) in figures {
        headers.insert(name, HeaderValue::from(figure));
    }
    if let Ok(policy) = HeaderValue::from_str(&format!("{};w=60", standing.limit)) {
        headers.insert(HeaderName::from_static("ratelimit-policy"), policy);
    }
}
