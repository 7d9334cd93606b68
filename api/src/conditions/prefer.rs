//! `Prefer: wait=n`: how long a client would rather wait than poll (RFC 7240; MODEL, "Shape of a submission").

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use std::convert::Infallible;

/// The longest we hold a request, in seconds.
pub const LONGEST_WAIT_SECONDS: u64 = 30;

/// The wait asked for, in seconds, at most [`LONGEST_WAIT_SECONDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefer {
    /// `None` when the client said nothing about waiting.
    pub wait: Option<u64>,
}

impl<S: Sync> FromRequestParts<S> for Prefer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self { wait: wait(&parts.headers) })
    }
}

/// A preference that cannot be understood is ignored, as the standard asks; the first one counts.
fn wait(headers: &HeaderMap) -> Option<u64> {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    preferences
        .flat_map(|value| value.split(','))
        .filter_map(|preference| preference.split(';').next()?.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))
        .and_then(|(_, seconds)| seconds.trim().trim_matches('"').parse::<u64>().ok())
        .map(|seconds| seconds.min(LONGEST_WAIT_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn wait_is_found_among_others_and_bounded() {
        for (text, expected) in [
            ("wait=5", Some(5)),
            ("respond-async, Wait = 10", Some(10)),
            ("wait=9000", Some(LONGEST_WAIT_SECONDS)),
            ("wait=soon", None),
            ("return=minimal", None),
        ] {
            let headers =
                HeaderMap::from_iter([(http::HeaderName::from_static("prefer"), HeaderValue::from_static(text))]);
            assert_eq!(wait(&headers), expected, "{text}");
        }
    }
}
