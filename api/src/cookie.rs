//! The session in a browser's cookie (C18, C19, CX6): set where a client asks for it, read where no `Authorization` is.
//!
//! A browser sends cookies whoever's page asks. So a cookie counts for a change only when the browser says that a page of
//! this very host asks (`Sec-Fetch-Site`, or else `Origin`); `SameSite=Lax` says the same to the browser. What is no
//! browser sends neither header and keeps its own cookies.

use chrono::TimeDelta;
use domain::{
    identity::{SESSION_TOKEN_LIFE, SessionToken},
    refusals::Refusal,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// Its name.
pub const NAME: &str = "session_token";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The token in the cookie, if there is one.
#[must_use]
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == NAME && !value.is_empty()).map(|(_, value)| value)
}

/// Whether a cookie counts for this request.
///
/// # Errors
/// `cross_site` for a change that a page of another host asks for.
pub fn may_count(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let ours = match (text(FETCH_SITE), text(header::ORIGIN)) {
        _ if method.is_safe() => true,
        (Some(site), _) => ["same-origin", "none"].contains(&site),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST)
        }
        (None, None) => true,
    };
    if ours { Ok(()) } else { Err(Refusal::CrossSite) }
}

/// The header that hands the token to a browser; over TLS only where we are reached so.
#[must_use]
pub fn handed(token: &SessionToken, public_url: &str) -> HeaderMap {
    set(&token.token, SESSION_TOKEN_LIFE, public_url)
}

/// The header that takes it away again.
#[must_use]
pub fn taken_away(public_url: &str) -> HeaderMap {
    set("", TimeDelta::zero(), public_url)
}

fn set(value: &str, life: TimeDelta, public_url: &str) -> HeaderMap {
    let secure = if public_url.starts_with("https://") { "; Secure" } else { "" };
    let text = format!("{NAME}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", life.num_seconds());
    let value = HeaderValue::from_str(&text).ok();
    value.into_iter().map(|value| (header::SET_COOKIE, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        assert_eq!(token(&headers(&[("cookie", "a=b; session_token=xyz; c=d")])), Some("xyz"));
        for none in ["", "session_token=", "my_session_token=xyz", "session_tokens=x"] {
            assert_eq!(token(&headers(&[("cookie", none)])), None, "{none}");
        }
    }

    #[test]
    fn another_sites_page_changes_nothing() {
        let counts =
            |method: Method, pairs: &[(&'static str, &'static str)]| may_count(&method, &headers(pairs)).is_ok();
        let host = ("host", "api.example.org");
        assert!(counts(Method::POST, &[host]));
        assert!(counts(Method::POST, &[host, ("sec-fetch-site", "same-origin")]));
        assert!(counts(Method::POST, &[host, ("origin", "https://api.example.org")]));
        assert!(counts(Method::GET, &[host, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")]));
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            for (name, value) in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("origin", "https://evil.test"),
                ("origin", "https://api.example.org.evil.test"),
                ("origin", "null"),
            ] {
                assert!(!counts(method.clone(), &[host, (name, value)]), "{method} {name} {value}");
            }
        }
    }
}
