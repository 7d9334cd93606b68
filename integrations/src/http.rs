//! One way to call somebody else's HTTP service: bounded in time and size, counted, and quiet in the logs.

use domain::error::Fault;
use reqwest::{Client, RequestBuilder, StatusCode, header};
use std::time::{Duration, Instant};

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long one call may take from first to last byte.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest answer that is read.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// A service that asks for more than this is told no by coming back sooner (PROVIDERS §5.4 gives up at two minutes).
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// The one client of this room.
///
/// Trusts the machine's certificate store; on a machine without one, Mozilla's roots built into the binary, so that
/// a bare container starts. Follows no redirect: a bearer token must not travel to another host.
///
/// # Errors
/// When no TLS configuration can be built at all.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    crate::install_crypto();
    builder().build().or_else(|_| builder().tls_backend_preconfigured(bundled_roots()).build())
}

fn builder() -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(concat!("teranga/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
}

fn bundled_roots() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

/// A whole answer, read within its bounds.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; `None` when it says it is something else, or is not what it says.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        let kind = self.content_type.split(';').next().unwrap_or_default().trim();
        let is_json = kind.eq_ignore_ascii_case("application/json") || kind.ends_with("+json");
        is_json.then(|| serde_json::from_slice(&self.body).ok()).flatten()
    }

    /// Outcome unknown or not the caller's doing: try again, not before the service's own `Retry-After`, else `pause`.
    pub(crate) fn fault(&self, service: &'static str, word: &str, pause: Option<Duration>) -> Fault {
        let status = self.status.as_u16();
        Fault::Remote { service, problem: format!("{status} {word}"), retry_after: self.retry_after.or(pause) }
    }
}

/// Sends a request and reads the whole answer, whatever its status.
///
/// # Errors
/// [`Fault::Remote`] when no complete answer came: the outcome is unknown.
pub(crate) async fn call(
    service: &'static str,
    operation: &'static str,
    request: RequestBuilder,
) -> Result<Answer, Fault> {
    let began = Instant::now();
    let result = exchange(request).await;
    let outcome = match &result {
        Ok(answer) => outcome(answer.status),
        Err(problem) => problem,
    };
    record(service, operation, outcome, began);
    result.map_err(|problem| Fault::remote(service, problem))
}

/// Counts one outgoing call and its duration, for HTTP and SMTP alike.
pub(crate) fn record(service: &'static str, operation: &'static str, outcome: &'static str, began: Instant) {
    metrics::counter!("provider_requests_total", "service" => service, "operation" => operation, "outcome" => outcome)
        .increment(1);
    metrics::histogram!("provider_request_duration_seconds", "service" => service, "operation" => operation)
        .record(began.elapsed().as_secs_f64());
}

async fn exchange(request: RequestBuilder) -> Result<Answer, &'static str> {
    let mut response = request.send().await.map_err(|error| problem(&error))?;
    let status = response.status();
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let content_type = text(header::CONTENT_TYPE).unwrap_or_default();
    let retry_after = text(header::RETRY_AFTER).and_then(|value| retry_after(&value));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| problem(&error))? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err("too large");
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, content_type, retry_after, body })
}

/// A word for a failed call. Never the error itself: it names addresses, and addresses may carry references.
fn problem(error: &reqwest::Error) -> &'static str {
    match error {
        e if e.is_timeout() => "timeout",
        e if e.is_connect() => "unreachable",
        e if e.is_builder() => "unsendable",
        _ => "broken",
    }
}

fn outcome(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..=299 => "ok",
        401 | 403 => "unauthorized",
        429 => "throttled",
        408 | 500.. => "failed",
        400..=499 => "refused",
        _ => "unexpected",
    }
}

/// `Retry-After` in its seconds form; the date form is rare and treated as absent.
fn retry_after(value: &str) -> Option<Duration> {
    let seconds = value.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

/// Seconds since 1970 by this machine's clock, for signatures and assertions that leave it.
#[allow(clippy::disallowed_methods, reason = "a signature is about real time, not about the clock tests may move")]
pub(crate) fn unix_now() -> i64 {
    chrono::Utc::now().timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_be_built_with_and_without_a_certificate_store() {
        client().expect("client with whatever this machine has");
        builder().tls_backend_preconfigured(bundled_roots()).build().expect("client with the bundled roots");
    }

    #[test]
    fn only_json_is_read_as_json() {
        let answer = |content_type: &str, body: &str| Answer {
            status: StatusCode::OK,
            content_type: content_type.into(),
            retry_after: None,
            body: body.into(),
        };
        let read = |a: Answer| a.json::<serde_json::Value>();
        assert!(read(answer("application/json; charset=utf-8", "{}")).is_some());
        assert!(read(answer("application/problem+json", "{}")).is_some());
        assert!(read(answer("text/html", "{}")).is_none());
        assert!(read(answer("", "{}")).is_none());
        assert!(read(answer("application/json", "<html>")).is_none());
    }

    #[test]
    fn retry_after_is_seconds_within_reason() {
        assert_eq!(retry_after("7"), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("99999999"), Some(LONGEST_RETRY_AFTER));
        assert_eq!(retry_after("-1"), None);
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}
