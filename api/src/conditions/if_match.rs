//! `If-Match`: which version a change is about (T14, T15, CX14).

use super::single;
use crate::{error::ApiError, middleware::older_paths::ByOwnPath};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use domain::refusals::Refusal;
use http::{header, request::Parts};

/// The version last read, from `If-Match: "3"`. As an argument it is mandatory (428 without it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i32);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        read(parts)?.ok_or_else(|| Refusal::VersionRequired.into())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, ApiError> {
        Ok(read(parts)?)
    }
}

/// The same, mandatory unless the request came by an older path whose paper knows no versions: the last word counts then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen(pub Option<i32>);

impl<S: Sync> FromRequestParts<S> for Seen {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let versionless = parts.extensions.get::<ByOwnPath>().is_some_and(|ByOwnPath(row)| row.versionless);
        match read(parts)? {
            Some(IfMatch(version)) => Ok(Self(Some(version))),
            None if versionless => Ok(Self(None)),
            None => Err(Refusal::VersionRequired.into()),
        }
    }
}

fn read(parts: &Parts) -> Result<Option<IfMatch>, Refusal> {
    let Some(text) = single(&parts.headers, &header::IF_MATCH)? else { return Ok(None) };
    version(text)
        .map(|version| Some(IfMatch(version)))
        .ok_or_else(|| Refusal::invalid("if-match", "must be the ETag you last read, such as \"3\""))
}

/// Our tags are a quoted number. A weak tag never matches here (RFC 9110 §13.1.1), and `*` says nothing about what
/// was read, so both are refused rather than guessed at.
fn version(tag: &str) -> Option<i32> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn only_a_strong_tag_of_ours_is_read() {
        assert_eq!(version("\"3\""), Some(3));
        for other in ["3", "W/\"3\"", "*", "\"\"", "\"-1\"", "\"+1\"", "\"3\", \"4\"", "\"99999999999\"", "\""] {
            assert_eq!(version(other), None, "{other}");
        }
    }
}
