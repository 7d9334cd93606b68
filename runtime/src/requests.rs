//! What happens around every request: an id, a trace, one log line and one measurement.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::trace::TraceContext;

/// The header that carries the request id both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id we accept from a caller, in bytes.
const LONGEST_REQUEST_ID: usize = 64;

/// The id of the request in hand, found in its extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// The caller's id when it is short and plain, else a new one: a foreign text goes into every log
    /// line and every audit row.
    fn of(headers: &HeaderMap) -> Self {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let usable = given.filter(|id| (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.bytes().all(plain));
        Self(usable.map_or_else(new_request_id, str::to_owned))
    }
}

#[allow(clippy::disallowed_methods, reason = "an id for logs decides nothing, so it need not be reproducible")]
fn new_request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Middleware for `axum::middleware::from_fn`. Puts [`RequestId`] and [`TraceContext`] in the
/// request's extensions, opens the span that carries both, answers with `x-request-id`, and records
/// `http_requests_total` and `http_request_seconds` by method, route and status. The route is the
/// pattern, never the path: a path holds ids and may hold codes.
pub async fn track(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let header = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let trace = TraceContext::continue_from(header);
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = method_label(request.method());
    let span = tracing::info_span!("request", method, route, request_id = id.0, trace_id = trace.trace_id());

    request.extensions_mut().insert(trace);
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).instrument(span.clone()).await;

    let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
    span.in_scope(|| tell(&route, status, seconds));
    measure(method, route, status, seconds);
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// One line a request, quieter for probes: they come every few seconds for ever.
fn tell(route: &str, status: u16, seconds: f64) {
    let ms = (seconds * 10_000.0).round() / 10.0;
    if route.starts_with("/health") || route == "/metrics" {
        tracing::debug!(status, ms, "answered");
    } else {
        tracing::info!(status, ms, "answered");
    }
}

fn measure(method: &'static str, route: String, status: u16, seconds: f64) {
    metrics::counter!("http_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("http_request_seconds", "method" => method, "route" => route).record(seconds);
}

/// A method may be any word, and a label must not be: each value costs memory for ever.
fn method_label(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(given: &str) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_str(given).expect("a header value"));
        RequestId::of(&headers)
    }

    #[test]
    fn a_plain_id_is_kept_and_anything_else_replaced() {
        assert_eq!(id_for("req-42").0, "req-42");
        for odd in ["", "a b", "a\"b", &"x".repeat(LONGEST_REQUEST_ID + 1)] {
            assert_ne!(id_for(odd).0, odd);
        }
    }
}
